import { describe, expect, it } from "vitest";
import { batchedOutputs } from "../../src/core/batches";
import { originOf } from "../../src/core/flow";
import { setLinksHidden, setUnusedHidden } from "../../src/core/edits";
import { GraphDocument } from "../../src/core/document";
import { layout } from "../../src/core/geometry";
import { isFields } from "../../src/core/entries";
import { ROOT, type DocumentState, type Json } from "../../src/core/types";
import { readWorkflow } from "../../src/io/read";
import { writeWorkflow } from "../../src/io/write";
import { changesMeaning } from "../../src/net/meaning";
import { toys } from "./toys";

const defs = toys();

interface Drawn {
  readonly id: number;
  readonly type: string;
  readonly inputs?: readonly [string, string, number | null][];
  readonly outputs?: readonly [string, number[]][];
  readonly more?: { readonly [key: string]: Json };
}

function file(nodes: readonly Drawn[], links: readonly (readonly [number, number, number, number, number, string])[], more: { [key: string]: Json } = {}): { [key: string]: Json } {
  return {
    nodes: nodes.map(({ id, type, inputs = [], outputs = [], more: rest = {} }): Json => ({
      id, type, pos: [id * 300, 0], size: [240, 120], flags: {}, order: id, mode: 0, properties: {},
      inputs: inputs.map(([name, kind, link]) => ({ name, type: kind, link })),
      outputs: outputs.map(([name, ids]) => ({ name, type: name, links: ids })),
      ...rest,
    })),
    links: links.map((each) => [...each]),
    groups: [],
    version: 0.4,
    ...more,
  };
}

/** Load → Blur → Show. */
const chain = (blur: { readonly [key: string]: Json } = {}, more: { [key: string]: Json } = {}): DocumentState =>
  readWorkflow(
    file(
      [
        { id: 1, type: "Load", outputs: [["IMAGE", [1]], ["MASK", []]] },
        { id: 2, type: "Blur", inputs: [["image", "IMAGE", 1], ["mask", "MASK", null]], outputs: [["IMAGE", [2]]], more: blur },
        { id: 3, type: "Show", inputs: [["image", "IMAGE", 2]] },
      ],
      [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]],
      more,
    ),
    defs,
  ).state;

describe("the value on a wire", () => {
  it("is that of the output where it starts", () => {
    expect(originOf(chain(), defs, [], "2", "out:IMAGE")).toEqual({ node: "2", output: 0 });
    expect(originOf(chain(), defs, [], "1", "out:MASK")).toEqual({ node: "1", output: 1 });
  });

  it("of a bypassed node is what goes in, and of a muted one nothing", () => {
    expect(originOf(chain({ mode: 4 }), defs, [], "2", "out:IMAGE")).toEqual({ node: "1", output: 0 });
    expect(originOf(chain({ mode: 2 }), defs, [], "2", "out:IMAGE")).toBeUndefined();
  });

  it("of an instance comes from inside, and inside of its input from outside", () => {
    const inner = {
      id: "11111111-2222-4333-8444-555555555555", name: "Soft",
      inputNode: { id: -10, bounding: [0, 0, 90, 60] }, outputNode: { id: -20, bounding: [900, 0, 90, 60] },
      inputs: [{ name: "picture", type: "IMAGE", linkIds: [7] }], outputs: [{ name: "soft", type: "IMAGE", linkIds: [8] }],
      nodes: [{ id: 5, type: "Blur", pos: [300, 0], size: [240, 100], flags: {}, order: 0, mode: 0, properties: {}, inputs: [{ name: "image", type: "IMAGE", link: 7 }], outputs: [{ name: "IMAGE", type: "IMAGE", links: [8] }] }],
      links: [
        { id: 7, origin_id: -10, origin_slot: 0, target_id: 5, target_slot: 0, type: "IMAGE" },
        { id: 8, origin_id: 5, origin_slot: 0, target_id: -20, target_slot: 0, type: "IMAGE" },
      ],
      groups: [],
    };
    const { state } = readWorkflow(
      file(
        [
          { id: 1, type: "Load", outputs: [["IMAGE", [1]], ["MASK", []]] },
          { id: 2, type: inner.id, inputs: [["picture", "IMAGE", 1]], outputs: [["soft", [2]]] },
          { id: 3, type: "Show", inputs: [["image", "IMAGE", 2]] },
        ],
        [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]],
        { definitions: { subgraphs: [inner] } },
      ),
      defs,
    );
    expect(originOf(state, defs, [], "2", "out:soft")).toEqual({ node: "2:5", output: 0 });
    expect(originOf(state, defs, ["2"], "-10", "out:picture")).toEqual({ node: "1", output: 0 });
  });
});

