import { beforeEach, describe, expect, it } from "vitest";
import { copy, paste } from "../../src/core/clipboard";
import type { GraphDocument } from "../../src/core/document";
import * as edits from "../../src/core/edits";
import type { GraphNode, Link, NodeDef, NodeId } from "../../src/core/types";
import { readWorkflow } from "../../src/io/read";
import { writeWorkflow } from "../../src/io/write";
import { ROOT, emptyDocument, toys } from "./toys";

const defs = toys();
let document: GraphDocument;

function add(type: string, x = 0): NodeId {
  let id = "";
  document.transact("add", (t) => {
    id = edits.addNode(t, ROOT, defs.get(type) as NodeDef, [x, 0]);
  });
  return id;
}

function node(id: NodeId): GraphNode {
  return document.graph(ROOT).nodes.get(id) as GraphNode;
}

function wire(from: NodeId, fromSocket: string, to: NodeId, toSocket: string): string | undefined {
  let link: string | undefined;
  document.transact("connect", (t) => {
    link = edits.connect(t, ROOT, from, `out:${fromSocket}`, to, `in:${toSocket}`, defs);
  });
  return link;
}

function wires(): string[] {
  return [...document.graph(ROOT).links.values()].map((link: Link) => `${link.from} ${link.fromSocket} > ${link.to} ${link.toSocket}`).sort();
}

/** Load 1 → Blur 2 → Show 3. */
beforeEach(() => {
  document = emptyDocument(() => 0);
  add("Load");
  add("Blur", 300);
  add("Show", 600);
  wire("1", "IMAGE", "2", "image");
  wire("2", "IMAGE", "3", "image");
});

