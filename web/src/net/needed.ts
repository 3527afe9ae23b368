/** Which nodes a run visits: the outputs that are asked for, and what leads to them. */

import { linksInto } from "../core/wires";
import { ROOT, type Definitions, type DocumentState, type Graph, type GraphId, type NodeId } from "../core/types";
import { isVirtual } from "../core/virtual";

/** Nodes of the root graph. targets: the ones to run, all that give results when undefined. */
export function neededNodes(state: DocumentState, definitions: Definitions, targets?: Iterable<NodeId>): Set<NodeId> {
  const graph = state.graphs.get(ROOT);
  const found = new Set<NodeId>();
  if (!graph) return found;
  const waiting = [...(targets ?? outputsIn(state, graph, definitions))];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id) || !graph.nodes.has(id)) continue;
    found.add(id);
    for (const link of linksInto(graph, id).values()) waiting.push(link.from);
  }
  for (const id of [...found]) {
    const node = graph.nodes.get(id);
    if (!node || isOff(node.mode) || isVirtual(node.type)) found.delete(id);
  }
  return found;
}

/** The outputs to run so that these nodes of a graph run: themselves where they are some, else what takes from them. */
export function targetsFor(state: DocumentState, definitions: Definitions, graphId: GraphId, nodes: Iterable<NodeId>): NodeId[] {
  const root = state.graphs.get(ROOT);
  if (!root) return [];
  const starts = graphId === ROOT ? nodes : instancesOf(root, graphId);
  const outputs = new Set(outputsIn(state, root, definitions));
  const found = new Set<NodeId>();
  const seen = new Set<NodeId>();
  const waiting = [...starts];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    if (outputs.has(id)) {
      found.add(id);
      continue;
    }
    for (const link of root.links.values()) if (link.from === id) waiting.push(link.to);
  }
  return [...found];
}

/** The ids by which the server knows outputs: of a subgraph's instance "57" those inside, "57:3". */
export function flatTargets(state: DocumentState, definitions: Definitions, outputs: Iterable<NodeId>): NodeId[] {
  const root = state.graphs.get(ROOT);
  if (!root) return [];
  return [...outputs].flatMap((id) => flat(state, definitions, id, root.nodes.get(id)?.type ?? "", 0));
}

const DEEPEST = 32;

function flat(state: DocumentState, definitions: Definitions, id: string, type: string, depth: number): string[] {
  const inner = state.graphs.get(type);
  if (!inner) return [id];
  if (depth > DEEPEST) return [];
  return outputsIn(state, inner, definitions).flatMap((each) => flat(state, definitions, `${id}:${each}`, inner.nodes.get(each)?.type ?? "", depth + 1));
}

/** Nodes of a graph that give results, subgraphs with such a node inside among them. */
function outputsIn(state: DocumentState, graph: Graph, definitions: Definitions): NodeId[] {
  return [...graph.nodes.values()].filter((node) => !isOff(node.mode) && givesResults(state, node.type, definitions, new Set())).map((node) => node.id);
}

function givesResults(state: DocumentState, type: string, definitions: Definitions, seen: Set<string>): boolean {
  const inner = state.graphs.get(type);
  if (!inner || seen.has(type)) return !inner && definitions.get(type)?.isOutput === true;
  seen.add(type);
  return [...inner.nodes.values()].some((node) => givesResults(state, node.type, definitions, seen));
}

function instancesOf(root: Graph, graph: GraphId): NodeId[] {
  return [...root.nodes.values()].filter((node) => node.type === graph).map((node) => node.id);
}

function isOff(mode: number): boolean {
  return mode === 2 || mode === 4;
}