describe("wires with several pictures", () => {
  it("are those behind a setting that says so, until one is taken out", () => {
    const nodes: Drawn[] = [
      { id: 1, type: "EmptyImage", outputs: [["IMAGE", [1]]] },
      { id: 2, type: "Blur", inputs: [["image", "IMAGE", 1]], outputs: [["IMAGE", [2]]] },
      { id: 3, type: "ImageFromBatch", inputs: [["image", "IMAGE", 2]], outputs: [["IMAGE", []]] },
    ];
    const { state } = readWorkflow(file(nodes, [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]]), defs);
    const document = new GraphDocument(state);
    const set = (id: string, name: string, value: number): void =>
      document.transact("set", (t) => {
        const node = t.state.graphs.get(ROOT)?.nodes.get(id);
        if (node) t.put(ROOT, "nodes", id, { ...node, values: { ...node.values, [name]: value } });
      });
    expect(batchedOutputs(document.graph(ROOT)).size).toBe(0);
    set("1", "batch_size", 4);
    set("3", "length", 1);
    expect([...batchedOutputs(document.graph(ROOT))]).toEqual(["1 out:IMAGE", "2 out:IMAGE"]);
    set("3", "length", 2);
    expect(batchedOutputs(document.graph(ROOT)).has("3 out:IMAGE")).toBe(true);
  });
});

describe("hidden links", () => {
  it("are kept in a field of the file that is ours, and change nothing else of it", () => {
    const document = new GraphDocument(chain({}, { extra: { ds: { scale: 1 } } }));
    const before = writeWorkflow(document.state, defs);
    const changes: boolean[] = [];
    document.changed.subscribe((change) => changes.push(changesMeaning(change)));
    document.transact("hide", (t) => setLinksHidden(t, ROOT, ["2"], true));
    expect(changes).toEqual([false]);
    const hidden = writeWorkflow(document.state, defs);
    expect(isFields(hidden) && hidden["extra"]).toEqual({ ds: { scale: 1 }, darkroom_hidden_links: [2] });
    expect({ ...(hidden as object), extra: { ds: { scale: 1 } } }).toEqual(before);
    const again = readWorkflow(hidden, defs).state;
    expect(again.graphs.get(ROOT)?.links.get("2")?.hidden).toBe(true);
    expect(writeWorkflow(again, defs)).toEqual(hidden);
    document.transact("show", (t) => setLinksHidden(t, ROOT, ["2"], false));
    expect(writeWorkflow(document.state, defs)).toEqual(before);
  });

  it("that the file does not have are kept in their list", () => {
    const state = chain({}, { extra: { darkroom_hidden_links: [99, 1] } });
    expect(writeWorkflow(state, defs)).toMatchObject({ extra: { darkroom_hidden_links: [1, 99] } });
  });
});

describe("hidden sockets", () => {
  it("make a sized node smaller by their rows, and larger again", () => {
    const document = new GraphDocument(chain());
    const node = () => document.graph(ROOT).nodes.get("2");
    const size = node()?.size;
    document.transact("hide", (t) => setUnusedHidden(t, ROOT, ["2"], true, defs));
    expect(node()?.properties).toMatchObject({ hidden_sockets: ["in:mask"] });
    const small = node();
    expect(small && layout(small, defs.get("Blur")).inputs.has("in:mask")).toBe(false);
    expect(small?.size[1]).toBeLessThan(size?.[1] ?? 0);
    document.transact("show", (t) => setUnusedHidden(t, ROOT, ["2"], false, defs));
    expect(node()?.size).toEqual(size);
    expect(node()?.properties).not.toHaveProperty("hidden_sockets");
  });
});