describe("edits", () => {
  it("give a fresh node its type's sockets and defaults", () => {
    expect(node("2").values).toEqual({ radius: 1.5 });
    expect(node("2").inputs.map((each) => [each.id, each.optional])).toEqual([["in:image", false], ["in:mask", true]]);
    expect(node("1").values).toEqual({ image: "a.png", upload: "image" });
  });

  it("wire an input once: a new link takes the place of the old", () => {
    wire("1", "IMAGE", "3", "image");
    expect(wires()).toEqual(["1 out:IMAGE > 2 in:image", "1 out:IMAGE > 3 in:image"]);
    expect(wire("1", "IMAGE", "3", "image")).toBe(wire("1", "IMAGE", "3", "image"));
    expect(wire("1", "IMAGE", "1", "image")).toBeUndefined();
    expect(wire("1", "NOTHING", "3", "image")).toBeUndefined();
  });

  it("wire a setting, which gets its socket", () => {
    const count = add("Count");
    wire(count, "INT", "2", "radius");
    expect(node("2").inputs.at(-1)).toMatchObject({ id: "in:radius", type: "FLOAT", widget: "radius" });
    const written = writeWorkflow(document.state, defs) as { nodes: { inputs: unknown[] }[] };
    expect(written.nodes[1]?.inputs[2]).toEqual({ name: "radius", type: "FLOAT", widget: { name: "radius" }, link: 3 });
  });

  it("remove nodes with their links, or heal the chain", () => {
    document.transact("remove", (t) => edits.removeNodes(t, ROOT, ["2"]));
    expect(wires()).toEqual([]);
    document.undo();
    document.transact("heal", (t) => edits.removeNodes(t, ROOT, ["2"], { heal: true }));
    expect(wires()).toEqual(["1 out:IMAGE > 3 in:image"]);
    document.undo();
    document.transact("pull", (t) => edits.pullOut(t, ROOT, ["2"]));
    expect([wires(), document.graph(ROOT).nodes.size]).toEqual([["1 out:IMAGE > 3 in:image"], 3]);
  });

  it("heal over several nodes", () => {
    const second = add("Blur");
    document.transact("insert", (t) => edits.insertOnLink(t, ROOT, second, "2", defs));
    expect(wires()).toEqual(["1 out:IMAGE > 2 in:image", `2 out:IMAGE > ${second} in:image`, `${second} out:IMAGE > 3 in:image`].sort());
    document.transact("heal", (t) => edits.removeNodes(t, ROOT, ["2", second], { heal: true }));
    expect(wires()).toEqual(["1 out:IMAGE > 3 in:image"]);
  });

  it("never use the id of a removed node again", () => {
    document.transact("remove", (t) => edits.removeNodes(t, ROOT, ["3"]));
    expect(add("Show")).toBe("4");
  });

  it("do not insert a node where it does not fit", () => {
    const count = add("Count");
    document.transact("insert", (t) => expect(edits.insertOnLink(t, ROOT, count, "1", defs)).toBe(false));
  });

  it("duplicate nodes with the links between them, and with those from outside on demand", () => {
    document.transact("duplicate", (t) => expect([...edits.duplicate(t, ROOT, ["2", "3"])]).toEqual([["2", "4"], ["3", "5"]]));
    expect(wires()).toEqual(["1 out:IMAGE > 2 in:image", "2 out:IMAGE > 3 in:image", "4 out:IMAGE > 5 in:image"]);
    document.undo();
    document.transact("duplicate", (t) => edits.duplicate(t, ROOT, ["2"], { withInputs: true }));
    expect(wires()).toContain("1 out:IMAGE > 4 in:image");
  });

  it("copy and paste, into another file as well", () => {
    const text = copy(document, ROOT, ["2", "3"], defs);
    let pasted: NodeId[] = [];
    document.transact("paste", (t) => {
      pasted = paste(t, ROOT, text, [1000, 500], defs, { keepInputs: true });
    });
    expect(pasted.map((id) => node(id).pos)).toEqual([[1000, 500], [1300, 500]]);
    expect(wires()).toContain(`1 out:IMAGE > ${pasted[0]} in:image`);
    const other = emptyDocument();
    other.transact("paste", (t) => paste(t, ROOT, text, [0, 0], defs, { keepInputs: true }));
    expect(other.graph(ROOT).links.size).toBe(1);
    expect(() => other.transact("paste", (t) => paste(t, ROOT, "{}", [0, 0], defs))).toThrow("no workflow");
  });

  it("swap the two inputs of a node", () => {
    const mix = add("Mix");
    wire("1", "IMAGE", mix, "first");
    wire("2", "IMAGE", mix, "second");
    document.transact("swap", (t) => expect(edits.swapInputs(t, ROOT, mix)).toBe(true));
    expect(wires()).toEqual(expect.arrayContaining([`1 out:IMAGE > ${mix} in:second`, `2 out:IMAGE > ${mix} in:first`]));
  });

  it("connect what is selected in its order", () => {
    document.transact("cut", (t) => edits.disconnect(t, ROOT, ["1", "2"]));
    document.transact("wire", (t) => expect(edits.connectSelected(t, ROOT, ["1", "2", "3"], defs)).toBe(2));
    expect(wires()).toEqual(["1 out:IMAGE > 2 in:image", "2 out:IMAGE > 3 in:image"]);
  });

  it("move all links of a socket", () => {
    const other = add("Load");
    wire("1", "IMAGE", "3", "image");
    document.transact("move", (t) => expect(edits.moveLinks(t, ROOT, "output", "1", "out:IMAGE", other, "out:IMAGE")).toBe(2));
    expect(wires()).toEqual([`${other} out:IMAGE > 2 in:image`, `${other} out:IMAGE > 3 in:image`]);
  });

  it("bend links, and forget bends that no link passes", () => {
    document.transact("bend", (t) => {
      const first = edits.addReroute(t, ROOT, "1", [100, 0]);
      edits.addReroute(t, ROOT, "1", [200, 0]);
      edits.addReroute(t, ROOT, "1", [50, 0], first);
    });
    const file = writeWorkflow(document.state, defs) as { extra: { reroutes: unknown; linkExtensions: unknown } };
    expect(file.extra.linkExtensions).toEqual([{ id: 1, parentId: 2 }]);
    expect(file.extra.reroutes).toMatchObject([{ id: 1, parentId: 3, linkIds: [1] }, { id: 2, parentId: 1 }, { id: 3, pos: [50, 0] }]);
    document.transact("straighten", (t) => edits.removeReroute(t, ROOT, "1"));
    expect(document.graph(ROOT).reroutes.get("2")?.parent).toBe("3");
    expect(readWorkflow(writeWorkflow(document.state, defs), defs).state.graphs.get(ROOT)?.reroutes).toEqual(document.graph(ROOT).reroutes);
    document.transact("cut", (t) => edits.disconnect(t, ROOT, ["1"]));
    expect(document.graph(ROOT).reroutes.size).toBe(0);
  });

  it("hide sockets without links", () => {
    document.transact("hide", (t) => edits.setUnusedHidden(t, ROOT, ["2"], true));
    expect(node("2").properties["hidden_sockets"]).toEqual(["in:mask"]);
    document.transact("show", (t) => edits.setUnusedHidden(t, ROOT, ["2"], false));
    expect(node("2").properties).not.toHaveProperty("hidden_sockets");
  });

  it("mute, and unmute what is muted already", () => {
    const toggle = () => document.transact("mute", (t) => edits.setMode(t, ROOT, ["1", "2"], 2, { toggle: true }));
    document.transact("mute", (t) => edits.setMode(t, ROOT, ["1"], 2));
    toggle();
    expect([node("1").mode, node("2").mode]).toEqual([2, 2]);
    toggle();
    expect([node("1").mode, node("2").mode]).toEqual([0, 0]);
  });
});
