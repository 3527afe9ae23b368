import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GraphModel } from "../../src/canvas/model";
import { connect, disconnect, moveNodes, removeNodes, setValue } from "../../src/core/edits";
import { bench, link, node, state } from "./bench";

describe("the model", () => {
  it("that follows edits is the model that reads everything again", () => {
    const step = fc.tuple(fc.constantFrom("move", "remove", "connect", "disconnect", "undo", "redo"), fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const nodes = Array.from({ length: 6 }, (_, index) => node(String(index), [index * 250, index * 40], ["X"], ["X"]));
        const { editor, model } = bench(state(nodes, [link("1", "0", "1", "X"), link("2", "1", "2", "X")]));
        for (const [kind, a, b] of steps) {
          if (kind === "undo") editor.document.undo();
          else if (kind === "redo") editor.document.redo();
          else
            editor.document.transact(kind, (t) => {
              if (kind === "move") moveNodes(t, "root", [String(a)], b * 10 + 1, -a);
              else if (kind === "remove") removeNodes(t, "root", [String(a)]);
              else if (kind === "connect") connect(t, "root", String(a), "out:x", String(b), "in:x");
              else disconnect(t, "root", [String(a)]);
            });
        }
        const fresh = new GraphModel(editor);
        expect(new Set(model.nodes.keys())).toEqual(new Set(fresh.nodes.keys()));
        for (const [id, shape] of fresh.nodes) expect(model.nodes.get(id)?.rect).toEqual(shape.rect);
        expect(new Set(model.links.keys())).toEqual(new Set(fresh.links.keys()));
        for (const [id, shape] of fresh.links) expect(model.links.get(id)?.chain).toEqual(shape.chain);
        for (const id of fresh.nodes.keys()) expect(new Set(model.linksOf(id))).toEqual(new Set(fresh.linksOf(id)));
        expect(model.bounds).toEqual(fresh.bounds);
      }),
      { numRuns: 60 },
    );
  });

  it("calls typing into a setting quiet, and a move not", () => {
    const { editor } = bench(state([node("a", [0, 0])]));
    const model = new GraphModel(editor);
    const seen: boolean[] = [];
    editor.document.changed.subscribe((change) => seen.push(model.follow(change).quiet));
    editor.document.transact("Type", (t) => setValue(t, "root", "a", "text", "a red house"));
    editor.document.transact("Move", (t) => moveNodes(t, "root", ["a"], 8, 0));
    expect(seen).toEqual([true, false]);
    expect(model.nodes.get("a")?.node.values["text"]).toBe("a red house");
  });
});
