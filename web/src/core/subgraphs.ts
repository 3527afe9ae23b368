/** Making, opening up and reshaping subgraphs (interface 4.6). */

import { connect, linksInto, removeLinks } from "./wires";
import { boundsOf } from "./geometry";
import { freshId, freshLocalId, INPUT_NODE, INPUT_NODE_TYPE, isBoundary, OUTPUT_NODE, OUTPUT_NODE_TYPE } from "./ids";
import { contains, definitionOf } from "./instances";
import { socketId, withIds, type Bare } from "./schema";
import { widgetsFor } from "./widgets";
import type { Transaction } from "./document";
import type { Definitions, DocumentState, Graph, GraphId, GraphNode, Link, LinkId, NodeId, Point, Reroute, Socket, SocketId } from "./types";

export { contains, definitionOf, proxyWidgets } from "./instances";

/** Between the inner nodes and the boxes of the subgraph's own inputs and outputs. */
const MARGIN = 80;
const BOUNDARY_WIDTH = 128;

/** A new random identifier of a subgraph. */
export function newGraphId(): GraphId {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 15) | 64;
  bytes[8] = ((bytes[8] ?? 0) & 63) | 128;
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}

interface Crossing {
  /** By what feeds them from outside: the links that enter the selection. */
  readonly entering: Map<string, Link[]>;
  /** By the socket inside: the links that leave it. */
  readonly leaving: Map<string, Link[]>;
  readonly inner: Link[];
}

/**
 * Puts nodes into a new subgraph and its instance in their place. Returns both, undefined where there is nothing to put.
 *
 * id: of the new definition
 */
export function makeSubgraph(
  t: Transaction,
  graphId: GraphId,
  ids: Iterable<NodeId>,
  definitions: Definitions,
  options: { readonly name?: string; readonly id?: GraphId } = {},
): { readonly instance: NodeId; readonly graph: GraphId } | undefined {
  const graph = t.state.graphs.get(graphId);
  const nodes = new Map([...new Set(ids)].flatMap((id) => {
    const node = graph?.nodes.get(id);
    return node && !isBoundary(node) ? [[id, node] as const] : [];
  }));
  if (!graph || nodes.size === 0) return undefined;
  const { id = newGraphId(), name = "Subgraph" } = options;
  const crossing = crossingLinks(graph, nodes);
  const inputs = ports("out", [...crossing.entering.values()], (link) => nodes.get(link.to)?.inputs.find((each) => each.id === link.toSocket));
  const outputs = ports("in", [...crossing.leaving.values()], (link) => nodes.get(link.from)?.outputs.find((each) => each.id === link.fromSocket));
  const box = boundsOf(nodes.values(), (type) => definitionOf(t.state, definitions, type)) ?? { x: 0, y: 0, width: 0, height: 0 };
  const instance = freshId(t, "nodes");
  const inside = insideLinks(t, crossing, inputs, outputs);
  t.putGraph(id, {
    id,
    name,
    nodes: new Map([
      ...nodes,
      [INPUT_NODE, boundary(INPUT_NODE, inputs, [box.x - MARGIN - BOUNDARY_WIDTH, box.y])],
      [OUTPUT_NODE, boundary(OUTPUT_NODE, outputs, [box.x + box.width + MARGIN, box.y])],
    ]),
    links: inside,
    groups: new Map(),
    reroutes: reroutesOf(graph, crossing.inner),
    rest: { version: 1, revision: 0, config: {}, state: { lastGroupId: 0, lastNodeId: 0, lastLinkId: 0, lastRerouteId: 0 }, widgets: [], extra: {} },
  });
  removeLinks(t, graphId, [crossing.inner, ...crossing.entering.values(), ...crossing.leaving.values()].flat().map((link) => link.id));
  for (const each of nodes.keys()) t.put(graphId, "nodes", each, undefined);
  t.put(graphId, "nodes", instance, instanceNode(instance, id, inputs, outputs, [box.x, box.y]));
  outsideLinks(t, graphId, instance, crossing, inputs, outputs);
  return { instance, graph: id };
}

