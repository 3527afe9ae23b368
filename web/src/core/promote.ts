/** The ports of a subgraph: what its instances show outside, sockets as well as settings of inner nodes. */

import { INPUT_NODE, OUTPUT_NODE } from "./ids";
import { definitionOf, proxyWidgets } from "./instances";
import { withIds, type Bare } from "./schema";
import { widgetsFor } from "./widgets";
import { connect, removeLinks } from "./wires";
import type { Transaction } from "./document";
import type { Definitions, DocumentState, GraphId, GraphNode, Json, NodeId, Socket, SocketId } from "./types";

export type Side = "input" | "output";

const PROXIES = "proxyWidgets";

/** The instances of a subgraph, each with the graph it stands in. */
export function instances(state: DocumentState, id: GraphId): { readonly graph: GraphId; readonly node: GraphNode }[] {
  return [...state.graphs.values()].flatMap((graph) =>
    [...graph.nodes.values()].filter((node) => node.type === id).map((node) => ({ graph: graph.id, node })),
  );
}

/** Gives a subgraph one more input or output, and its instances the socket. Returns the socket inside. */
export function addPort(t: Transaction, inner: GraphId, side: Side, name: string, type: string, widget = false): SocketId | undefined {
  const boundary = t.state.graphs.get(inner)?.nodes.get(side === "input" ? INPUT_NODE : OUTPUT_NODE);
  if (!boundary) return undefined;
  const [inside, outside] = side === "input" ? (["outputs", "inputs"] as const) : (["inputs", "outputs"] as const);
  const used = new Set(boundary[inside].map((each) => each.name));
  let free = name || "value";
  for (let count = 2; used.has(free); count += 1) free = `${name || "value"}_${count}`;
  const port: Bare = { name: free, type, rest: {} };
  const sockets = extended(boundary[inside], inside, port);
  t.put(inner, "nodes", boundary.id, { ...boundary, [inside]: sockets });
  for (const { graph, node } of instances(t.state, inner)) {
    const socket: Bare = widget ? { ...port, widget: free } : port;
    t.put(graph, "nodes", node.id, { ...node, [outside]: extended(node[outside], outside, socket) });
  }
  return sockets.at(-1)?.id;
}

function extended(sockets: readonly Socket[], side: "inputs" | "outputs", socket: Bare): Socket[] {
  const bare = [...sockets.map(({ id: _, ...rest }): Bare => rest), socket];
  return withIds(side === "inputs" ? "in" : "out", bare).map((each, place) => sockets[place] ?? each);
}

/** Takes an input or output of a subgraph away, with its links inside and at every instance. */
export function removePort(t: Transaction, inner: GraphId, side: Side, socket: SocketId): void {
  const graph = t.state.graphs.get(inner);
  const boundary = graph?.nodes.get(side === "input" ? INPUT_NODE : OUTPUT_NODE);
  const [inside, outside] = side === "input" ? (["outputs", "inputs"] as const) : (["inputs", "outputs"] as const);
  const port = boundary?.[inside].find((each) => each.id === socket);
  if (!graph || !boundary || !port) return;
  removeAt(t, inner, boundary, inside, port);
  for (const each of instances(t.state, inner)) {
    const outer = each.node[outside].find((one) => one.name === port.name);
    if (outer) removeAt(t, each.graph, each.node, outside, outer);
  }
}

function removeAt(t: Transaction, graphId: GraphId, node: GraphNode, side: "inputs" | "outputs", socket: Socket): void {
  const links = [...(t.state.graphs.get(graphId)?.links.values() ?? [])].filter((link) =>
    side === "inputs" ? link.to === node.id && link.toSocket === socket.id : link.from === node.id && link.fromSocket === socket.id,
  );
  removeLinks(t, graphId, links.map((link) => link.id));
  const values: Record<string, Json> = { ...node.values };
  if (side === "inputs") delete values[socket.name];
  const left = { ...node, values, [side]: node[side].filter((each) => each !== socket) };
  t.put(graphId, "nodes", node.id, side === "inputs" ? withProxies(left, (proxies) => proxies.filter(([id, name]) => id !== "-1" || name !== socket.name)) : left);
}

