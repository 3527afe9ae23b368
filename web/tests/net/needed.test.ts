import { describe, expect, it } from "vitest";
import { INPUT_NODE, INPUT_NODE_TYPE, OUTPUT_NODE, OUTPUT_NODE_TYPE } from "../../src/core/ids";
import { ROOT, type Definitions, type Graph, type GraphNode, type Link, type Mode, type NodeDef } from "../../src/core/types";
import { goalsAt, neededNodes, outputsAfter } from "../../src/net/needed";

const BARE = { pos: [0, 0], size: [1, 1], mode: 0, collapsed: false, pinned: false, inputs: [], outputs: [], values: {}, properties: {}, rest: {} } as const;

/** nodes: "id type" or "id type mode"; wires: "from.a > to.b" */
function graph(id: string, nodes: readonly string[], wires: readonly string[]): Graph {
  const made = nodes.map((each): [string, GraphNode] => {
    const [name = "", type = "", mode = "0"] = each.split(" ");
    return [name, { ...BARE, id: name, type, mode: Number(mode) as Mode }];
  });
  const links = wires.map((each, index): [string, Link] => {
    const [from = "", to = ""] = each.split(" > ");
    const [source = "", out = ""] = from.split(".");
    const [target = "", into = ""] = to.split(".");
    return [String(index), { id: String(index), from: source, fromSocket: `out:${out}`, to: target, toSocket: `in:${into}`, type: "*", rest: {} }];
  });
  return { id, name: "", nodes: new Map(made), links: new Map(links), groups: new Map(), reroutes: new Map(), rest: {} };
}

const DEFS: Definitions = { get: (type) => (type === "Save" ? ({ isOutput: true } as NodeDef) : undefined), all: () => [] };
const state = (...graphs: Graph[]) => ({ graphs: new Map(graphs.map((each) => [each.id, each])), rest: {} });
const sorted = (ids: Iterable<string>): string[] => [...ids].sort();

const CHAIN = state(
  graph(ROOT, ["1 Load", "2 Blur", "3 Save", "4 Blur", "5 Save", "6 Reroute", "7 Note", "8 Blur 4", "9 Blur 2"], [
    "1.a > 2.a",
    "2.a > 3.a",
    "1.a > 6.a",
    "6.a > 8.a",
    "8.a > 4.a",
    "4.a > 5.a",
    "9.a > 5.b",
  ]),
);

const INNER = graph("box", [`${INPUT_NODE} ${INPUT_NODE_TYPE}`, `${OUTPUT_NODE} ${OUTPUT_NODE_TYPE}`, "3 Blur", "4 Blur", "5 Save"], [
  `${INPUT_NODE}.left > 3.a`,
  `${INPUT_NODE}.right > 4.a`,
  `3.a > ${OUTPUT_NODE}.one`,
  `4.a > ${OUTPUT_NODE}.two`,
  "4.a > 5.a",
]);
const NESTED = state(INNER, graph(ROOT, ["1 Load", "2 Load", "12 box", "7 Save"], ["1.a > 12.left", "2.a > 12.right", "12.one > 7.a"]));

describe("the nodes that a run visits", () => {
  it("are those that lead to something that gives results, past what does not run", () => {
    expect(sorted(neededNodes(CHAIN, DEFS))).toEqual(["1", "2", "3", "4", "5"]);
  });
  it("are fewer when a run goes to one node only, whatever its kind", () => {
    expect(sorted(neededNodes(CHAIN, DEFS, ["2"]))).toEqual(["1", "2"]);
    expect(sorted(neededNodes(CHAIN, DEFS, ["4"]))).toEqual(["1", "4"]);
  });
  it("have the ids that runs give them inside of subgraphs, and only what the wires ask for", () => {
    expect(sorted(neededNodes(NESTED, DEFS, ["7"]))).toEqual(["1", "12:3", "7"]);
    expect(sorted(neededNodes(NESTED, DEFS, ["12:4"]))).toEqual(["12:4", "2"]);
    expect(sorted(neededNodes(NESTED, DEFS))).toEqual(["1", "12:3", "12:4", "12:5", "2", "7"]);
  });
  it("of an instance are all that it holds", () => {
    expect(sorted(neededNodes(NESTED, DEFS, ["12"]))).toEqual(["1", "12:3", "12:4", "12:5", "2"]);
  });
});

describe("the goals of a run to chosen nodes", () => {
  it("are the nodes themselves by their run ids", () => {
    expect(goalsAt(CHAIN, [], ["2", "4"])).toEqual(["2", "4"]);
    expect(goalsAt(NESTED, ["12"], ["3"])).toEqual(["12:3"]);
    expect(goalsAt(NESTED, [], ["12"])).toEqual(["12"]);
  });
  it("are what feeds a node that does not run", () => {
    expect(goalsAt(CHAIN, [], ["8"])).toEqual(["1"]);
    expect(goalsAt(NESTED, ["12"], [OUTPUT_NODE])).toEqual(["12:3", "12:4"]);
    expect(goalsAt(CHAIN, [], ["7", "gone"])).toEqual([]);
  });
});

describe("the outputs after chosen nodes", () => {
  it("are those that take from them", () => {
    expect(outputsAfter(CHAIN, DEFS, [], ["2"])).toEqual(["3"]);
    expect(sorted(outputsAfter(CHAIN, DEFS, [], ["1"]))).toEqual(["3", "5"]);
    expect(outputsAfter(NESTED, DEFS, ["12"], ["4"])).toEqual(["12:5"]);
    expect(sorted(outputsAfter(NESTED, DEFS, [], ["12"]))).toEqual(["12:5", "7"]);
  });
});
