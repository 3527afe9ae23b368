import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDefinitions } from "../../src/core/schema";
import { GraphDocument } from "../../src/core/document";
import { setValue } from "../../src/core/edits";
import type { Json } from "../../src/core/types";
import { readApi } from "../../src/io/api";
import { parseJson, printJson } from "../../src/io/json";
import { readWorkflow } from "../../src/io/read";
import { printWorkflow, writeWorkflow } from "../../src/io/write";
import { ROOT, chainFile, toys } from "../core/toys";

const defs = toys();
const SEED = "18446744073709551615";

function node(type: string, more: { [key: string]: Json } = {}): { [key: string]: Json } {
  return { id: 1, type, pos: [0, 0], size: [200, 100], flags: {}, order: 0, mode: 0, inputs: [], outputs: [], properties: {}, ...more };
}

function file(...nodes: Json[]): { [key: string]: Json } {
  return { last_node_id: 9, last_link_id: 0, nodes, links: [], groups: [], config: {}, extra: {}, version: 0.4 };
}

/** What the node of a file with one node is, read, changed and written. */
function rewritten(raw: Json, change?: [name: string, value: Json]): { [key: string]: Json } {
  const document = new GraphDocument(readWorkflow(parseJson(printJson(file(raw))), defs).state);
  if (change) document.transact("set", (t) => setValue(t, ROOT, "1", change[0], change[1]));
  const written = writeWorkflow(document.state, defs) as { nodes: { [key: string]: Json }[] };
  return written.nodes[0] ?? {};
}

function read(raw: Json) {
  return readWorkflow(file(raw), defs).state.graphs.get(ROOT)?.nodes.get("1");
}

describe("settings", () => {
  it("are known by name, and seeds of 64 bits survive as text", () => {
    const text = `{"nodes":[{"id":1,"type":"Count","widgets_values":[${SEED},"fixed",20,"hello"]}],"links":[],"version":0.4}`;
    const { state } = readWorkflow(text, defs);
    expect(state.graphs.get(ROOT)?.nodes.get("1")?.values).toEqual({ seed: SEED, control_after_generate: "fixed", steps: 20, text: "hello" });
    expect(printWorkflow(state, defs)).toContain(`"widgets_values":[${SEED},"fixed",20,"hello"]`);
  });

  it("of an unknown type keep large numbers and everything else in their place", () => {
    const text = `{"nodes":[{"id":1,"type":"Nobody","widgets_values":[${SEED},null,"${SEED}",{"a":[${SEED}]}]}],"links":[],"version":0.4}`;
    expect(printWorkflow(readWorkflow(text, defs).state, defs)).toContain(`"widgets_values":[${SEED},null,"${SEED}",{"a":[${SEED}]}]`);
  });

  it("are read by the names that the file gives", () => {
    const raw = node("Count", { widgets_values: [7, "x"], properties: { widget_names: ["steps", "text"] } });
    expect(read(raw)?.values).toEqual({ steps: 7, text: "x" });
    expect(rewritten(raw)).toMatchObject({ widgets_values: [7, "x"], properties: { widget_names: ["steps", "text"] } });
    expect(rewritten(raw, ["steps", 8])).toMatchObject({ widgets_values: [8, "x"] });
    expect(rewritten(raw, ["seed", SEED])["widgets_values"]).toEqual([`\uE000${SEED}`, "randomize", 7, "x"]);
  });

  it("may be an object, as some packs write it", () => {
    const raw = node("Count", { widgets_values: { steps: 7, extra: { deep: true } } });
    expect(rewritten(raw, ["steps", 9])["widgets_values"]).toEqual({ steps: 9, extra: { deep: true } });
  });

  it("may lack the controls, or have too many values", () => {
    expect(read(node("Count", { widgets_values: [5, 20, "x"] }))?.values).toEqual({ seed: 5, steps: 20, text: "x" });
    const surplus = node("Blur", { widgets_values: [2, "spare"] });
    expect(read(surplus)?.values).toEqual({ radius: 2 });
    expect(rewritten(surplus)["widgets_values"]).toEqual([2, "spare"]);
    expect(rewritten(surplus, ["radius", 3])["widgets_values"]).toEqual([3, "spare"]);
  });

  it("of a growing choice follow the chosen option", () => {
    const inner = (name: string) => ({ required: { [name]: ["INT", { default: 4 }] } });
    const options = [{ key: "a", inputs: inner("x") }, { key: "b", inputs: inner("y") }];
    const growing = readDefinitions({ Grow: { input: { required: { mode: ["COMFY_DYNAMICCOMBO_V3", { options }], last: ["FLOAT", {}] } }, output: [] } });
    const source = file(node("Grow", { widgets_values: ["b", 7, 0.5] }));
    const { state } = readWorkflow(source, growing);
    expect(state.graphs.get(ROOT)?.nodes.get("1")?.values).toEqual({ mode: "b", "mode.y": 7, last: 0.5 });
    const document = new GraphDocument(state);
    document.transact("set", (t) => setValue(t, ROOT, "1", "mode", "a"));
    expect(printWorkflow(document.state, growing)).toContain('"widgets_values":["a",4,0.5]');
  });
});

