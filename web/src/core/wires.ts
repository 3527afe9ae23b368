/** Edits of links and reroutes. */

import { HIDDEN, hiddenSockets } from "./geometry";
import { freshId, freshLocalId, isBoundary } from "./ids";
import { bestSocket, fits } from "./match";
import { inputsOf, outputsOfNode } from "./schema";
import { definitionOf } from "./instances";
import { widgetsFor } from "./widgets";
import type { Transaction } from "./document";
import type { Definitions, Graph, GraphId, GraphNode, Link, LinkId, NodeId, Point, RerouteId, Socket, SocketId } from "./types";

/** Whether two states of a link join the same ends; bends and tags are looks. */
export function sameWire(before: Link, after: Link): boolean {
  return before.from === after.from && before.fromSocket === after.fromSocket && before.to === after.to && before.toSocket === after.toSocket;
}

/** The links that end at a node, by the socket. */
export function linksInto(graph: Graph, node: NodeId): Map<SocketId, Link> {
  const found = new Map<SocketId, Link>();
  for (const link of graph.links.values()) if (link.to === node) found.set(link.toSocket, link);
  return found;
}

/** The links that start at a node, at one of its sockets where that is given. */
export function linksOutOf(graph: Graph, node: NodeId, socket?: SocketId): Link[] {
  return [...graph.links.values()].filter((link) => link.from === node && (socket === undefined || link.fromSocket === socket));
}

/**
 * Wires an output to an input, in the place of the link that the input had. Returns the link, undefined where an end is not there.
 *
 * definitions: knows sockets that the nodes do not have yet, such as those of settings
 */
export function connect(
  t: Transaction,
  graphId: GraphId,
  from: NodeId,
  fromSocket: SocketId,
  to: NodeId,
  toSocket: SocketId,
  definitions?: Definitions,
): LinkId | undefined {
  const output = ensured(t, graphId, from, "outputs", fromSocket, "*", definitions);
  const input = output && ensured(t, graphId, to, "inputs", toSocket, output.type, definitions);
  if (!input || !output || from === to) return undefined;
  const graph = t.state.graphs.get(graphId);
  const old = graph ? [...graph.links.values()].filter((link) => link.to === to && link.toSocket === toSocket) : [];
  const same = old.find((link) => link.from === from && link.fromSocket === fromSocket);
  if (same) return same.id;
  removeLinks(t, graphId, old.map((link) => link.id));
  const id = freshId(t, "links");
  const type = output.type === "*" || output.type === "" ? input.type : output.type;
  t.put(graphId, "links", id, { id, from, fromSocket, to, toSocket, type, rest: {} });
  return id;
}

/** The socket of a node, which the node gets where only its type or its settings know it. */
function ensured(
  t: Transaction,
  graphId: GraphId,
  id: NodeId,
  side: "inputs" | "outputs",
  socket: SocketId,
  type: string,
  definitions: Definitions | undefined,
): Socket | undefined {
  const node = t.state.graphs.get(graphId)?.nodes.get(id);
  if (!node) return undefined;
  if (hiddenSockets(node).includes(socket)) reveal(t, graphId, node, socket);
  const known = node[side].find((each) => each.id === socket);
  if (known) return known;
  const def = definitions && definitionOf(t.state, definitions, node.type);
  const offered = side === "inputs" ? inputsOf(node, def, def ? widgetsFor(def, node.values) : []) : outputsOfNode(node, def);
  const name = socket.slice(3);
  const setting = side === "inputs" && socket.startsWith("in:") && Object.hasOwn(node.values, name);
  const fresh = offered.find((each) => each.id === socket) ?? (setting ? { id: socket, name, type, widget: name, rest: {} } : undefined);
  const now = t.state.graphs.get(graphId)?.nodes.get(id) ?? node;
  if (fresh) t.put(graphId, "nodes", id, { ...now, [side]: [...node[side], fresh] });
  return fresh;
}

/** A socket that gets a wire is not hidden any more. */
function reveal(t: Transaction, graphId: GraphId, node: GraphNode, socket: SocketId): void {
  const { [HIDDEN]: _, ...properties } = node.properties;
  const left = hiddenSockets(node).filter((each) => each !== socket);
  t.put(graphId, "nodes", node.id, { ...node, properties: left.length ? { ...properties, [HIDDEN]: left } : properties });
}

/** Removes links, and the reroutes that no link passes any more. */
export function removeLinks(t: Transaction, graphId: GraphId, ids: Iterable<LinkId>): void {
  const graph = t.state.graphs.get(graphId);
  if (!graph) return;
  const last = new Set<RerouteId>();
  for (const id of ids) {
    const link = graph.links.get(id);
    if (link?.reroute !== undefined) last.add(link.reroute);
    t.put(graphId, "links", id, undefined);
  }
  if (last.size) pruneReroutes(t, graphId, last);
}

