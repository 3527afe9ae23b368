import { describe, expect, it } from "vitest";
import { arranged } from "../../src/core/arrange";
import { copy, paste } from "../../src/core/clipboard";
import { GraphDocument } from "../../src/core/document";
import { duplicate, moveNodes, removeNodes } from "../../src/core/edits";
import { layout } from "../../src/core/geometry";
import { downstream, topologicalOrder, upstream, wouldLoop } from "../../src/core/order";
import { ROOT } from "../../src/core/types";
import { parseJson } from "../../src/io/json";
import { readWorkflow } from "../../src/io/read";
import { printWorkflow } from "../../src/io/write";
import { chainFile, toys } from "./toys";

const defs = toys();

/** Milliseconds that some work takes, the best of three. */
function milliseconds(work: () => void): number {
  let best = Infinity;
  for (let run = 0; run < 3; run += 1) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

describe("a large graph", () => {
  it("of 1,000 nodes is read in 300 ms and one of 2,000 in a second", () => {
    const [small, large] = [1000, 2000].map((count) => JSON.stringify(chainFile(count))) as [string, string];
    const times = [milliseconds(() => readWorkflow(small, defs)), milliseconds(() => readWorkflow(large, defs))];
    console.info(`read 1,000 nodes ${times[0]?.toFixed(1)} ms, 2,000 nodes ${times[1]?.toFixed(1)} ms`);
    expect(times[0]).toBeLessThan(300);
    expect(times[1]).toBeLessThan(1000);
  });

  it("of 2,000 nodes is written, laid out, moved, copied and removed without a wait", () => {
    const document = new GraphDocument(readWorkflow(chainFile(2000), defs).state);
    const ids = [...document.graph(ROOT).nodes.keys()];
    const times = {
      write: milliseconds(() => printWorkflow(document.state, defs)),
      layout: milliseconds(() => [...document.graph(ROOT).nodes.values()].forEach((node) => layout({ ...node }, defs.get(node.type)))),
      moveOne: milliseconds(() => document.transact("move", (t) => moveNodes(t, ROOT, ["5"], 8, 0))),
      duplicate: milliseconds(() => {
        document.transact("duplicate", (t) => duplicate(t, ROOT, ids));
        document.undo();
      }),
      paste: milliseconds(() => {
        const text = copy(document, ROOT, ids, defs);
        document.transact("paste", (t) => paste(t, ROOT, text, [0, 0], defs));
        document.undo();
      }),
      remove: milliseconds(() => {
        document.transact("remove", (t) => removeNodes(t, ROOT, ids.slice(1, 1000)));
        document.undo();
      }),
      heal: milliseconds(() => {
        document.transact("heal", (t) => removeNodes(t, ROOT, ids.slice(1, 500), { heal: true }));
        document.undo();
      }),
    };
    console.info(Object.entries(times).map(([name, time]) => `${name} ${time.toFixed(1)} ms`).join(", "));
    for (const [name, time] of Object.entries(times)) expect(time, name).toBeLessThan(1000);
    expect(times.moveOne).toBeLessThan(16);
  });

  it("may be a chain of 10,000 links", () => {
    const { state, warnings } = readWorkflow(parseJson(JSON.stringify(chainFile(10_001))), defs);
    expect(warnings).toEqual([]);
    const document = new GraphDocument(state);
    const graph = document.graph(ROOT);
    expect(topologicalOrder(graph)).toEqual(Array.from({ length: 10_001 }, (_, at) => String(at + 1)));
    expect(upstream(graph, ["10001"]).size).toBe(10_001);
    expect(downstream(graph, ["1"]).size).toBe(10_001);
    expect(wouldLoop(graph, "10001", "1")).toBe(true);
    expect(arranged(graph, defs).size).toBe(10_001);
    expect(printWorkflow(state, defs).length).toBeGreaterThan(1_000_000);
  }, 30_000);

  it("may have chains of 10,000 reroutes and subgraphs in subgraphs", () => {
    const file = chainFile(2);
    const reroutes = Array.from({ length: 10_000 }, (_, at) => ({ id: at + 1, ...(at ? { parentId: at } : {}), pos: [at, 0], linkIds: [1] }));
    const text = JSON.stringify({ ...file, extra: { reroutes, linkExtensions: [{ id: 1, parentId: 10_000 }] } });
    const { state, warnings } = readWorkflow(text, defs);
    expect(warnings).toEqual([]);
    expect(JSON.parse(printWorkflow(state, defs))).toMatchObject({ extra: { reroutes } });
    const subgraphs = Array.from({ length: 2000 }, (_, at) => ({ id: `s${at}`, name: "s", version: 1, nodes: [{ ...(chainFile(1)["nodes"] as object[])[0], id: 1, type: `s${at + 1}` }], links: [], inputs: [], outputs: [] }));
    const nested = readWorkflow(JSON.stringify({ ...file, definitions: { subgraphs } }), defs);
    expect(printWorkflow(nested.state, defs)).toContain("s1999");
  }, 30_000);
});