describe("a node", () => {
  it("keeps unknown fields, ids of text, places as objects and numbers of any fraction", () => {
    const raw = node("Blur", { id: "12", pos: { "0": 0.1, "1": 0.3 }, size: [200.7, 46.1], boxcolor: "#123", flags: { collapsed: true, other: 1 }, showAdvanced: true });
    const { state } = readWorkflow(file(raw), defs);
    const [written] = (writeWorkflow(state, defs) as { nodes: Json[] }).nodes;
    expect(written).toMatchObject({ id: "12", pos: [0.1, 0.3], size: [200.7, 46.1], boxcolor: "#123", flags: { collapsed: true, other: 1 }, showAdvanced: true });
  });

  it("stays where two have one id, with the links at the first", () => {
    const { state, warnings } = readWorkflow(file(node("Blur"), node("Show")), defs);
    expect(warnings.length).toBe(1);
    expect((writeWorkflow(state, defs) as { nodes: { id: Json }[] }).nodes.map((each) => each.id)).toEqual([1, 1]);
  });
});

describe("links", () => {
  it("go to the input that names them, whatever the list says", () => {
    const source = chainFile(2);
    const moved = { ...source, links: [[1, 1, 0, 2, 5, "IMAGE"]] };
    expect(writeWorkflow(readWorkflow(moved, defs).state, defs)).toMatchObject({ links: [[1, 1, 0, 2, 0, "IMAGE"]] });
  });

  it("without ends are left out with a word", () => {
    const { state, warnings } = readWorkflow({ ...chainFile(2), links: [[1, 99, 0, 2, 0, "IMAGE"], null, [7], "x"] }, defs);
    expect(state.graphs.get(ROOT)?.links.size).toBe(0);
    expect(warnings.length).toBe(4);
  });

  it("are objects in a file of version 1, and stay so", () => {
    const source = { ...chainFile(2), version: 1, state: { lastNodeId: 2, lastLinkId: 1 }, reroutes: [{ id: 1, pos: [5, 5], linkIds: [1] }], links: [{ id: 1, origin_id: 1, origin_slot: 0, target_id: 2, target_slot: 0, type: "IMAGE", parentId: 1 }] };
    const { last_node_id: _, last_link_id: __, ...modern } = source as { [key: string]: Json };
    const written = writeWorkflow(readWorkflow(modern, defs).state, defs);
    expect(written).toMatchObject({ links: source.links, reroutes: source.reroutes, state: source.state, version: 1 });
  });
});