function crossingLinks(graph: Graph, nodes: ReadonlyMap<NodeId, GraphNode>): Crossing {
  const found: Crossing = { entering: new Map(), leaving: new Map(), inner: [] };
  for (const link of graph.links.values()) {
    const [from, to] = [nodes.has(link.from), nodes.has(link.to)];
    if (from && to) found.inner.push(link);
    else if (to) pushTo(found.entering, `${link.from} ${link.fromSocket}`, link);
    else if (from) pushTo(found.leaving, `${link.from} ${link.fromSocket}`, link);
  }
  return found;
}

function pushTo(map: Map<string, Link[]>, key: string, link: Link): void {
  const list = map.get(key);
  if (list) list.push(link);
  else map.set(key, [link]);
}

/** One port for each bundle of links, named after the inner socket, each name once. */
function ports(side: "in" | "out", bundles: readonly (readonly Link[])[], innerSocket: (link: Link) => Socket | undefined): Socket[] {
  const used = new Set<string>();
  return withIds(side, bundles.map((bundle): Bare => {
    const link = bundle[0];
    const socket = link && innerSocket(link);
    const base = socket?.name || "value";
    let name = base;
    for (let count = 2; used.has(name); count += 1) name = `${base}_${count}`;
    used.add(name);
    const type = socket && socket.type !== "*" ? socket.type : (link?.type ?? "*");
    return { name, type, rest: { id: newGraphId() } };
  }));
}

function boundary(id: NodeId, sockets: readonly Socket[], pos: Point): GraphNode {
  return {
    id,
    type: id === INPUT_NODE ? INPUT_NODE_TYPE : OUTPUT_NODE_TYPE,
    pos,
    size: [BOUNDARY_WIDTH, 0],
    mode: 0,
    collapsed: false,
    pinned: false,
    inputs: id === OUTPUT_NODE ? sockets : [],
    outputs: id === INPUT_NODE ? sockets : [],
    values: {},
    properties: {},
    rest: {},
  };
}

function instanceNode(id: NodeId, type: GraphId, inputs: readonly Socket[], outputs: readonly Socket[], pos: Point): GraphNode {
  const bare = ({ name, type: tag }: Socket): Bare => ({ name, type: tag, rest: {} });
  return {
    id,
    type,
    pos,
    size: [0, 0],
    mode: 0,
    collapsed: false,
    pinned: false,
    inputs: withIds("in", inputs.map(bare)),
    outputs: withIds("out", outputs.map(bare)),
    values: {},
    properties: { proxyWidgets: [] },
    rest: {},
  };
}

function insideLinks(t: Transaction, crossing: Crossing, inputs: readonly Socket[], outputs: readonly Socket[]): Map<LinkId, Link> {
  const links = new Map(crossing.inner.map((link) => [link.id, link]));
  const add = (link: Omit<Link, "id" | "rest">): void => {
    const id = freshId(t, "links");
    links.set(id, { ...link, id, rest: {} });
  };
  for (const [place, bundle] of [...crossing.entering.values()].entries()) {
    const port = inputs[place];
    for (const { to, toSocket } of port ? bundle : []) {
      if (port) add({ from: INPUT_NODE, fromSocket: port.id, to, toSocket, type: port.type });
    }
  }
  for (const [place, bundle] of [...crossing.leaving.values()].entries()) {
    const [port, link] = [outputs[place], bundle[0]];
    if (port && link) add({ from: link.from, fromSocket: link.fromSocket, to: OUTPUT_NODE, toSocket: port.id, type: port.type });
  }
  return links;
}

function outsideLinks(t: Transaction, graphId: GraphId, instance: NodeId, crossing: Crossing, inputs: readonly Socket[], outputs: readonly Socket[]): void {
  for (const [place, bundle] of [...crossing.entering.values()].entries()) {
    const [port, link] = [inputs[place], bundle[0]];
    if (port && link) connect(t, graphId, link.from, link.fromSocket, instance, socketId("in", port.name));
  }
  for (const [place, bundle] of [...crossing.leaving.values()].entries()) {
    const port = outputs[place];
    for (const link of bundle) if (port) connect(t, graphId, instance, socketId("out", port.name), link.to, link.toSocket);
  }
}

