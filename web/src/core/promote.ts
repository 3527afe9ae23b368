/** The ports of a subgraph: what its instances show outside, sockets as well as settings of inner nodes. */

import { INPUT_NODE, OUTPUT_NODE } from "./ids";
import { definitionOf } from "./instances";
import { withIds, type Bare } from "./schema";
import { widgetsFor } from "./widgets";
import { connect, removeLinks } from "./wires";
import type { Transaction } from "./document";
import type { Definitions, DocumentState, GraphId, GraphNode, Json, NodeId, Socket, SocketId } from "./types";

type Side = "input" | "output";

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
  t.put(graphId, "nodes", node.id, { ...node, values, [side]: node[side].filter((each) => each !== socket) });
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
  for (const each of shown === undefined || value === undefined ? [] : instances(t.state, inner)) {
    if (shown !== undefined && value !== undefined) t.put(each.graph, "nodes", each.node.id, { ...each.node, values: { ...each.node.values, [shown]: value } });
  }
  return shown;
}

/** Hides a promoted setting again; the inner node keeps the value that the first instance had. */
export function demote(t: Transaction, inner: GraphId, id: NodeId, name: string): void {
  const shown = promotedAs(t.state, inner, id, name);
  if (shown === undefined) return;
  const value = instances(t.state, inner)[0]?.node.values[shown];
  const port = t.state.graphs.get(inner)?.nodes.get(INPUT_NODE)?.outputs.find((each) => each.name === shown);
  if (port) removePort(t, inner, "input", port.id);
  const node = t.state.graphs.get(inner)?.nodes.get(id);
  if (node && value !== undefined) t.put(inner, "nodes", id, { ...node, values: { ...node.values, [name]: value } });
}

/** The name under which the instances show a setting of an inner node; undefined where they do not. */
export function promotedAs(state: DocumentState, inner: GraphId, id: NodeId, name: string): string | undefined {
  const graph = state.graphs.get(inner);
  const socket = graph?.nodes.get(id)?.inputs.find((each) => (each.widget ?? each.name) === name);
  if (!graph || !socket) return undefined;
  for (const link of graph.links.values()) {
    if (link.from !== INPUT_NODE || link.to !== id || link.toSocket !== socket.id) continue;
    return graph.nodes.get(INPUT_NODE)?.outputs.find((each) => each.id === link.fromSocket)?.name;
  }
  return undefined;
}