describe("bad files", () => {
  it.each(["", "[]", "1", "{}", '{"nodes":{}}', "not json", "<html>"])("are refused in words: %s", (text) => {
    expect(() => readWorkflow(text, defs)).toThrow(/^This is no/);
  });

  it("never break the reader, and what was read can be written and read again", () => {
    const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
    const some = (good: fc.Arbitrary<Json>) => fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: json });
    const id = some(fc.nat(5));
    const slot = some(fc.record({ name: some(fc.constantFrom("image", "radius", "")), type: some(fc.constant("IMAGE")), link: id, links: some(fc.array(id)), widget: some(fc.constant({ name: "radius" })), shape: id }, { requiredKeys: [] }) as fc.Arbitrary<Json>);
    const anyNode = some(
      fc.record(
        { id, type: some(fc.constantFrom("Blur", "Count", "Load", "Nobody", "s", "Reroute", "PrimitiveNode", "__proto__", "constructor")), pos: some(fc.tuple(fc.nat(), fc.nat())), size: json, mode: id, flags: json, inputs: some(fc.array(slot)), outputs: some(fc.array(slot)), properties: some(fc.constant({ widget_names: ["a"] })), widgets_values: some(fc.array(json)), title: json },
        { requiredKeys: ["id", "type"] },
      ) as fc.Arbitrary<Json>,
    );
    const graph = {
      nodes: fc.array(anyNode, { maxLength: 6 }),
      links: some(fc.array(some(fc.tuple(id, id, id, id, id, json) as fc.Arbitrary<Json>))),
      groups: some(fc.array(json)),
      reroutes: some(fc.array(some(fc.record({ id, parentId: id, pos: fc.constant<Json>([1, 2]) }) as fc.Arbitrary<Json>))),
    };
    const subgraph = some(fc.record({ id: fc.constantFrom("s", "t", "root"), ...graph, inputs: some(fc.array(slot)), outputs: some(fc.array(slot)), inputNode: json, outputNode: json }) as fc.Arbitrary<Json>);
    const workflow = fc.record({ ...graph, version: some(fc.constantFrom(0.4, 1)), extra: json, definitions: some(fc.record({ subgraphs: some(fc.array(subgraph)) }) as fc.Arbitrary<Json>) }, { requiredKeys: ["nodes"] });
    fc.assert(
      fc.property(workflow, (raw) => {
        const { state } = readWorkflow(raw as Json, defs);
        const once = printWorkflow(state, defs);
        expect(printWorkflow(readWorkflow(once, defs).state, defs)).toBe(once);
      }),
      { numRuns: 150 },
    );
  }, 120_000);
});

describe("a prompt in API form", () => {
  const prompt = {
    "3": { class_type: "Blur", inputs: { image: ["1", 0], radius: 2.5 }, _meta: { title: "Soft" } },
    "1": { class_type: "Load", inputs: { image: "b.png" } },
    "5:7": { class_type: "Show", inputs: { image: ["3", 0] } },
    "9": { class_type: "Nobody", inputs: { thing: ["3", 2], list: { __value__: [1, 2] } } },
  };

  it("becomes an arranged graph", () => {
    const { state, warnings } = readApi(prompt, defs);
    const graph = state.graphs.get(ROOT);
    expect(warnings).toEqual([]);
    expect(graph?.nodes.get("3")).toMatchObject({ title: "Soft", values: { radius: 2.5 } });
    expect(graph?.nodes.get("9")?.values).toEqual({ list: [1, 2] });
    expect(graph?.links.size).toBe(3);
    expect(graph?.nodes.get("3")?.pos[0]).toBeGreaterThan(graph?.nodes.get("1")?.pos[0] ?? 0);
    expect(readWorkflow(writeWorkflow(state, defs), defs).warnings).toEqual([]);
  });

  it("is told from other JSON", () => {
    for (const json of [{}, { a: 1 }, [], chainFile(1)]) expect(() => readApi(json as Json, defs)).toThrow("no prompt");
    expect(readApi({ "1": { class_type: "Show", inputs: { image: ["4", 0] } }, x: 3 }, defs).warnings.length).toBe(2);
  });
});
