/** Copying and pasting. The clipboard holds a workflow of its own, so that files can be pasted and copies saved. */

import { isFields } from "./entries";
import { connect } from "./wires";
import { freshId, freshLocalId, isBoundary } from "./ids";
import { contains } from "./instances";
import type { Transaction } from "./document";
import { parseJson, printJson } from "../io/json";
import { readWorkflow } from "../io/read";
import { writeWorkflow } from "../io/write";
import { ROOT, type Definitions, type DocumentState, type Graph, type GraphId, type GraphNode, type Group, type GroupId, type Json, type Link, type NodeId, type Point, type Reroute } from "./types";

/** Where in the copied workflow the links from nodes that were not copied stand. */
const INPUTS = "darkroom_inputs";

/** The nodes, the links between them and the definitions of their subgraphs, as text. */
export function copy(
  { state }: { readonly state: DocumentState },
  graphId: GraphId,
  ids: Iterable<NodeId>,
  definitions: Definitions,
  groups: Iterable<GroupId> = [],
): string {
  const graph = state.graphs.get(graphId);
  const wanted = new Set(ids);
  const nodes = new Map<NodeId, GraphNode>();
  for (const node of graph?.nodes.values() ?? []) if (wanted.has(node.id) && !isBoundary(node)) nodes.set(node.id, node);
  const links = new Map<string, Link>();
  const incoming: Json[] = [];
  for (const link of graph?.links.values() ?? []) {
    if (!nodes.has(link.to)) continue;
    if (nodes.has(link.from)) links.set(link.id, link);
    else incoming.push([link.from, link.fromSocket, link.to, link.toSocket]);
  }
  const reroutes = new Map<string, Reroute>();
  for (const link of links.values()) {
    for (let id = link.reroute; id !== undefined && !reroutes.has(id); id = reroutes.get(id)?.parent) {
      const reroute = graph?.reroutes.get(id);
      if (reroute) reroutes.set(id, reroute);
    }
  }
  const frames = new Map<GroupId, Group>();
  for (const id of groups) {
    const group = graph?.groups.get(id);
    if (group) frames.set(id, group);
  }
  const root: Graph = { id: ROOT, name: "", nodes, links, groups: frames, reroutes, rest: {} };
  const graphs = new Map<GraphId, Graph>([[ROOT, root]]);
  for (const id of subgraphsOf(state, root)) {
    const inner = state.graphs.get(id);
    if (inner) graphs.set(id, inner);
  }
  return printJson(writeWorkflow({ graphs, rest: { extra: { [INPUTS]: incoming } } }, definitions));
}

/** The subgraphs whose instances stand in a graph, and theirs. */
function subgraphsOf(state: DocumentState, root: Graph): Set<GraphId> {
  const found = new Set<GraphId>();
  const waiting = [root];
  for (let graph = waiting.pop(); graph; graph = waiting.pop()) {
    for (const node of graph.nodes.values()) {
      const inner = state.graphs.get(node.type);
      if (!inner || found.has(node.type) || node.type === ROOT) continue;
      found.add(node.type);
      waiting.push(inner);
    }
  }
  return found;
}

/**
 * Puts what was copied into a graph, its upper left corner at a point, and returns the new nodes.
 *
 * keepInputs: the links from nodes that were not copied are drawn as well, where those nodes stand in this graph
 * Throws an Error with words for the user where the text is no workflow.
 */
export function paste(
  t: Transaction,
  graphId: GraphId,
  text: string,
  at: Point,
  definitions: Definitions,
  options: { readonly keepInputs?: boolean } = {},
): NodeId[] {
  const json = parseJson(text);
  const { state } = readWorkflow(json, definitions);
  const source = state.graphs.get(ROOT);
  if (!source || !t.state.graphs.has(graphId)) return [];
  for (const [id, graph] of state.graphs) if (id !== ROOT && !t.state.graphs.has(id)) t.putGraph(id, graph);
  const [left, top] = cornerOf(source);
  const [dx, dy] = [at[0] - left, at[1] - top];
  const nodes = pasteNodes(t, graphId, source, dx, dy);
  pasteLinks(t, graphId, source, nodes, pasteReroutes(t, graphId, source, dx, dy));
  for (const group of source.groups.values()) {
    const id = freshLocalId(t, graphId, "groups");
    const { id: _, ...rest } = group.rest;
    t.put(graphId, "groups", id, { ...group, id, pos: [group.pos[0] + dx, group.pos[1] + dy], rest });
  }
  if (options.keepInputs) pasteInputs(t, graphId, state, nodes, definitions);
  return [...nodes.values()];
}