function reroutesOf(graph: Graph, links: readonly Link[]): Map<string, Reroute> {
  const found = new Map<string, Reroute>();
  for (const link of links) {
    for (let id = link.reroute; id !== undefined && !found.has(id); id = graph.reroutes.get(id)?.parent) {
      const reroute = graph.reroutes.get(id);
      if (reroute) found.set(id, reroute);
    }
  }
  return found;
}

/** Puts the inside of an instance in its place and returns the new nodes; the definition goes with its last instance. */
export function unpackSubgraph(t: Transaction, graphId: GraphId, instanceId: NodeId, definitions: Definitions): NodeId[] {
  const graph = t.state.graphs.get(graphId);
  const instance = graph?.nodes.get(instanceId);
  const inner = instance && t.state.graphs.get(instance.type);
  if (!graph || !instance || !inner || inner.id === graphId) return [];
  const links = [...graph.links.values()].filter((link) => link.from === instanceId || link.to === instanceId);
  const ids = copyInside(t, graphId, instance, inner, definitions);
  giveValues(t, graphId, instance, inner, ids, definitions);
  removeLinks(t, graphId, links.map((link) => link.id));
  rewire(t, graphId, instance, inner, ids, links);
  t.put(graphId, "nodes", instanceId, undefined);
  removeUnused(t, inner.id);
  return [...ids.values()];
}

function copyInside(t: Transaction, graphId: GraphId, instance: GraphNode, inner: Graph, definitions: Definitions): Map<NodeId, NodeId> {
  const nodes = [...inner.nodes.values()].filter((node) => !isBoundary(node));
  const box = boundsOf(nodes, (type) => definitionOf(t.state, definitions, type)) ?? { x: 0, y: 0, width: 0, height: 0 };
  const [dx, dy] = [Math.round(instance.pos[0] - box.x), Math.round(instance.pos[1] - box.y)];
  const ids = new Map<NodeId, NodeId>();
  for (const node of nodes) {
    // Ids are unique in a file, so a node moves out with its own, unless other instances keep the inside.
    const free = !t.state.graphs.get(graphId)?.nodes.has(node.id) && instancesOf(t.state, inner.id) <= 1;
    const id = free ? node.id : freshId(t, "nodes");
    ids.set(node.id, id);
    const mode = instance.mode === 0 ? node.mode : instance.mode;
    const { id: _, pos: __, size: ___, ...rest } = node.rest;
    t.put(graphId, "nodes", id, { ...node, id, mode, pos: [node.pos[0] + dx, node.pos[1] + dy], rest });
  }
  const bends = new Map<string, string>();
  for (const reroute of inner.reroutes.values()) {
    const id = freshLocalId(t, graphId, "reroutes");
    bends.set(reroute.id, id);
    t.put(graphId, "reroutes", id, { id, pos: [reroute.pos[0] + dx, reroute.pos[1] + dy], rest: reroute.rest });
  }
  for (const reroute of inner.reroutes.values()) {
    const [id, parent] = [bends.get(reroute.id), reroute.parent === undefined ? undefined : bends.get(reroute.parent)];
    const made = id === undefined ? undefined : t.state.graphs.get(graphId)?.reroutes.get(id);
    if (made && parent !== undefined) t.put(graphId, "reroutes", made.id, { ...made, parent });
  }
  for (const link of inner.links.values()) {
    const [from, to] = [ids.get(link.from), ids.get(link.to)];
    if (from === undefined || to === undefined) continue;
    const id = freshId(t, "links");
    const { reroute: old, ...straight } = link;
    const reroute = old === undefined ? undefined : bends.get(old);
    t.put(graphId, "links", id, { ...straight, id, from, to, ...(reroute === undefined ? {} : { reroute }), rest: {} });
  }
  return ids;
}