/** Removes links. */
export const disconnect = removeLinks;

/** Puts tags in the place of wires, or wires again. */
export function setLinksHidden(t: Transaction, graphId: GraphId, ids: Iterable<LinkId>, hidden: boolean): void {
  for (const id of ids) {
    const link = t.state.graphs.get(graphId)?.links.get(id);
    if (!link || (link.hidden ?? false) === hidden) continue;
    const { hidden: _, ...shown } = link;
    t.put(graphId, "links", id, hidden ? { ...link, hidden } : shown);
  }
}

/** Removes what is left unused of the chains that lead to these reroutes. */
function pruneReroutes(t: Transaction, graphId: GraphId, ends: ReadonlySet<RerouteId>): void {
  const graph = t.state.graphs.get(graphId);
  if (!graph) return;
  const used = new Set<RerouteId>();
  const mark = (start: RerouteId | undefined): void => {
    for (let id = start; id !== undefined && !used.has(id); id = graph.reroutes.get(id)?.parent) used.add(id);
  };
  for (const link of graph.links.values()) mark(link.reroute);
  for (const reroute of graph.reroutes.values()) if (reroute.rest["floating"] !== undefined) mark(reroute.id);
  const gone: RerouteId[] = [];
  const seen = new Set<RerouteId>();
  for (const end of ends) {
    for (let id: RerouteId | undefined = end; id !== undefined && !used.has(id) && !seen.has(id); id = graph.reroutes.get(id)?.parent) {
      seen.add(id);
      gone.push(id);
    }
  }
  for (const id of gone) t.put(graphId, "reroutes", id, undefined);
}

/** Moves all links of a socket to another of the same side, where they fit. Returns how many moved. */
export function moveLinks(
  t: Transaction,
  graphId: GraphId,
  side: "input" | "output",
  node: NodeId,
  socket: SocketId,
  toNode: NodeId,
  toSocket: SocketId,
  definitions?: Definitions,
): number {
  const graph = t.state.graphs.get(graphId);
  if (!graph || (node === toNode && socket === toSocket)) return 0;
  let moved = 0;
  for (const link of [...graph.links.values()]) {
    if (side === "output" && link.from === node && link.fromSocket === socket && link.to !== toNode) {
      if (connect(t, graphId, toNode, toSocket, link.to, link.toSocket, definitions) !== undefined) moved += 1;
    } else if (side === "input" && link.to === node && link.toSocket === socket && link.from !== toNode) {
      if (connect(t, graphId, link.from, link.fromSocket, toNode, toSocket, definitions) === undefined) continue;
      removeLinks(t, graphId, [link.id]);
      moved += 1;
    }
  }
  return moved;
}

/** Puts a node into a link: its source goes into the node, the node's fitting output on to the target. False where no sockets fit. */
export function insertOnLink(t: Transaction, graphId: GraphId, id: NodeId, linkId: LinkId, definitions?: Definitions): boolean {
  const graph = t.state.graphs.get(graphId);
  const node = graph?.nodes.get(id);
  const link = graph?.links.get(linkId);
  if (!graph || !node || !link || link.from === id || link.to === id || isBoundary(node)) return false;
  const ends = insertionSockets(graph, node, link, (type) => definitions && definitionOf(t.state, definitions, type));
  if (!ends) return false;
  const wired = connect(t, graphId, link.from, link.fromSocket, id, ends.input.id, definitions);
  return wired !== undefined && connect(t, graphId, id, ends.output.id, link.to, link.toSocket, definitions) !== undefined;
}

/** The sockets by which a node would stand in a link; undefined where it cannot. */
export function insertionSockets(
  graph: Graph,
  node: GraphNode,
  link: Link,
  defOf: (type: string) => ReturnType<Definitions["get"]> = () => undefined,
): { readonly input: Socket; readonly output: Socket } | undefined {
  const source = graph.nodes.get(link.from)?.outputs.find((each) => each.id === link.fromSocket);
  const target = graph.nodes.get(link.to)?.inputs.find((each) => each.id === link.toSocket);
  if (!source || !target) return undefined;
  const def = defOf(node.type);
  const taken = linksInto(graph, node.id);
  const wires = inputsOf(node, def).filter((each) => each.widget === undefined && !taken.has(each.id));
  const input = bestSocket({ type: source.type, name: target.name, side: "output" }, wires);
  const output = bestSocket({ type: target.type, name: target.name, side: "input" }, outputsOfNode(node, def));
  return input && output ? { input, output } : undefined;
}

