/** What the shown graph looks like: places of nodes and links, derived from the document and kept up with its edits. */

import { batchedOutputs, COUNTS } from "../core/batches";
import type { Editor } from "../core/editor";
import { layout, type NodeLayout } from "../core/geometry";
import { INPUT_NODE_TYPE, OUTPUT_NODE_TYPE } from "../core/ids";
import { definitionOf } from "../core/instances";
import { inputsOf, outputsOfNode } from "../core/schema";
import { widgetsFor } from "../core/widgets";
import type { Change, Graph, GraphNode, Group, Link, LinkId, NodeDef, NodeId, Op, Point, Reroute, RerouteId, Socket, SocketId } from "../core/types";
import { t } from "../ui/texts";
import { boundsOfChain, sampled, type LinkStyle } from "./curves";
import { SpatialIndex } from "./index2d";
import { around, rectAt, type Rect } from "./rect";
import { makeTags, type Tag } from "./tags";

export type LinksShown = "all" | "selected" | "none";

export interface NodeShape {
  readonly node: GraphNode;
  readonly def: NodeDef | undefined;
  /** Also sockets that only the type knows, and those of settings. */
  readonly inputs: readonly Socket[];
  readonly outputs: readonly Socket[];
  readonly layout: NodeLayout;
  readonly rect: Rect;
  /** Higher lies over lower. */
  readonly rank: number;
}

/** The name that a node shows. */
export function titleOf({ node, def }: NodeShape): string {
  if (node.type === INPUT_NODE_TYPE) return node.title ?? t("canvas.inputs");
  if (node.type === OUTPUT_NODE_TYPE) return node.title ?? t("canvas.outputs");
  return node.title ?? def?.title ?? node.type;
}

export interface LinkShape {
  readonly link: Link;
  /** Source socket, reroutes in order, target socket. */
  readonly chain: readonly Point[];
  readonly bounds: Rect;
  readonly type: string;
}

/** What an edit changed on the canvas. */
export interface Touched {
  /** Everything: another graph, or too much to say. */
  readonly all: boolean;
  readonly nodes: ReadonlySet<NodeId>;
  /** Nothing that the scene shows: a setting, for example. */
  readonly quiet: boolean;
}

const EVERYTHING: Touched = { all: true, nodes: new Set(), quiet: false };

export class GraphModel {
  readonly nodes = new Map<NodeId, NodeShape>();
  readonly links = new Map<LinkId, LinkShape>();
  readonly nodeIndex = new SpatialIndex<NodeId>();
  readonly linkIndex = new SpatialIndex<LinkId>();
  linkStyle: LinkStyle = "curve";
  linksShown: LinksShown = "all";
  readonly #linksOf = new Map<NodeId, Set<LinkId>>();
  readonly #samples = new WeakMap<LinkShape, { style: LinkStyle; points: Point[] }>();
  #bounds: Rect | undefined;
  #tags: readonly Tag[] | undefined;
  #ranks = 0;

  constructor(readonly editor: Editor) {
    this.rebuild();
  }

  get graph(): Graph {
    return this.editor.document.graph(this.editor.graph);
  }

  get groups(): Iterable<Group> {
    return this.graph.groups.values();
  }

  get reroutes(): Iterable<Reroute> {
    return this.graph.reroutes.values();
  }

  /** Around all nodes and groups; computed again only after an edit. */
  get bounds(): Rect | undefined {
    return (this.#bounds ??= around(this.#everything()));
  }

  *#everything(): Iterable<Rect> {
    for (const shape of this.nodes.values()) yield shape.rect;
    for (const group of this.groups) yield rectAt(group.pos, group.size);
  }

