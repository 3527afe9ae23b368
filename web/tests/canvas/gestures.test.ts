import { describe, expect, it } from "vitest";
import { Shake } from "../../src/canvas/tools/shake";
import { alignedPlaces } from "../../src/canvas/tools/aligning";
import type { Definitions, Point } from "../../src/core/types";
import { bench, converter, group, link, node, state, type Bench } from "./bench";

/** a gives X and Y, b takes X, c takes X and Y, all in a row; g frames a. */
function desk(definitions?: Definitions): Bench {
  const nodes = [node("a", [0, 0], [], ["X", "Y"]), node("b", [400, 0], ["X"], ["X"]), node("c", [800, 0], ["X", "Y"])];
  return bench(state(nodes, [link("1", "a", "b", "X"), link("2", "b", "c", "X")], [group("g", [-40, -60], [300, 260])]), definitions);
}

const at = ({ model }: Bench, id: string, socket: string): Point => model.socketPoint(id, socket) ?? [NaN, NaN];
const pos = ({ model }: Bench, id: string): Point | undefined => model.nodes.get(id)?.node.pos;
const wires = ({ model }: Bench): string[] => [...model.links.values()].map(({ link: l }) => `${l.from}.${l.fromSocket}>${l.to}.${l.toSocket}`).sort();

describe("dragging nodes", () => {
  it("writes one move when the nodes are put down, and undo puts them back", () => {
    const b = desk();
    b.drag([[50, 10], [60, 20], [80, 45]]);
    expect(pos(b, "a")).toEqual([30, 35]);
    expect(b.editor.document.undo()).toBe("Move");
    expect(pos(b, "a")).toEqual([0, 0]);
    expect(b.editor.document.canUndo).toBe(false);
  });

  it("writes nothing to the document before the release", () => {
    const b = desk();
    const before = b.editor.document.state;
    b.drag([[50, 10], [160, 220]], { end: "none" });
    expect(b.editor.document.state).toBe(before);
    expect([...(b.lifted.nodes ?? [])]).toEqual(["a"]);
    expect([...(b.lifted.links ?? [])]).toEqual(["1"]);
  });

  it("leaves no trace when it is cancelled, in the document or the selection", () => {
    const b = desk();
    b.editor.select(["c"]);
    b.drag([[50, 10], [160, 220]], { end: "cancel" });
    expect(b.editor.document.canUndo).toBe(false);
    expect([...b.editor.selection]).toEqual(["c"]);
    expect(b.lifted).toEqual({});
    expect(b.calls.at(-1)).toEqual(["shift", "a", 0, 0]);
  });

  it("moves the whole selection, but nothing that is pinned", () => {
    const b = desk();
    b.editor.document.transact("Pin", (t) => t.put("root", "nodes", "c", { ...node("c", [800, 0], ["X", "Y"]), pinned: true }));
    b.editor.select(["a", "b", "c"]);
    b.drag([[50, 10], [50, 110]]);
    expect([pos(b, "a"), pos(b, "b"), pos(b, "c")]).toEqual([[0, 100], [400, 100], [800, 0]]);
  });

  it("snaps to the grid with Shift", () => {
    const b = desk();
    b.editor.select(["a"]);
    b.drag([[50, 10], [63, 231]], { shift: true });
    expect(pos(b, "a")).toEqual([16, 224]);
  });

  it("selects by a click, and adds or takes away with Shift", () => {
    const b = desk();
    b.drag([[50, 10]]);
    b.drag([[450, 10]], { shift: true });
    expect([...b.editor.selection]).toEqual(["a", "b"]);
    b.drag([[50, 10]], { shift: true });
    expect([...b.editor.selection]).toEqual(["b"]);
  });

  it("copies with Alt: the node stays, its copy is where it was dropped", () => {
    const b = desk();
    b.drag([[50, 10], [50, 310]], { alt: true });
    expect(b.model.nodes.size).toBe(4);
    expect(pos(b, "a")).toEqual([0, 0]);
    const [copy = ""] = b.editor.selection;
    expect(pos(b, copy)).toEqual([0, 300]);
  });

  it("puts a node into the link that it is dropped on, and slides the next one over", () => {
    const b = desk();
    b.editor.document.transact("Add", (t) => t.put("root", "nodes", "d", node("d", [300, 400], ["X"], ["X"])));
    const wire = at(b, "a", "out:x");
    b.drag([[350, 410], [350, 300], [250, wire[1] - 18]]);
    expect(wires(b)).toContain("a.out:x>d.in:x");
    expect(wires(b)).toContain("d.out:x>b.in:x");
    expect(pos(b, "b")?.[0]).toBeGreaterThan(400);
    b.editor.document.undo();
    expect(wires(b)).toEqual(["a.out:x>b.in:x", "b.out:x>c.in:x"]);
    expect(pos(b, "b")).toEqual([400, 0]);
  });

  it("a frame that is dragged by its title carries its nodes", () => {
    const b = desk();
    b.drag([[100, -45], [100, 55]]);
    expect(pos(b, "a")).toEqual([0, 100]);
    expect(b.model.graph.groups.get("g")?.pos).toEqual([-40, 40]);
    b.editor.document.undo();
    expect(b.model.graph.groups.get("g")?.pos).toEqual([-40, -60]);
  });

  it("a frame takes a node in when F is pressed", () => {
    const b = desk();
    const gesture = b.drag([[450, 10], [240, 160]], { end: "none" });
    expect(gesture.key?.("KeyF")).toBe(true);
    gesture.release({ graph: [240, 160], screen: [240, 160], shift: false, alt: true, mod: false, touch: false, time: 0, travelled: 200 });
    expect(b.model.graph.groups.get("g")?.size[0]).toBeGreaterThan(300);
  });
});