/** Wires nodes in their order: each output to the first free input that fits, on and on. Returns the number of links. */
export function connectSelected(t: Transaction, graphId: GraphId, ids: readonly NodeId[], definitions?: Definitions): number {
  let made = 0;
  for (const [index, id] of ids.entries()) {
    const next = ids[index + 1];
    const graph = t.state.graphs.get(graphId);
    const [from, to] = [graph?.nodes.get(id), next === undefined ? undefined : graph?.nodes.get(next)];
    if (!graph || !from || !to) continue;
    const def = (type: string) => definitions && definitionOf(t.state, definitions, type);
    const pair = bestPair(graph, from, to, def);
    if (pair && connect(t, graphId, from.id, pair.output.id, to.id, pair.input.id, definitions) !== undefined) made += 1;
  }
  return made;
}

/** The output of one node and the free input of another that fit best. */
export function bestPair(
  graph: Graph,
  from: GraphNode,
  to: GraphNode,
  defOf: (type: string) => ReturnType<Definitions["get"]> = () => undefined,
): { readonly output: Socket; readonly input: Socket } | undefined {
  const taken = linksInto(graph, to.id);
  const free = inputsOf(to, defOf(to.type)).filter((each) => !taken.has(each.id));
  for (const inputs of [free.filter((each) => each.widget === undefined), free]) {
    for (const exact of [true, false]) {
      for (const output of outputsOfNode(from, defOf(from.type))) {
        const input = bestSocket({ type: output.type, name: output.name, side: "output" }, inputs);
        if (input && (!exact || input.type === output.type)) return { output, input };
      }
    }
  }
  return undefined;
}

/** Exchanges the links of a node's first two wired or wirable inputs that take each other's type. False where there are none. */
export function swapInputs(t: Transaction, graphId: GraphId, id: NodeId): boolean {
  const graph = t.state.graphs.get(graphId);
  const node = graph?.nodes.get(id);
  if (!graph || !node) return false;
  const links = linksInto(graph, id);
  for (const first of node.inputs) {
    const one = links.get(first.id);
    if (!one) continue;
    const second = node.inputs.find((each) => each !== first && each.type === first.type && each.widget === undefined);
    if (!second || !fits(one.type, second.type)) continue;
    const other = links.get(second.id);
    t.put(graphId, "links", one.id, { ...one, toSocket: second.id });
    if (other) t.put(graphId, "links", other.id, { ...other, toSocket: first.id });
    return true;
  }
  return false;
}

/** Puts a bend into a link: behind all others, or in front of the reroute `before`. */
export function addReroute(t: Transaction, graphId: GraphId, linkId: LinkId, pos: Point, before?: RerouteId): RerouteId | undefined {
  const graph = t.state.graphs.get(graphId);
  const link = graph?.links.get(linkId);
  if (!graph || !link) return undefined;
  const id = freshLocalId(t, graphId, "reroutes");
  const next = before === undefined ? undefined : graph.reroutes.get(before);
  const parent = next ? next.parent : link.reroute;
  t.put(graphId, "reroutes", id, { id, pos, ...(parent === undefined ? {} : { parent }), rest: {} });
  if (next) t.put(graphId, "reroutes", next.id, { ...next, parent: id });
  else t.put(graphId, "links", linkId, { ...link, reroute: id });
  return id;
}

export function moveReroute(t: Transaction, graphId: GraphId, id: RerouteId, pos: Point): void {
  const reroute = t.state.graphs.get(graphId)?.reroutes.get(id);
  if (reroute) t.put(graphId, "reroutes", id, { ...reroute, pos });
}

/** Takes a bend out; the links that passed it pass its neighbours. */
export function removeReroute(t: Transaction, graphId: GraphId, id: RerouteId): void {
  const graph = t.state.graphs.get(graphId);
  const gone = graph?.reroutes.get(id);
  if (!graph || !gone) return;
  for (const reroute of graph.reroutes.values()) {
    if (reroute.parent !== id) continue;
    const { parent: _, ...alone } = reroute;
    t.put(graphId, "reroutes", reroute.id, gone.parent === undefined ? alone : { ...reroute, parent: gone.parent });
  }
  for (const link of graph.links.values()) {
    if (link.reroute !== id) continue;
    const { reroute: _, ...straight } = link;
    t.put(graphId, "links", link.id, gone.parent === undefined ? straight : { ...link, reroute: gone.parent });
  }
  t.put(graphId, "reroutes", id, undefined);
}
