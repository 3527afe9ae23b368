/** Tidying: nodes in columns, each to the right of all that it needs. */

import { Graph as Layered, layout as layered } from "@dagrejs/dagre";
import { GRID, layout, snapped } from "./geometry";
import { adjacency, topologicalOrder } from "./order";
import type { Graph, GraphNode, Link, NodeDef, NodeId, Point } from "./types";

/** Between columns, and between nodes above each other; in pixels. */
const COLUMN_GAP = 64;
const NODE_GAP = 32;
/** Dagre calls itself along chains and takes seconds from here on; larger graphs get plain columns. */
const MOST_FOR_DAGRE = 400;

/** Where the types of nodes are looked up. */
export interface Types {
  get(type: string): NodeDef | undefined;
}

interface Item {
  readonly id: NodeId;
  readonly pos: Point;
  readonly width: number;
  readonly height: number;
}

/** New places for the nodes, or for some of them; what is arranged keeps its upper left corner. Pinned nodes stay. */
export function arranged(graph: Graph, definitions: Types, ids?: Iterable<NodeId>): Map<NodeId, Point> {
  const wanted = new Set(ids ?? graph.nodes.keys());
  const nodes = [...graph.nodes.values()].filter((node) => wanted.has(node.id) && !node.pinned);
  const items = new Map(nodes.map((node) => [node.id, itemOf(node, definitions)]));
  const links = [...graph.links.values()].filter((link) => items.has(link.from) && items.has(link.to) && link.from !== link.to);
  const alone = new Set(items.keys());
  for (const link of links) for (const id of [link.from, link.to]) alone.delete(id);
  const wired = [...items.values()].filter((item) => !alone.has(item.id));
  const places = wired.length <= MOST_FOR_DAGRE ? byDagre(wired, links) : byColumns(graph, wired);
  below(places, items, [...alone].flatMap((id) => items.get(id) ?? []));
  return anchored(places, [...items.values()]);
}

function itemOf(node: GraphNode, definitions: Types): Item {
  const { width, height } = layout(node, definitions.get(node.type));
  return { id: node.id, pos: node.pos, width, height };
}

function byDagre(items: readonly Item[], links: readonly Link[]): Map<NodeId, Point> {
  const places = new Map<NodeId, Point>();
  if (items.length === 0) return places;
  const graph = new Layered({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: NODE_GAP, ranksep: COLUMN_GAP, ranker: "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const item of items) graph.setNode(item.id, { width: item.width, height: item.height });
  for (const link of links) graph.setEdge(link.from, link.to, {}, link.id);
  layered(graph);
  for (const item of items) {
    const { x = 0, y = 0 } = graph.node(item.id) as { x?: number; y?: number };
    places.set(item.id, [x - item.width / 2, y - item.height / 2]);
  }
  return places;
}

/** Columns by the longest way from a start, each in the order of what its nodes need. */
function byColumns(graph: Graph, items: readonly Item[]): Map<NodeId, Point> {
  const byId = new Map(items.map((item) => [item.id, item]));
  const { into } = adjacency(graph);
  const columns: Item[][] = [];
  const columnOf = new Map<NodeId, number>();
  for (const id of topologicalOrder(graph)) {
    const item = byId.get(id);
    if (!item) continue;
    let column = 0;
    for (const link of into.get(id) ?? []) column = Math.max(column, (columnOf.get(link.from) ?? -1) + 1);
    columnOf.set(id, column);
    (columns[column] ??= []).push(item);
  }
  const places = new Map<NodeId, Point>();
  let x = 0;
  for (const column of columns) {
    const wish = new Map(column.map((item) => [item.id, middleOf(into.get(item.id) ?? [], places) ?? item.pos[1]]));
    column.sort((a, b) => (wish.get(a.id) ?? 0) - (wish.get(b.id) ?? 0));
    let y = 0;
    for (const item of column) {
      places.set(item.id, [x, y]);
      y += item.height + NODE_GAP;
    }
    x += Math.max(...column.map((item) => item.width)) + COLUMN_GAP;
  }
  return places;
}

function middleOf(links: readonly Link[], places: ReadonlyMap<NodeId, Point>): number | undefined {
  const heights = links.flatMap((link) => places.get(link.from)?.[1] ?? []);
  return heights.length ? heights.reduce((a, b) => a + b, 0) / heights.length : undefined;
}

/** Puts nodes without links in rows under the others. */
function below(places: Map<NodeId, Point>, items: ReadonlyMap<NodeId, Item>, alone: readonly Item[]): void {
  let [right, bottom] = [0, 0];
  for (const [id, [x, y]] of places) {
    const item = items.get(id);
    right = Math.max(right, x + (item?.width ?? 0));
    bottom = Math.max(bottom, y + (item?.height ?? 0));
  }
  let [x, y, tallest] = [0, places.size ? bottom + COLUMN_GAP : 0, 0];
  for (const item of [...alone].sort((a, b) => a.pos[1] - b.pos[1] || a.pos[0] - b.pos[0])) {
    if (x > 0 && x + item.width > Math.max(right, 1200)) [x, y, tallest] = [0, y + tallest + NODE_GAP, 0];
    places.set(item.id, [x, y]);
    x += item.width + NODE_GAP;
    tallest = Math.max(tallest, item.height);
  }
}

/** Moved so that the upper left corner is where it was, and set on the grid. */
function anchored(places: ReadonlyMap<NodeId, Point>, items: readonly Item[]): Map<NodeId, Point> {
  const low = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b), Infinity);
  const left = low(items.map((item) => item.pos[0])) - low([...places.values()].map(([x]) => x));
  const top = low(items.map((item) => item.pos[1])) - low([...places.values()].map(([, y]) => y));
  return new Map([...places].map(([id, [x, y]]) => [id, [snapped(x + left, GRID), snapped(y + top, GRID)] as const]));
}
