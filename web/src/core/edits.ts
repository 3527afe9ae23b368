/** What can be done to a graph. Every function takes the transaction and the graph, and leaves what is not there alone. */

import { HEADER, HIDDEN, LEAST_WIDTH, naturalSize, ROW } from "./geometry";
import { passedInput, fits } from "./match";
import { connect, linksInto, linksOutOf, removeLinks } from "./wires";
import { freshId, freshLocalId, isBoundary } from "./ids";
import { proxyWidgets } from "./instances";
import { definitionOf } from "./instances";
import { defaultNode, inputsOf, outputsOfNode } from "./schema";
import type { Transaction } from "./document";
import type { Definitions, Fields, Graph, GraphId, GraphNode, Group, GroupId, Json, Link, Mode, NodeDef, NodeId, Point, Size } from "./types";

export { addReroute, connect, connectSelected, disconnect, insertOnLink, moveLinks, moveReroute, removeReroute, setLinksHidden, swapInputs } from "./wires";

const NO_GRAPH: Graph = { id: "", name: "", nodes: new Map(), links: new Map(), groups: new Map(), reroutes: new Map(), rest: {} };

/** Copies stand this far right of and below what they are copies of. */
export const COPY_OFFSET: Point = [24, 24];

/** The graph as the transaction has it; an empty one where it is not there. */
export function graphIn(t: Transaction, graph: GraphId): Graph {
  return t.state.graphs.get(graph) ?? NO_GRAPH;
}

/** Changes fields of one node. */
export function updateNode(t: Transaction, graph: GraphId, id: NodeId, change: (node: GraphNode) => GraphNode): void {
  const node = graphIn(t, graph).nodes.get(id);
  if (node) t.put(graph, "nodes", id, change(node));
}

/** Puts a fresh node of a type at a point. */
export function addNode(t: Transaction, graph: GraphId, def: NodeDef, pos: Point, _definitions?: Definitions): NodeId {
  const id = freshId(t, "nodes");
  t.put(graph, "nodes", id, defaultNode(def, id, pos));
  return id;
}

/** Removes nodes with their links. heal: what came in goes on to where the node's output went, as if it were bypassed. */
export function removeNodes(t: Transaction, graph: GraphId, ids: Iterable<NodeId>, options: { readonly heal?: boolean } = {}): void {
  for (const id of ids) {
    const node = graphIn(t, graph).nodes.get(id);
    if (!node || isBoundary(node)) continue;
    if (options.heal) heal(t, graph, node);
    const links = [...graphIn(t, graph).links.values()].filter((link) => link.from === id || link.to === id);
    removeLinks(t, graph, links.map((link) => link.id));
    t.put(graph, "nodes", id, undefined);
  }
}

/** Takes nodes out of their chains, which close behind them; the nodes stay. */
export function pullOut(t: Transaction, graph: GraphId, ids: Iterable<NodeId>): void {
  for (const id of ids) {
    const node = graphIn(t, graph).nodes.get(id);
    if (!node || isBoundary(node)) continue;
    heal(t, graph, node);
    const links = [...graphIn(t, graph).links.values()].filter((link) => link.from === id || link.to === id);
    removeLinks(t, graph, links.map((link) => link.id));
  }
}

function heal(t: Transaction, graph: GraphId, node: GraphNode): void {
  const incoming = linksInto(graphIn(t, graph), node.id);
  for (const link of linksOutOf(graphIn(t, graph), node.id)) {
    const output = node.outputs.find((each) => each.id === link.fromSocket);
    const wired = { ...node, inputs: node.inputs.map((each) => (incoming.has(each.id) ? each : { ...each, type: "\0" })) };
    const passed = output ? passedInput(wired, output, link.type) : undefined;
    const source = passed ? incoming.get(passed.id) : undefined;
    if (source && source.from !== node.id && fits(source.type, link.type)) connect(t, graph, source.from, source.fromSocket, link.to, link.toSocket);
  }
}