/** Gives inner nodes the values that the instance has for them. */
function giveValues(t: Transaction, graphId: GraphId, instance: GraphNode, inner: Graph, ids: ReadonlyMap<NodeId, NodeId>, definitions: Definitions): void {
  const def = definitionOf(t.state, definitions, instance.type, instance);
  const set = (innerId: NodeId, name: string, value: (typeof instance.values)[string]): void => {
    const id = ids.get(innerId);
    const node = id === undefined ? undefined : t.state.graphs.get(graphId)?.nodes.get(id);
    if (node && value !== undefined) t.put(graphId, "nodes", node.id, { ...node, values: { ...node.values, [name]: value } });
  };
  for (const widget of def ? widgetsFor(def, instance.values) : []) {
    const value = instance.values[widget.name];
    if (value === undefined) continue;
    const { inner: innerId, setting } = widget.options;
    if (typeof innerId === "string" && typeof setting === "string") set(innerId, setting, value);
    const port = inner.nodes.get(INPUT_NODE)?.outputs.find((each) => each.name === widget.name);
    for (const link of port ? inner.links.values() : []) {
      if (!port || link.from !== INPUT_NODE || link.fromSocket !== port.id) continue;
      const socket = inner.nodes.get(link.to)?.inputs.find((each) => each.id === link.toSocket);
      if (socket) set(link.to, socket.widget ?? socket.name, value);
    }
  }
}

/** Leads the links of the instance to and from the nodes that were inside. */
function rewire(t: Transaction, graphId: GraphId, instance: GraphNode, inner: Graph, ids: ReadonlyMap<NodeId, NodeId>, links: readonly Link[]): void {
  const outerSource = (port: SocketId): { from: NodeId; socket: SocketId } | undefined => {
    const name = inner.nodes.get(INPUT_NODE)?.outputs.find((each) => each.id === port)?.name;
    const socket = instance.inputs.find((each) => each.name === name);
    const link = socket && links.find((each) => each.to === instance.id && each.toSocket === socket.id);
    return link && { from: link.from, socket: link.fromSocket };
  };
  for (const link of inner.links.values()) {
    if (link.from !== INPUT_NODE || link.to === OUTPUT_NODE) continue;
    const [source, to] = [outerSource(link.fromSocket), ids.get(link.to)];
    if (source && to !== undefined) connect(t, graphId, source.from, source.socket, to, link.toSocket);
  }
  const ends = linksInto(inner, OUTPUT_NODE);
  for (const outer of links) {
    if (outer.from !== instance.id) continue;
    const name = instance.outputs.find((each) => each.id === outer.fromSocket)?.name;
    const port = inner.nodes.get(OUTPUT_NODE)?.inputs.find((each) => each.name === name);
    const end = port && ends.get(port.id);
    if (!end) continue;
    const through = end.from === INPUT_NODE ? outerSource(end.fromSocket) : undefined;
    const from = end.from === INPUT_NODE ? through?.from : ids.get(end.from);
    if (from !== undefined) connect(t, graphId, from, through?.socket ?? end.fromSocket, outer.to, outer.toSocket);
  }
}

/** How many nodes of a document are instances of a subgraph. */
export function instancesOf(state: DocumentState, id: GraphId): number {
  let count = 0;
  for (const graph of state.graphs.values()) for (const node of graph.nodes.values()) if (node.type === id) count += 1;
  return count;
}

/** Removes a subgraph without instances, and those that only it had instances of. */
export function removeUnused(t: Transaction, id: GraphId): void {
  const waiting = [id];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const graph = t.state.graphs.get(next);
    if (!graph || next === "root" || instancesOf(t.state, next) > 0) continue;
    t.putGraph(next, undefined);
    for (const node of graph.nodes.values()) if (t.state.graphs.has(node.type)) waiting.push(node.type);
  }
}

export function renameSubgraph(t: Transaction, id: GraphId, name: string): void {
  const graph = t.state.graphs.get(id);
  if (graph && graph.name !== name) t.putGraph(id, { ...graph, name });
}

/** Puts another instance of a subgraph into a graph; undefined where it would contain itself. */
export function addInstance(t: Transaction, graphId: GraphId, id: GraphId, pos: Point): NodeId | undefined {
  const inner = t.state.graphs.get(id);
  if (!inner || id === "root" || contains(t.state, id, graphId)) return undefined;
  const node = freshId(t, "nodes");
  const inputs = inner.nodes.get(INPUT_NODE)?.outputs ?? [];
  const outputs = inner.nodes.get(OUTPUT_NODE)?.inputs ?? [];
  t.put(graphId, "nodes", node, instanceNode(node, id, inputs, outputs, pos));
  return node;
}
