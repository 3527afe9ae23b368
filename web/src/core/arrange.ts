/** Tidying: nodes in columns, each to the right of all that it needs. */

import { GRID, layout, snapped } from "./geometry";
import { layered } from "./layered";
import type { Graph, GraphNode, NodeDef, NodeId, Point } from "./types";

/** In pixels. */
const GAPS = { column: 64, row: 32 };

/** Where the types of nodes are looked up. */
export interface Types {
  get(type: string): NodeDef | undefined;
}

/** New places for the nodes, or for some of them; what is arranged keeps its upper left corner. Pinned nodes stay. */
export function arranged(graph: Graph, definitions: Types, ids?: Iterable<NodeId>): Map<NodeId, Point> {
  const wanted = new Set(ids ?? graph.nodes.keys());
  const nodes = [...graph.nodes.values()].filter((node) => wanted.has(node.id) && !node.pinned);
  const layouts = new Map(nodes.map((node) => [node.id, layout(node, definitions.get(node.type))]));
  const blocks = [...layouts].map(([id, { width, height }]) => ({ id, width, height }));
  const edges = [...graph.links.values()].map((link) => ({
    from: link.from,
    to: link.to,
    fromY: layouts.get(link.from)?.outputs.get(link.fromSocket)?.[1] ?? 0,
    toY: layouts.get(link.to)?.inputs.get(link.toSocket)?.[1] ?? 0,
  }));
  return anchored(layered(blocks, edges, GAPS), nodes);
}

/** Moved so that the upper left corner is where it was, and set on the grid. */
function anchored(places: ReadonlyMap<NodeId, Point>, nodes: readonly GraphNode[]): Map<NodeId, Point> {
  const low = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b), Infinity);
  const left = low(nodes.map((node) => node.pos[0])) - low([...places.values()].map(([x]) => x));
  const top = low(nodes.map((node) => node.pos[1])) - low([...places.values()].map(([, y]) => y));
  return new Map([...places].map(([id, [x, y]]) => [id, [snapped(x + left, GRID), snapped(y + top, GRID)] as const]));
}
