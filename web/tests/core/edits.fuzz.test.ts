import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copy, paste } from "../../src/core/clipboard";
import { applied, GraphDocument, inverted, type Transaction } from "../../src/core/document";
import * as edits from "../../src/core/edits";
import { makeSubgraph, unpackSubgraph } from "../../src/core/subgraphs";
import type { Change, DocumentState, Graph, GraphId, Mode } from "../../src/core/types";
import { printJson } from "../../src/io/json";
import { readWorkflow } from "../../src/io/read";
import { writeWorkflow } from "../../src/io/write";
import { definitions, drawnFiles } from "../io/fixtures";

const defs = definitions();
const files = drawnFiles();
const KINDS = 22;

interface Command {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

const command: fc.Arbitrary<Command> = fc.record({
  kind: fc.nat(KINDS - 1),
  a: fc.nat(1000),
  b: fc.nat(1000),
  c: fc.nat(1000),
});

function pick<T>(values: Iterable<T>, at: number): T | undefined {
  const list = [...values];
  return list[at % Math.max(list.length, 1)];
}

/** Some edit, chosen and aimed by numbers. */
function perform(t: Transaction, graphId: GraphId, { kind, a, b, c }: Command): void {
  const graph = t.state.graphs.get(graphId) as Graph;
  const node = pick(graph.nodes.values(), a);
  const other = pick(graph.nodes.values(), b);
  const link = pick(graph.links.keys(), b);
  const ids = [node, other].flatMap((each) => each?.id ?? []);
  const def = pick(defs.all(), a * 7 + b);
  if (kind === 0 && def) edits.addNode(t, graphId, def, [a, b], defs);
  if (!node || !other) return;
  const steps: Record<number, () => unknown> = {
    1: () => edits.removeNodes(t, graphId, ids, { heal: c % 2 === 0 }),
    2: () => edits.moveNodes(t, graphId, ids, b - 500, c - 500),
    3: () => edits.setValue(t, graphId, node.id, pick(Object.keys(node.values), b) ?? "x", c),
    4: () => edits.setTitle(t, graphId, node.id, c % 3 ? `T${c}` : ""),
    5: () => edits.setMode(t, graphId, ids, (c % 5) as Mode, { toggle: true }),
    6: () => edits.setCollapsed(t, graphId, ids, c % 2 === 0),
    7: () => edits.setPinned(t, graphId, ids, c % 2 === 0),
    8: () => edits.resize(t, graphId, node.id, [b, c]),
    9: () => edits.connect(t, graphId, node.id, pick(node.outputs, b)?.id ?? "", other.id, pick(other.inputs, c)?.id ?? "", defs),
    10: () => link !== undefined && edits.disconnect(t, graphId, [link]),
    11: () => link !== undefined && edits.insertOnLink(t, graphId, node.id, link, defs),
    12: () => link !== undefined && edits.addReroute(t, graphId, link, [a, b], pick(graph.reroutes.keys(), c)),
    13: () => edits.moveReroute(t, graphId, pick(graph.reroutes.keys(), c) ?? "", [a, b]),
    14: () => edits.addGroup(t, graphId, `G${c}`, [a, b], [c, c]),
    15: () => edits.setGroup(t, graphId, pick(graph.groups.keys(), a) ?? "", { title: `g${c}`, color: c % 2 ? "#fff" : undefined }),
    16: () => edits.duplicate(t, graphId, ids, { withInputs: c % 2 === 0 }),
    17: () => edits.swapInputs(t, graphId, node.id),
    18: () => edits.connectSelected(t, graphId, ids, defs),
    19: () => edits.removeReroute(t, graphId, pick(graph.reroutes.keys(), c) ?? ""),
    20: () => makeSubgraph(t, graphId, ids, defs, { id: `made-${a}-${b}-${c}-${t.state.graphs.size}` }) ?? 0,
    21: () => (t.state.graphs.has(node.type) ? unpackSubgraph(t, graphId, node.id, defs) : paste(t, graphId, copy(t, graphId, ids, defs), [a, b], defs, { keepInputs: c % 2 === 0 })),
  };
  steps[kind]?.();
}

function text(state: DocumentState): string {
  return printJson(writeWorkflow(state, defs));
}

/** Every link has both its sockets, an input one link, and every chain of reroutes an end. */
function checkWhole(state: DocumentState): void {
  for (const graph of state.graphs.values()) {
    const taken = new Set<string>();
    for (const [id, node] of graph.nodes) expect(node.id).toBe(id);
    for (const link of graph.links.values()) {
      expect(graph.nodes.get(link.from)?.outputs.some((each) => each.id === link.fromSocket), `start of link ${link.id}`).toBe(true);
      expect(graph.nodes.get(link.to)?.inputs.some((each) => each.id === link.toSocket), `end of link ${link.id}`).toBe(true);
      const key = `${link.to} ${link.toSocket}`;
      if (link.to !== "-20") expect(taken.has(key), `two links at ${key}`).toBe(false);
      taken.add(key);
      if (link.reroute !== undefined) expect(graph.reroutes.has(link.reroute)).toBe(true);
    }
    for (const reroute of graph.reroutes.values()) if (reroute.parent !== undefined) expect(graph.reroutes.has(reroute.parent)).toBe(true);
  }
}

/** The content of a state, whatever the order of its tables. */
function content(state: DocumentState): unknown {
  const sorted = (map: ReadonlyMap<string, unknown>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    state.rest,
    sorted(state.graphs).map(([, graph]) => {
      const { nodes, links, groups, reroutes, ...rest } = graph as Graph;
      return [rest, sorted(nodes), sorted(links), sorted(groups), sorted(reroutes)];
    }),
  ];
}

describe("a random sequence of edits", () => {
  it("is undone to the same file and redone to the same file, step by step", () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(command, { minLength: 1, maxLength: 25 }), fc.nat(), (file, commands, where) => {
        const source = files[file % files.length]?.[1] ?? "";
        const { state } = readWorkflow(source, defs);
        const document = new GraphDocument(state, () => 0);
        const graphId = pick(state.graphs.keys(), where) ?? "root";
        const texts = [text(document.state)];
        const changes: Change[] = [];
        document.changed.subscribe((change) => changes.push(change));
        for (const [index, each] of commands.entries()) {
          const before = document.state;
          const count = changes.length;
          // An edit may remove the subgraph that the next one would be in.
          const target = document.state.graphs.has(graphId) ? graphId : "root";
          document.transact(`edit ${index}`, (t) => perform(t, target, each));
          const change = changes[count];
          if (!change) continue;
          expect(content(applied(before, change.ops))).toEqual(content(document.state));
          expect(content(applied(document.state, inverted(change.ops)))).toEqual(content(before));
          texts.push(text(document.state));
        }
        checkWhole(document.state);
        for (const wanted of texts.slice(0, -1).reverse()) {
          document.undo();
          expect(text(document.state)).toBe(wanted);
        }
        expect(document.canUndo).toBe(false);
        expect(document.dirty).toBe(false);
        for (const wanted of texts.slice(1)) {
          document.redo();
          expect(text(document.state)).toBe(wanted);
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it("leaves a file that reads back to itself", () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(command, { minLength: 1, maxLength: 15 }), (file, commands) => {
        const document = new GraphDocument(readWorkflow(files[file % files.length]?.[1] ?? "", defs).state);
        document.transact("edits", (t) => commands.forEach((each) => perform(t, "root", each)));
        const written = text(document.state);
        const reading = readWorkflow(written, defs);
        expect(reading.warnings).toEqual([]);
        expect(text(reading.state)).toBe(written);
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