/** The node with another list of shown settings; as it was where it has no list or the list stays. */
function withProxies(node: GraphNode, change: (proxies: readonly (readonly [string, string])[]) => readonly (readonly [string, string])[]): GraphNode {
  const before = proxyWidgets(node);
  const after = change(before);
  if (before.length === 0 || after.length === before.length) return node;
  return { ...node, properties: { ...node.properties, [PROXIES]: after.map(([id, name]) => [id, name]) } };
}

/** Gives an input or output of a subgraph another name to read; links and values keep to the name it had first. */
export function labelPort(t: Transaction, inner: GraphId, side: Side, socket: SocketId, label: string): void {
  changePorts(t, inner, side, (sockets, port) => sockets.map((each) => (each.name === port.name ? labelled(each, label) : each)), socket);
}

function labelled(socket: Socket, label: string): Socket {
  const { label: _, ...plain } = socket;
  return label === "" || label === socket.name ? plain : { ...plain, label };
}

/** Moves an input or output of a subgraph among the others, inside and at every instance. by: places down, up where below 0 */
export function movePort(t: Transaction, inner: GraphId, side: Side, socket: SocketId, by: number): void {
  const order = ports(t.state, inner, side).map((each) => each.name);
  const at = order.findIndex((_, index) => ports(t.state, inner, side)[index]?.id === socket);
  const to = at + by;
  const name = order[at];
  if (name === undefined || to < 0 || to >= order.length) return;
  order.splice(at, 1);
  order.splice(to, 0, name);
  changePorts(t, inner, side, (sockets) => inOrder(sockets, order), socket);
}

/** The sockets that the order names in that order, in the places that they have among the others. */
function inOrder(sockets: readonly Socket[], order: readonly string[]): Socket[] {
  const named = new Map(sockets.map((each) => [each.name, each]));
  const sorted = order.flatMap((name) => named.get(name) ?? []);
  let next = 0;
  return sockets.map((each) => (order.includes(each.name) ? (sorted[next++] ?? each) : each));
}

/** The inputs or outputs of a subgraph, as its boundary has them inside. */
export function ports(state: DocumentState, inner: GraphId, side: Side): readonly Socket[] {
  const nodes = state.graphs.get(inner)?.nodes;
  return (side === "input" ? nodes?.get(INPUT_NODE)?.outputs : nodes?.get(OUTPUT_NODE)?.inputs) ?? [];
}

function changePorts(t: Transaction, inner: GraphId, side: Side, change: (sockets: readonly Socket[], port: Socket) => readonly Socket[], socket: SocketId): void {
  const boundary = t.state.graphs.get(inner)?.nodes.get(side === "input" ? INPUT_NODE : OUTPUT_NODE);
  const [inside, outside] = side === "input" ? (["outputs", "inputs"] as const) : (["inputs", "outputs"] as const);
  const port = boundary?.[inside].find((each) => each.id === socket);
  if (!boundary || !port) return;
  t.put(inner, "nodes", boundary.id, { ...boundary, [inside]: change(boundary[inside], port) });
  for (const { graph, node } of instances(t.state, inner)) t.put(graph, "nodes", node.id, { ...node, [outside]: change(node[outside], port) });
}