/** Moves nodes by a distance. */
export function moveNodes(t: Transaction, graph: GraphId, ids: Iterable<NodeId>, dx: number, dy: number): void {
  if (dx === 0 && dy === 0) return;
  for (const id of ids) updateNode(t, graph, id, (node) => ({ ...node, pos: [node.pos[0] + dx, node.pos[1] + dy] }));
}

/** Puts nodes at points, such as `arranged` gives. */
export function placeNodes(t: Transaction, graph: GraphId, places: ReadonlyMap<NodeId, Point>): void {
  for (const [id, pos] of places) updateNode(t, graph, id, (node) => (node.pos[0] === pos[0] && node.pos[1] === pos[1] ? node : { ...node, pos }));
}

/** Sets a setting by its name; one that an instance shows of a node inside is set there, where its value is. */
export function setValue(t: Transaction, graph: GraphId, node: NodeId, name: string, value: Json): void {
  const instance = graphIn(t, graph).nodes.get(node);
  const inner = instance && instance.type !== graph ? t.state.graphs.get(instance.type) : undefined;
  const shown = inner && proxyWidgets(instance as GraphNode).find(([id, setting]) => `${id}.${setting}` === name);
  if (inner && shown && inner.nodes.has(shown[0])) {
    setValue(t, inner.id, shown[0], shown[1], value);
    updateNode(t, graph, node, (each) => (name in each.values ? { ...each, values: Object.fromEntries(Object.entries(each.values).filter(([key]) => key !== name)) } : each));
    return;
  }
  updateNode(t, graph, node, (each) => (each.values[name] === value ? each : { ...each, values: { ...each.values, [name]: value } }));
}

/** Names a node; an empty title gives it its type's name back. */
export function setTitle(t: Transaction, graph: GraphId, node: NodeId, title: string): void {
  updateNode(t, graph, node, (each) => {
    const { title: _, ...untitled } = each;
    return title.trim() === "" ? untitled : { ...each, title };
  });
}

/** Sets the mode of nodes; where all of them have it already and toggle is set, they run again as usual. */
export function setMode(t: Transaction, graph: GraphId, ids: Iterable<NodeId>, mode: Mode, options: { readonly toggle?: boolean } = {}): void {
  const nodes = existing(t, graph, ids).filter((node) => !isBoundary(node));
  const wanted = options.toggle && nodes.every((node) => node.mode === mode) ? 0 : mode;
  for (const node of nodes) if (node.mode !== wanted) t.put(graph, "nodes", node.id, { ...node, mode: wanted });
}

export function setCollapsed(t: Transaction, graph: GraphId, ids: Iterable<NodeId>, collapsed: boolean): void {
  for (const node of existing(t, graph, ids)) if (node.collapsed !== collapsed) t.put(graph, "nodes", node.id, { ...node, collapsed });
}

export function setPinned(t: Transaction, graph: GraphId, ids: Iterable<NodeId>, pinned: boolean): void {
  for (const node of existing(t, graph, ids)) if (node.pinned !== pinned) t.put(graph, "nodes", node.id, { ...node, pinned });
}

/** Sets one of a node's free-form properties; undefined removes it. */
export function setProperty(t: Transaction, graph: GraphId, node: NodeId, name: string, value: Json | undefined): void {
  updateNode(t, graph, node, (each) => {
    const properties: Record<string, Json> = { ...each.properties };
    if (value === undefined) delete properties[name];
    else properties[name] = value;
    return { ...each, properties };
  });
}