  /** The tags of hidden links; made again only after an edit. */
  get tags(): readonly Tag[] {
    return (this.#tags ??= makeTags(this));
  }

  /** The outputs with batches and lists. */
  get batched(): ReadonlySet<string> {
    return batchedOutputs(this.graph);
  }

  /** Whether a wire is drawn, and can be meant: a hidden one while a node at its end is selected. */
  shows({ link }: LinkShape): boolean {
    const { selection } = this.editor;
    const selected = selection.has(link.from) || selection.has(link.to);
    return this.linksShown === "all" ? !link.hidden || selected : this.linksShown === "selected" && selected;
  }

  /** The nodes that touch a rectangle, lowest first; selected ones lie over the others. */
  nodesIn(rect: Rect): NodeShape[] {
    const found: NodeShape[] = [];
    for (const id of this.nodeIndex.near(rect)) {
      const shape = this.nodes.get(id);
      if (shape !== undefined) found.push(shape);
    }
    const { selection } = this.editor;
    const level = (shape: NodeShape): number => shape.rank + (selection.has(shape.node.id) ? this.#ranks : 0);
    return found.sort((a, b) => level(a) - level(b));
  }

  /** The links at either side of a node. */
  linksOf(id: NodeId): ReadonlySet<LinkId> {
    return this.#linksOf.get(id) ?? new Set();
  }

  /** The links at one socket. */
  linksAt(node: NodeId, socket: SocketId): Link[] {
    const found: Link[] = [];
    for (const id of this.linksOf(node)) {
      const link = this.links.get(id)?.link;
      if (link === undefined) continue;
      if ((link.from === node && link.fromSocket === socket) || (link.to === node && link.toSocket === socket)) found.push(link);
    }
    return found;
  }

  /** Where a socket is, in graph coordinates. */
  socketPoint(node: NodeId, socket: SocketId): Point | undefined {
    const shape = this.nodes.get(node);
    const point = shape?.layout.inputs.get(socket) ?? shape?.layout.outputs.get(socket);
    return shape === undefined || point === undefined ? undefined : [shape.rect.x + point[0], shape.rect.y + point[1]];
  }

  /** The socket of a node by its id, and on which side it is. */
  socket(node: NodeId, socket: SocketId): { readonly socket: Socket; readonly output: boolean } | undefined {
    const shape = this.nodes.get(node);
    const output = shape?.outputs.find((each) => each.id === socket);
    if (output !== undefined) return { socket: output, output: true };
    const input = shape?.inputs.find((each) => each.id === socket);
    return input === undefined ? undefined : { socket: input, output: false };
  }

  /** Points along a link, made when first asked for. */
  points(shape: LinkShape): readonly Point[] {
    const known = this.#samples.get(shape);
    if (known !== undefined && known.style === this.linkStyle) return known.points;
    const points = sampled(shape.chain, this.linkStyle);
    this.#samples.set(shape, { style: this.linkStyle, points });
    return points;
  }

  /** Reads the whole graph again. */
  rebuild(): void {
    this.nodes.clear();
    this.links.clear();
    this.nodeIndex.clear();
    this.linkIndex.clear();
    this.#linksOf.clear();
    this.#bounds = undefined;
    this.#tags = undefined;
    this.#ranks = 0;
    for (const id of this.graph.nodes.keys()) this.#readNode(id);
    for (const id of this.graph.links.keys()) this.#readLink(id);
  }

  /** Follows an edit; says what has to be drawn again. */
  follow(change: Change): Touched {
    if (change.kind === "load" || change.ops.some((op) => op.table === "graphs")) {
      this.rebuild();
      return EVERYTHING;
    }
    const ops = change.ops.filter((op) => "graph" in op && op.graph === this.editor.graph);
    const nodes = new Set<NodeId>();
    const links = new Set<LinkId>();
    const reroutes = new Set<RerouteId>();
    for (const op of ops) sort(op, nodes, links, reroutes);
    let quiet = ops.every((op) => op.table === "nodes");
    for (const id of nodes) {
      const before = this.nodes.get(id);
      this.#readNode(id);
      const after = this.nodes.get(id);
      if (before !== undefined && after !== undefined && looksSame(before, after)) continue;
      quiet = false;
      for (const link of this.linksOf(id)) links.add(link);
    }
    if (quiet) return { all: false, nodes, quiet };
    if (reroutes.size > 0) for (const [id, link] of this.graph.links) if (link.reroute !== undefined) links.add(id);
    for (const id of links) this.#readLink(id);
    this.#bounds = undefined;
    this.#tags = undefined;
    return { all: false, nodes, quiet };
  }

  #readNode(id: NodeId): void {
    const node = this.graph.nodes.get(id);
    if (node === undefined) {
      this.nodes.delete(id);
      this.nodeIndex.remove(id);
      return;
    }
    const { definitions, document } = this.editor;
    const def = definitionOf(document.state, definitions, node.type, node);
    const rows = layout(node, def);
    const rect = rectAt(node.pos, [rows.width, rows.height]);
    const inputs = inputsOf(node, def, def === undefined ? [] : widgetsFor(def, node.values));
    const rank = this.nodes.get(id)?.rank ?? this.#ranks++;
    this.nodes.set(id, { node, def, inputs, outputs: outputsOfNode(node, def), layout: rows, rect, rank });
    this.nodeIndex.put(id, rect);
  }

  #readLink(id: LinkId): void {
    const before = this.links.get(id)?.link;
    for (const end of before === undefined ? [] : [before.from, before.to]) this.#linksOf.get(end)?.delete(id);
    const link = this.graph.links.get(id);
    const chain = link === undefined ? undefined : this.chain(link);
    if (link === undefined || chain === undefined) {
      this.links.delete(id);
      this.linkIndex.remove(id);
      return;
    }
    const bounds = boundsOfChain(chain);
    this.links.set(id, { link, chain, bounds, type: this.#typeOf(link) });
    this.linkIndex.put(id, bounds);
    for (const end of [link.from, link.to]) {
      const known = this.#linksOf.get(end);
      if (known === undefined) this.#linksOf.set(end, new Set([id]));
      else known.add(id);
    }
  }

  #typeOf(link: Link): string {
    const source = this.socket(link.from, link.fromSocket)?.socket.type;
    return source === undefined || source === "*" ? link.type : source;
  }

  /** The points that a link passes; `shift` moves the ends at some nodes and some reroutes, as a drag does. */
  chain(link: Link, shift?: Shift): Point[] | undefined {
    const start = this.socketPoint(link.from, link.fromSocket) ?? this.#edge(link.from, true);
    const end = this.socketPoint(link.to, link.toSocket) ?? this.#edge(link.to, false);
    if (start === undefined || end === undefined) return undefined;
    const points = [shifted(end, shift !== undefined && shift.nodes.has(link.to), shift)];
    const seen = new Set<RerouteId>();
    for (let id = link.reroute; id !== undefined && !seen.has(id); ) {
      seen.add(id);
      const reroute: Reroute | undefined = this.graph.reroutes.get(id);
      if (reroute !== undefined) points.push(shifted(reroute.pos, shift?.reroutes?.has(id) ?? false, shift));
      id = reroute?.parent;
    }
    points.push(shifted(start, shift !== undefined && shift.nodes.has(link.from), shift));
    return points.reverse();
  }

  /** Where links of a socket that is not drawn end: at the header. */
  #edge(node: NodeId, right: boolean): Point | undefined {
    const rect = this.nodes.get(node)?.rect;
    return rect && [right ? rect.x + rect.width : rect.x, rect.y + Math.min(14, rect.height / 2)];
  }
}