/** Shows a setting of an inner node at the instances of its subgraph. Returns the name it has there. */
export function promote(t: Transaction, inner: GraphId, id: NodeId, name: string, definitions: Definitions): string | undefined {
  const node = t.state.graphs.get(inner)?.nodes.get(id);
  const def = node && definitionOf(t.state, definitions, node.type, node);
  const widget = node && def && widgetsFor(def, node.values).find((each) => each.name === name);
  if (!node || !widget?.isInput || promotedAs(t.state, inner, id, name) !== undefined) return undefined;
  const port = addPort(t, inner, "input", name, widget.type, true);
  if (port === undefined) return undefined;
  connect(t, inner, INPUT_NODE, port, id, `in:${name}`, definitions);
  const shown = t.state.graphs.get(inner)?.nodes.get(INPUT_NODE)?.outputs.find((each) => each.id === port)?.name;
  const value = node.values[name];
  for (const each of shown === undefined ? [] : instances(t.state, inner)) {
    if (shown === undefined) continue;
    const values = value === undefined ? each.node.values : { ...each.node.values, [shown]: value };
    // A list that names the instance's own settings gives their order, so it has to name this one too.
    const listed = withProxies({ ...each.node, values }, (proxies) => (proxies.some(([id]) => id === "-1") ? [...proxies, ["-1", shown]] : proxies));
    t.put(each.graph, "nodes", each.node.id, listed);
  }
  return shown;
}

/** Hides a promoted setting again; the inner node keeps the value that the first instance had. */
export function demote(t: Transaction, inner: GraphId, id: NodeId, name: string): void {
  for (const { graph, node } of instances(t.state, inner)) {
    const left = withProxies(node, (proxies) => proxies.filter((each) => each[0] !== id || each[1] !== name));
    if (left === node) continue;
    const { [`${id}.${name}`]: _, ...values } = node.values;
    t.put(graph, "nodes", node.id, { ...left, values });
  }
  const shown = throughPort(t.state, inner, id, name);
  if (shown === undefined) return;
  const value = instances(t.state, inner)[0]?.node.values[shown];
  const port = t.state.graphs.get(inner)?.nodes.get(INPUT_NODE)?.outputs.find((each) => each.name === shown);
  if (port) removePort(t, inner, "input", port.id);
  const node = t.state.graphs.get(inner)?.nodes.get(id);
  if (node && value !== undefined) t.put(inner, "nodes", id, { ...node, values: { ...node.values, [name]: value } });
}

/** The name under which the instances show a setting of an inner node; undefined where they do not. */
export function promotedAs(state: DocumentState, inner: GraphId, id: NodeId, name: string): string | undefined {
  const listed = instances(state, inner).some(({ node }) => proxyWidgets(node).some((each) => each[0] === id && each[1] === name));
  return throughPort(state, inner, id, name) ?? (listed ? `${id}.${name}` : undefined);
}

/** The input of a subgraph that sets a setting inside. */
function throughPort(state: DocumentState, inner: GraphId, id: NodeId, name: string): string | undefined {
  const graph = state.graphs.get(inner);
  const socket = graph?.nodes.get(id)?.inputs.find((each) => (each.widget ?? each.name) === name);
  if (!graph || !socket) return undefined;
  for (const link of graph.links.values()) {
    if (link.from !== INPUT_NODE || link.to !== id || link.toSocket !== socket.id) continue;
    return graph.nodes.get(INPUT_NODE)?.outputs.find((each) => each.id === link.fromSocket)?.name;
  }
  return undefined;
}

/** The settings inside of a subgraph that its instance's settings stand for, by the name that they have outside. */
export function throughPorts(state: DocumentState, inner: GraphId, instance?: GraphNode): Map<string, { readonly node: NodeId; readonly setting: string }> {
  const graph = state.graphs.get(inner);
  const names = new Map(ports(state, inner, "input").map((port) => [port.id, port.name]));
  const found = new Map((instance ? proxyWidgets(instance) : []).map(([node, setting]) => [`${node}.${setting}`, { node, setting }]));
  for (const link of graph?.links.values() ?? []) {
    const name = link.from === INPUT_NODE ? names.get(link.fromSocket) : undefined;
    const socket = graph?.nodes.get(link.to)?.inputs.find((each) => each.id === link.toSocket);
    if (name !== undefined && socket && !found.has(name)) found.set(name, { node: link.to, setting: socket.widget ?? socket.name });
  }
  return found;
}
