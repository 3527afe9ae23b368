/** Walking the graph along its links. Nothing here calls itself: chains may be 10,000 links long. */

import { isBoundary } from "./ids";
import type { Graph, Link, NodeId } from "./types";

/** By node: the links that leave it, and those that reach it. */
export interface Adjacency {
  readonly out: ReadonlyMap<NodeId, readonly Link[]>;
  readonly into: ReadonlyMap<NodeId, readonly Link[]>;
}

const known = new WeakMap<Graph["links"], Adjacency>();

/** The links of a graph by their ends, worked out once for each state of its links. */
export function adjacency(graph: Graph): Adjacency {
  const earlier = known.get(graph.links);
  if (earlier) return earlier;
  const out = new Map<NodeId, Link[]>();
  const into = new Map<NodeId, Link[]>();
  for (const link of graph.links.values()) {
    push(out, link.from, link);
    push(into, link.to, link);
  }
  const found = { out, into };
  known.set(graph.links, found);
  return found;
}

function push(map: Map<NodeId, Link[]>, key: NodeId, link: Link): void {
  const list = map.get(key);
  if (list) list.push(link);
  else map.set(key, [link]);
}

/** The nodes so that each stands behind all that it needs; among equals, the left and upper ones first. Nodes of a loop come last. */
export function topologicalOrder(graph: Graph): NodeId[] {
  const { out, into } = adjacency(graph);
  const places = new Map(
    [...graph.nodes.values()].sort((a, b) => a.pos[0] - b.pos[0] || a.pos[1] - b.pos[1]).map((node, place) => [node.id, place]),
  );
  const open = new Map<NodeId, number>();
  for (const id of places.keys()) open.set(id, (into.get(id) ?? []).filter((link) => graph.nodes.has(link.from)).length);
  const ready = new Queue();
  for (const [id, count] of open) if (count === 0) ready.add(places.get(id) ?? 0, id);
  const order: NodeId[] = [];
  for (let id = ready.take(); id !== undefined; id = ready.take()) {
    order.push(id);
    open.delete(id);
    for (const link of out.get(id) ?? []) {
      const left = (open.get(link.to) ?? 0) - 1;
      if (!open.has(link.to)) continue;
      open.set(link.to, left);
      if (left === 0) ready.add(places.get(link.to) ?? 0, link.to);
    }
  }
  return [...order, ...open.keys()];
}

/** A heap: gives the id of the lowest rank. */
class Queue {
  readonly #heap: [number, NodeId][] = [];

  add(rank: number, id: NodeId): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push([rank, id]);
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!this.#swapIfLess(at, up)) break;
      at = up;
    }
  }

  take(): NodeId | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last) return undefined;
    if (heap.length === 0) return first[1];
    heap[0] = last;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const least = right < heap.length && this.#rank(right) < this.#rank(left) ? right : left;
      if (least >= heap.length || !this.#swapIfLess(least, at)) break;
      at = least;
    }
    return first[1];
  }

  #rank(at: number): number {
    return this.#heap[at]?.[0] ?? Infinity;
  }

  #swapIfLess(at: number, up: number): boolean {
    const [a, b] = [this.#heap[at], this.#heap[up]];
    if (!a || !b || a[0] >= b[0]) return false;
    this.#heap[at] = b;
    this.#heap[up] = a;
    return true;
  }
}

/** The neighbours of a node along its links, in the order of its sockets, each once. */
export function neighbours(graph: Graph, id: NodeId, side: "inputs" | "outputs"): NodeId[] {
  const node = graph.nodes.get(id);
  if (!node) return [];
  const { out, into } = adjacency(graph);
  const links = (side === "inputs" ? into : out).get(id) ?? [];
  const places = new Map(node[side].map((socket, place) => [socket.id, place]));
  const placeOf = (link: Link) => places.get(side === "inputs" ? link.toSocket : link.fromSocket) ?? 0;
  const sorted = [...links].sort((a, b) => placeOf(a) - placeOf(b));
  return [...new Set(sorted.map((link) => (side === "inputs" ? link.from : link.to)))];
}

/** The nodes and all that they need. */
export function upstream(graph: Graph, ids: Iterable<NodeId>): Set<NodeId> {
  return reached(ids, adjacency(graph).into, (link) => link.from);
}

/** The nodes and all that need them. */
export function downstream(graph: Graph, ids: Iterable<NodeId>): Set<NodeId> {
  return reached(ids, adjacency(graph).out, (link) => link.to);
}

function reached(ids: Iterable<NodeId>, links: ReadonlyMap<NodeId, readonly Link[]>, next: (link: Link) => NodeId): Set<NodeId> {
  const found = new Set(ids);
  const waiting = [...found];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const link of links.get(id) ?? []) {
      const other = next(link);
      if (found.has(other)) continue;
      found.add(other);
      waiting.push(other);
    }
  }
  return found;
}

/** Whether a link from one node to another would close a loop. */
export function wouldLoop(graph: Graph, from: NodeId, to: NodeId): boolean {
  if (from === to) return true;
  return downstream(graph, [to]).has(from);
}

/** Nodes in the order in which Tab visits them: topological, without the boundary of a subgraph. */
export function focusOrder(graph: Graph): NodeId[] {
  return topologicalOrder(graph).filter((id) => !isBoundary({ id }));
}