function cornerOf(graph: Graph): Point {
  let [left, top] = [Infinity, Infinity];
  for (const { pos } of [...graph.nodes.values(), ...graph.groups.values()]) {
    left = Math.min(left, pos[0]);
    top = Math.min(top, pos[1]);
  }
  return left === Infinity ? [0, 0] : [left, top];
}

function pasteNodes(t: Transaction, graphId: GraphId, source: Graph, dx: number, dy: number): Map<NodeId, NodeId> {
  const nodes = new Map<NodeId, NodeId>();
  for (const node of source.nodes.values()) {
    // An instance inside its own definition would never end.
    if (t.state.graphs.has(node.type) && contains(t.state, node.type, graphId)) continue;
    const id = freshId(t, "nodes");
    nodes.set(node.id, id);
    const { id: _, pos: __, size: ___, ...rest } = node.rest;
    t.put(graphId, "nodes", id, { ...node, id, pos: [node.pos[0] + dx, node.pos[1] + dy], rest });
  }
  return nodes;
}

function pasteReroutes(t: Transaction, graphId: GraphId, source: Graph, dx: number, dy: number): Map<string, string> {
  const ids = new Map<string, string>();
  for (const reroute of source.reroutes.values()) {
    const id = freshLocalId(t, graphId, "reroutes");
    ids.set(reroute.id, id);
    t.put(graphId, "reroutes", id, { id, pos: [reroute.pos[0] + dx, reroute.pos[1] + dy], rest: reroute.rest });
  }
  for (const reroute of source.reroutes.values()) {
    const [id, parent] = [ids.get(reroute.id), reroute.parent === undefined ? undefined : ids.get(reroute.parent)];
    const made = id === undefined ? undefined : t.state.graphs.get(graphId)?.reroutes.get(id);
    if (made && parent !== undefined) t.put(graphId, "reroutes", made.id, { ...made, parent });
  }
  return ids;
}

function pasteLinks(t: Transaction, graphId: GraphId, source: Graph, nodes: ReadonlyMap<NodeId, NodeId>, reroutes: ReadonlyMap<string, string>): void {
  for (const link of source.links.values()) {
    const [from, to] = [nodes.get(link.from), nodes.get(link.to)];
    if (from === undefined || to === undefined) continue;
    const id = freshId(t, "links");
    const { reroute: old, ...straight } = link;
    const reroute = old === undefined ? undefined : reroutes.get(old);
    const { id: _, ...rest } = link.rest;
    t.put(graphId, "links", id, { ...straight, id, from, to, ...(reroute === undefined ? {} : { reroute }), rest });
  }
}

function pasteInputs(t: Transaction, graphId: GraphId, state: DocumentState, nodes: ReadonlyMap<NodeId, NodeId>, definitions: Definitions): void {
  const extra = state.rest["extra"];
  const listed = isFields(extra) ? extra[INPUTS] : undefined;
  for (const each of Array.isArray(listed) ? listed : []) {
    if (!Array.isArray(each)) continue;
    const [from, fromSocket, to, toSocket] = each;
    const target = typeof to === "string" ? nodes.get(to) : undefined;
    if (target === undefined || typeof from !== "string" || typeof fromSocket !== "string" || typeof toSocket !== "string") continue;
    connect(t, graphId, from, fromSocket, target, toSocket, definitions);
  }
}

/** Whether a text on the clipboard looks like something `paste` takes. */
export function isPastable(text: string): boolean {
  return /^\s*\{/.test(text) && text.includes('"nodes"');
}
