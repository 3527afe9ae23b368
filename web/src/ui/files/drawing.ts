/** Two workflows in one drawing: what both have, what one has, and what differs, each node where it stands. */

import { definitionOf } from "../../core/instances";
import { layout, linkCurve, type Box } from "../../core/geometry";
import { isBoundary } from "../../core/ids";
import { ROOT, type Definitions, type DocumentState, type Graph, type GraphNode, type Link, type Point, type SocketId } from "../../core/types";
import type { Difference, Wire } from "./difference";

export type Mark = "added" | "removed" | "changed" | "same";

export interface DrawnNode extends Box {
  readonly id: string;
  readonly title: string;
  readonly mark: Mark;
}

export interface DrawnLink {
  readonly key: string;
  /** SVG path data. */
  readonly path: string;
  readonly mark: Exclude<Mark, "changed">;
}

export interface Drawing {
  readonly nodes: readonly DrawnNode[];
  readonly links: readonly DrawnLink[];
  readonly bounds: Box;
}

const MARGIN = 60;
const ORDER: Readonly<Record<Mark, number>> = { same: 0, removed: 1, added: 2, changed: 3 };

/** The graph of a scope of the server's comparison: "" is the root, others are subgraphs by name. */
export function graphAt(state: DocumentState, scope: string): Graph | undefined {
  if (scope === "") return state.graphs.get(ROOT);
  return [...state.graphs.values()].find((graph) => graph.id !== ROOT && (graph.name === scope || `${graph.name} (${graph.id})` === scope));
}

/** One scope of two documents, drawn over each other. */
export function drawingOf(before: DocumentState, after: DocumentState, difference: Difference, scope: string, definitions: Definitions): Drawing {
  const sides = [side(before, scope, definitions), side(after, scope, definitions)] as const;
  const marks = marksOf(difference, scope);
  const nodes = new Map<string, DrawnNode>();
  // What stands in the present graph stands there in the drawing too.
  for (const { graph, definition } of [sides[1], sides[0]]) {
    for (const node of graph?.nodes.values() ?? []) {
      if (nodes.has(node.id) || isBoundary(node)) continue;
      const def = definition(node);
      const { width, height } = layout(node, def);
      nodes.set(node.id, { id: node.id, title: node.title ?? def?.title ?? node.type, x: node.pos[0], y: node.pos[1], width, height, mark: marks.get(node.id) ?? "same" });
    }
  }
  const drawn = [...nodes.values()].sort((a, b) => ORDER[a.mark] - ORDER[b.mark]);
  return { nodes: drawn, links: linksOf(sides, difference, scope), bounds: around(drawn) };
}

/** The part of a title that fits into a width at a size of letters, all in the same unit. */
export function fitted(title: string, width: number, size: number): string {
  const room = Math.floor(width / (size * 0.56));
  if (title.length <= room) return title;
  return room < 3 ? "" : `${title.slice(0, room - 1).trimEnd()}…`;
}

/** A view of at least this size around a node. */
export function viewOf(node: Box, whole: Box): Box {
  const width = Math.min(whole.width, Math.max(node.width * 3, 900));
  const height = (width * whole.height) / whole.width;
  return { x: node.x + node.width / 2 - width / 2, y: node.y + node.height / 2 - height / 2, width, height };
}

interface Side {
  readonly graph: Graph | undefined;
  definition(node: GraphNode): ReturnType<typeof definitionOf>;
}

function side(state: DocumentState, scope: string, definitions: Definitions): Side {
  return { graph: graphAt(state, scope), definition: (node) => definitionOf(state, definitions, node.type, node) };
}

function marksOf(difference: Difference, scope: string): ReadonlyMap<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const mark of ["added", "removed", "changed"] as const) {
    for (const node of difference[mark]) if (node.scope === scope) marks.set(node.id, mark);
  }
  return marks;
}

function linksOf([before, after]: readonly [Side, Side], difference: Difference, scope: string): DrawnLink[] {
  const [gone, fresh] = [difference.linksRemoved, difference.linksAdded].map((wires) => new Set(wires.filter((wire) => wire.scope === scope).map(keyOf))) as [Set<string>, Set<string>];
  const found: DrawnLink[] = [];
  const place = (owner: Side, node: string): { side: Side; node: GraphNode } | undefined => {
    // A node that moved is drawn where it stands now, also for a link that is gone.
    for (const side of [after, before, owner]) {
      const known = side.graph?.nodes.get(node);
      if (known) return { side, node: known };
    }
    return undefined;
  };
  const add = (owner: Side, link: Link, key: string, mark: DrawnLink["mark"]): void => {
    const [from, to] = [pointOf(place(owner, link.from), "outputs", link.fromSocket), pointOf(place(owner, link.to), "inputs", link.toSocket)];
    if (from && to) found.push({ key: `${mark} ${key}`, path: pathOf(from, to), mark });
  };
  for (const link of after.graph?.links.values() ?? []) {
    const key = keyOfLink(after, link);
    add(after, link, key, fresh.has(key) ? "added" : "same");
  }
  for (const link of before.graph?.links.values() ?? []) {
    const key = keyOfLink(before, link);
    if (gone.has(key)) add(before, link, key, "removed");
  }
  return found.sort((a, b) => ORDER[a.mark] - ORDER[b.mark]);
}

function keyOf(wire: Wire): string {
  return [wire.from, wire.output, wire.to, wire.input].join("\n");
}

/** As the server names a wire: by the names of its sockets, at the rim of a subgraph by their places. */
function keyOfLink({ graph }: Side, link: Link): string {
  const [from, to] = [graph?.nodes.get(link.from), graph?.nodes.get(link.to)];
  return [link.from, socketName(from, from?.outputs, link.fromSocket), link.to, socketName(to, to?.inputs, link.toSocket)].join("\n");
}

function socketName(node: GraphNode | undefined, sockets: GraphNode["inputs"] | undefined, id: SocketId): string {
  const place = sockets?.findIndex((each) => each.id === id) ?? -1;
  return node && isBoundary(node) ? String(place) : (sockets?.[place]?.name ?? id);
}

function pointOf(found: { side: Side; node: GraphNode } | undefined, sockets: "inputs" | "outputs", id: SocketId): Point | undefined {
  if (!found || isBoundary(found.node)) return undefined;
  const { node, side } = found;
  const { width, ...points } = layout(node, side.definition(node));
  // A socket that the present node no longer has: the middle of its header.
  const [x, y] = points[sockets].get(id) ?? [sockets === "inputs" ? 0 : width, 14];
  return [node.pos[0] + x, node.pos[1] + y];
}

function pathOf(from: Point, to: Point): string {
  const curve = linkCurve(from, to);
  const points = [curve.out, curve.in, curve.to].map(([x, y]) => `${round(x)} ${round(y)}`);
  return `M${round(from[0])} ${round(from[1])}C${points.join(" ")}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function around(boxes: readonly Box[]): Box {
  if (boxes.length === 0) return { x: 0, y: 0, width: 640, height: 360 };
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const box of boxes) {
    left = Math.min(left, box.x);
    top = Math.min(top, box.y);
    right = Math.max(right, box.x + box.width);
    bottom = Math.max(bottom, box.y + box.height);
  }
  return { x: left - MARGIN, y: top - MARGIN, width: right - left + 2 * MARGIN, height: bottom - top + 2 * MARGIN };
}