/** A move that is not in the document yet. */
export interface Shift {
  readonly nodes: ReadonlySet<NodeId>;
  readonly reroutes?: ReadonlySet<RerouteId>;
  readonly dx: number;
  readonly dy: number;
}

function shifted(point: Point, applies: boolean, shift: Shift | undefined): Point {
  return applies && shift !== undefined ? [point[0] + shift.dx, point[1] + shift.dy] : point;
}

const LOOKS = ["type", "title", "mode", "collapsed", "color", "bgcolor", "inputs", "outputs", "pos"] as const;

/** Whether two states of a node are drawn the same from afar, and its wires too. */
function looksSame(a: NodeShape, b: NodeShape): boolean {
  if (a.rect.width !== b.rect.width || a.rect.height !== b.rect.height || a.layout.rows.length !== b.layout.rows.length) return false;
  if (a.node.values !== b.node.values && COUNTS.some((name) => a.node.values[name] !== b.node.values[name])) return false;
  return LOOKS.every((field) => a.node[field] === b.node[field]);
}

function sort(op: Op, nodes: Set<NodeId>, links: Set<LinkId>, reroutes: Set<RerouteId>): void {
  if (op.table === "nodes") nodes.add(op.id);
  else if (op.table === "links") links.add(op.id);
  else if (op.table === "reroutes") reroutes.add(op.id);
}