describe("wiring", () => {
  it("connects by a drag from socket to socket", () => {
    const b = desk();
    b.drag([at(b, "a", "out:y"), [500, 300], at(b, "c", "in:y")]);
    expect(wires(b)).toContain("a.out:y>c.in:y");
  });

  it("dropped on a node's body, picks the best socket", () => {
    const b = desk();
    b.drag([at(b, "a", "out:y"), [500, 300], [900, 85]]);
    expect(wires(b)).toContain("a.out:y>c.in:y");
  });

  it("stays loose after a click, until the next one", () => {
    const b = desk();
    const gesture = b.drag([at(b, "a", "out:y")], { end: "none" });
    const pointer = { screen: [0, 0] as Point, shift: false, alt: false, mod: false, touch: false, time: 0 };
    expect(gesture.release({ ...pointer, graph: at(b, "a", "out:y"), travelled: 0 })).toBe(true);
    expect(gesture.release({ ...pointer, graph: at(b, "c", "in:y"), travelled: 0 })).toBe(false);
    expect(wires(b)).toContain("a.out:y>c.in:y");
  });

  it("asks for a node when it is dropped on nothing", () => {
    const b = desk();
    b.drag([at(b, "a", "out:y"), [300, 500]]);
    expect(b.calls).toContainEqual(["addNodeAt", [300, 500], [300, 500], { node: "a", socket: "out:y" }]);
    expect(b.editor.document.canUndo).toBe(false);
  });

  it("says why a socket does not take it", () => {
    const b = desk();
    b.drag([at(b, "a", "out:y"), [300, 400], at(b, "b", "in:x")], { end: "none" });
    expect(b.hint).toBe("x wants X, y gives Y");
  });

  it("does not close a circle", () => {
    const b = desk();
    b.editor.document.transact("Add", (t) => t.put("root", "nodes", "c", node("c", [800, 0], ["X"], ["X"])));
    b.drag([at(b, "c", "out:x"), [600, 300], at(b, "b", "in:x")], { end: "none" });
    expect(b.hint).toBe("That would close a circle");
  });

  it("puts a conversion between types that almost fit", () => {
    const def = converter("YToX", "Y", "X");
    const b = desk({ get: (type) => (type === "YToX" ? def : undefined), all: () => [def] });
    b.drag([at(b, "a", "out:y"), [300, 400], at(b, "b", "in:x")]);
    const made = [...b.model.nodes.values()].find(({ node: each }) => each.type === "YToX")?.node.id ?? "";
    expect(wires(b)).toContain(`a.out:y>${made}.in:y`);
    expect(wires(b)).toContain(`${made}.out:x>b.in:x`);
    expect(b.editor.document.undo()).toBe("Connect through a conversion");
    expect(b.editor.document.canUndo).toBe(false);
  });

  it("picks the wire of an input up, and drops it into nothing", () => {
    const b = desk();
    b.drag([at(b, "b", "in:x"), [300, 500]]);
    expect(wires(b)).toEqual(["b.out:x>c.in:x"]);
  });

  it("moves a picked up wire to another input in one step", () => {
    const b = desk();
    b.drag([at(b, "b", "in:x"), [500, 300], at(b, "c", "in:x")]);
    expect(wires(b)).toEqual(["a.out:x>c.in:x"]);
    b.editor.document.undo();
    expect(wires(b)).toEqual(["a.out:x>b.in:x", "b.out:x>c.in:x"]);
  });

  it("leaves no trace when it is cancelled", () => {
    const b = desk();
    b.drag([at(b, "b", "in:x"), [300, 500]], { end: "cancel" });
    expect(b.editor.document.canUndo).toBe(false);
    expect(b.lifted).toEqual({});
    expect(b.hint).toBeUndefined();
  });

  it("moves all links of a socket with Mod, and breaks them with Alt", () => {
    const b = desk();
    b.drag([at(b, "a", "out:x"), [300, 300], at(b, "b", "out:x")], { mod: true });
    expect(wires(b)).toEqual(["a.out:x>b.in:x", "b.out:x>c.in:x"]);
    b.drag([at(b, "b", "out:x")], { alt: true });
    expect(wires(b)).toEqual(["a.out:x>b.in:x"]);
  });

  it("wires node to node with Alt and the right button", () => {
    const b = desk();
    b.drag([[50, 60], [500, 300], [900, 85]], { alt: true, button: 2 });
    expect(wires(b)).toContain("a.out:x>c.in:x");
  });
});