/** Hides the sockets of nodes that have no link, or shows all again. A node that was sized loses or gains the height of the rows. */
export function setUnusedHidden(t: Transaction, graph: GraphId, ids: Iterable<NodeId>, hidden: boolean, definitions?: Definitions): void {
  const { links } = graphIn(t, graph);
  const used = new Set([...links.values()].flatMap((link) => [`${link.from} ${link.fromSocket}`, `${link.to} ${link.toSocket}`]));
  for (const node of existing(t, graph, ids)) {
    if (isBoundary(node)) continue;
    const def = definitions && definitionOf(t.state, definitions, node.type, node);
    // A setting is drawn by its widget, with or without a socket.
    const sockets = [...inputsOf(node, def).filter((each) => each.widget === undefined), ...outputsOfNode(node, def)];
    const unused = sockets.filter((each) => !used.has(`${node.id} ${each.id}`)).map((each) => each.id);
    const { [HIDDEN]: listed, ...properties } = node.properties;
    if (!(hidden && unused.length) && listed === undefined) continue;
    const made = { ...node, properties: hidden && unused.length ? { ...properties, [HIDDEN]: unused } : properties };
    const grown = naturalSize(made, def)[1] - naturalSize(node, def)[1];
    t.put(graph, "nodes", node.id, node.size[1] > 0 ? { ...made, size: [node.size[0], Math.max(1, node.size[1] + grown)] } : made);
  }
}

/** Sizes a node, and moves it where it was drawn by its left or upper edge. */
export function resize(t: Transaction, graph: GraphId, node: NodeId, size: Size, pos?: Point): void {
  const least: Size = [Math.max(size[0], LEAST_WIDTH), Math.max(size[1], HEADER + ROW)];
  updateNode(t, graph, node, (each) => ({ ...each, size: least, ...(pos ? { pos } : {}) }));
}

function existing(t: Transaction, graph: GraphId, ids: Iterable<NodeId>): GraphNode[] {
  const { nodes } = graphIn(t, graph);
  return [...ids].flatMap((id) => nodes.get(id) ?? []);
}

/** Draws a frame with a title. */
export function addGroup(t: Transaction, graph: GraphId, title: string, pos: Point, size: Size, rest: Fields = {}): GroupId {
  const id = freshLocalId(t, graph, "groups");
  t.put(graph, "groups", id, { id, title, pos, size, rest });
  return id;
}

/** Changes fields of a frame; undefined as a colour removes it. */
export function setGroup(t: Transaction, graph: GraphId, id: GroupId, change: Partial<Omit<Group, "id" | "color">> & { readonly color?: string | undefined }): void {
  const group = graphIn(t, graph).groups.get(id);
  if (!group) return;
  const { color, ...plain } = { ...group, ...change };
  t.put(graph, "groups", id, color === undefined ? plain : { ...plain, color });
}

/** Removes frames, not what stands in them. */
export function removeGroups(t: Transaction, graph: GraphId, ids: Iterable<GroupId>): void {
  for (const id of ids) t.put(graph, "groups", id, undefined);
}

/** Moves a frame; what it carries is moved by `moveNodes`. */
export function moveGroup(t: Transaction, graph: GraphId, id: GroupId, dx: number, dy: number): void {
  const group = graphIn(t, graph).groups.get(id);
  if (group && (dx !== 0 || dy !== 0)) t.put(graph, "groups", id, { ...group, pos: [group.pos[0] + dx, group.pos[1] + dy] });
}

/** Copies nodes with the links between them. withInputs: also the links from other nodes. Returns the new id of each. */
export function duplicate(
  t: Transaction,
  graph: GraphId,
  ids: Iterable<NodeId>,
  options: { readonly withInputs?: boolean; readonly offset?: Point } = {},
): Map<NodeId, NodeId> {
  const { withInputs = false, offset = COPY_OFFSET } = options;
  const copies = new Map<NodeId, NodeId>();
  for (const node of existing(t, graph, ids)) {
    if (isBoundary(node) || copies.has(node.id)) continue;
    const id = freshId(t, "nodes");
    copies.set(node.id, id);
    const { id: _, ...rest } = node.rest;
    t.put(graph, "nodes", id, { ...node, id, rest, pos: [node.pos[0] + offset[0], node.pos[1] + offset[1]], pinned: false });
  }
  const links: Link[] = [...graphIn(t, graph).links.values()];
  for (const link of links) {
    const to = copies.get(link.to);
    const from = copies.get(link.from);
    if (to === undefined || (from === undefined && !withInputs)) continue;
    const id = freshId(t, "links");
    const { reroute: _, ...straight } = link;
    t.put(graph, "links", id, { ...straight, id, from: from ?? link.from, to, rest: {} });
  }
  return copies;
}