describe("strokes and bends", () => {
  it("cuts the links that a stroke with Y crosses", () => {
    const b = desk();
    b.drag([[300, -200], [300, 300]], { keys: new Set(["KeyY"]) });
    expect(wires(b)).toEqual(["b.out:x>c.in:x"]);
  });

  it("adds reroutes where a stroke with Shift and the right button crosses", () => {
    const b = desk();
    b.drag([[300, -200], [300, 300]], { shift: true, button: 2 });
    expect([...b.model.reroutes]).toHaveLength(1);
    expect(b.model.links.get("1")?.chain).toHaveLength(3);
  });

  it("adds a second reroute on the right side of the first, drags it, and takes it out", () => {
    const b = desk();
    const [x, y] = at(b, "a", "out:x");
    b.drag([[x + 150, y]], { alt: true });
    b.drag([[x + 60, y]], { alt: true });
    const xs = (): number[] => b.model.links.get("1")?.chain.map(([each]) => Math.round(each - x)) ?? [];
    expect(xs()).toEqual([0, 60, 150, 200]);
    b.drag([[x + 60, y], [x + 70, y + 200]]);
    expect(xs()).toEqual([0, 70, 150, 200]);
    b.drag([[x + 150, y]], { alt: true });
    expect(xs()).toEqual([0, 70, 200]);
  });
});

describe("selecting and panning", () => {
  it("selects what the marquee touches, and a click on nothing clears it", () => {
    const b = desk();
    b.drag([[300, 300], [450, 50]]);
    expect([...b.editor.selection]).toEqual(["b"]);
    b.drag([[700, 300], [850, 50]], { shift: true });
    expect([...b.editor.selection]).toEqual(["b", "c"]);
    b.drag([[300, 300]]);
    expect(b.editor.selection.size).toBe(0);
  });

  it("restores the selection when it is cancelled", () => {
    const b = desk();
    b.editor.select(["c"]);
    b.drag([[300, 300], [450, 50]], { end: "cancel" });
    expect([...b.editor.selection]).toEqual(["c"]);
  });

  it("pans with Space, the middle button and one finger", () => {
    for (const options of [{ keys: new Set(["Space"]) }, { button: 1 }, { touch: true }]) {
      const b = desk();
      b.drag([[50, 10], [150, 60]], options);
      expect(b.editor.camera).toEqual({ x: -100, y: -50, zoom: 1 });
      expect(b.editor.document.canUndo).toBe(false);
    }
  });

  it("one finger moves a node that is selected", () => {
    const b = desk();
    b.editor.select(["a"]);
    b.drag([[50, 10], [50, 210]], { touch: true });
    expect(pos(b, "a")).toEqual([0, 200]);
  });

  it("lines the selection up along a swipe with A", () => {
    const b = desk();
    const shapes = [...b.model.nodes.values()];
    expect([...alignedPlaces(shapes, true).values()].map(([, y]) => y)).toEqual([0, 0, 0]);
    b.editor.select(["a", "b"]);
    b.drag([[300, 300], [300, 500]], { keys: new Set(["KeyA"]) });
    expect(pos(b, "b")?.[0]).toBe(pos(b, "a")?.[0]);
  });

  it("sizes a node by its corner, not below what it needs", () => {
    const b = desk();
    const rect = b.model.nodes.get("b")?.rect ?? { x: 0, y: 0, width: 0, height: 0 };
    b.drag([[rect.x + rect.width - 3, rect.y + rect.height - 3], [rect.x - 500, rect.y - 500]]);
    const after = b.model.nodes.get("b")?.rect;
    expect(after?.width).toBeGreaterThan(50);
    expect(after?.height).toBeGreaterThan(28);
  });
});

describe("a shake", () => {
  it("is several quick turns, not a slow walk to and fro", () => {
    const felt = (gap: number): boolean => {
      const shake = new Shake();
      return Array.from({ length: 14 }, (_, index) => shake.feel(index % 2 === 0 ? 0 : 40, index * gap)).includes(true);
    };
    expect(felt(60)).toBe(true);
    expect(felt(400)).toBe(false);
  });
});
