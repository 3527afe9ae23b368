/** What lies under a point of the graph, and what a rectangle or a stroke touches. */

import { groupHolds } from "../core/geometry";
import type { GroupId, LinkId, NodeId, Point, RerouteId, SocketId } from "../core/types";
import { crosses, distance } from "./curves";
import type { GraphModel, NodeShape } from "./model";
import { covers, grown, holds, overlaps, rectAt, rectBetween, type Rect } from "./rect";
import { tagAt } from "./tags";

export type Hit =
  | { readonly kind: "socket"; readonly node: NodeId; readonly socket: SocketId; readonly output: boolean }
  | { readonly kind: "corner"; readonly node: NodeId }
  | { readonly kind: "node"; readonly id: NodeId }
  /** A tag of a hidden link at a node. */
  | { readonly kind: "tag"; readonly id: LinkId; readonly node: NodeId; readonly other: NodeId }
  | { readonly kind: "reroute"; readonly id: RerouteId }
  | { readonly kind: "link"; readonly id: LinkId }
  | { readonly kind: "groupCorner"; readonly id: GroupId }
  | { readonly kind: "group"; readonly id: GroupId }
  | { readonly kind: "canvas" };

export type SocketHit = Extract<Hit, { kind: "socket" }>;

export const GROUP_TITLE = 32;
const SOCKET_REACH = 10;
const REROUTE_REACH = 9;
const LINK_REACH_PIXELS = 6;
const CORNER = 14;
/** Sockets smaller than this on the screen cannot be meant. */
const SOCKET_ZOOM = 0.35;

/** The topmost thing under a point. `coarse` is for fingers: everything reaches farther. */
export function pick(model: GraphModel, at: Point, zoom: number, coarse = false): Hit {
  const reach = coarse ? 2.2 : 1;
  const top = topNode(model, at);
  const socket = zoom < SOCKET_ZOOM ? undefined : socketAt(model, at, SOCKET_REACH * reach, top);
  if (socket !== undefined) return socket;
  if (top !== undefined) return inCorner(top.rect, at, coarse, zoom) && !top.node.collapsed ? { kind: "corner", node: top.node.id } : { kind: "node", id: top.node.id };
  const tag = model.linksShown === "none" ? undefined : tagAt(model.tags, at, zoom, coarse);
  if (tag !== undefined) return { kind: "tag", id: tag.link, node: tag.node, other: tag.other };
  for (const reroute of model.reroutes) {
    if (Math.hypot(reroute.pos[0] - at[0], reroute.pos[1] - at[1]) <= REROUTE_REACH * reach) return { kind: "reroute", id: reroute.id };
  }
  const link = linkAt(model, at, (LINK_REACH_PIXELS * reach) / zoom);
  if (link !== undefined) return { kind: "link", id: link };
  return groupAt(model, at, coarse, zoom) ?? { kind: "canvas" };
}

/** The topmost node under a point. */
export function topNode(model: GraphModel, at: Point): NodeShape | undefined {
  return model.nodesIn({ x: at[0], y: at[1], width: 0, height: 0 }).at(-1);
}

function socketAt(model: GraphModel, at: Point, reach: number, top: NodeShape | undefined): SocketHit | undefined {
  let best: SocketHit | undefined;
  let least = reach;
  const near = model.nodesIn(grown({ x: at[0], y: at[1], width: 0, height: 0 }, reach));
  // Sockets of nodes that lie under the topmost one are hidden by it.
  const from = top === undefined ? 0 : near.indexOf(top);
  for (const shape of near.slice(Math.max(0, from))) {
    for (const [points, output] of [[shape.layout.inputs, false], [shape.layout.outputs, true]] as const) {
      for (const [id, [x, y]] of points) {
        const away = Math.hypot(shape.rect.x + x - at[0], shape.rect.y + y - at[1]);
        if (away > least) continue;
        least = away;
        best = { kind: "socket", node: shape.node.id, socket: id, output };
      }
    }
  }
  return best;
}

/** The link nearest to a point, within reach (in graph units). */
export function linkAt(model: GraphModel, at: Point, reach: number, allowed: (id: LinkId) => boolean = () => true): LinkId | undefined {
  let best: LinkId | undefined;
  let least = reach;
  for (const id of model.linkIndex.near(grown({ x: at[0], y: at[1], width: 0, height: 0 }, reach))) {
    const shape = model.links.get(id);
    if (shape === undefined || !model.shows(shape) || !allowed(id)) continue;
    const away = distance(model.points(shape), at);
    if (away > least) continue;
    least = away;
    best = id;
  }
  return best;
}

function groupAt(model: GraphModel, at: Point, coarse: boolean, zoom: number): Hit | undefined {
  const bar = Math.max(GROUP_TITLE, (coarse ? 44 : 20) / zoom);
  let found: Hit | undefined;
  for (const group of model.groups) {
    const rect = rectAt(group.pos, group.size);
    if (!holds(rect, at)) continue;
    if (inCorner(rect, at, coarse, zoom)) found = { kind: "groupCorner", id: group.id };
    else if (at[1] <= rect.y + Math.min(bar, rect.height)) found = { kind: "group", id: group.id };
  }
  return found;
}

function inCorner(rect: Rect, at: Point, coarse: boolean, zoom: number): boolean {
  const size = Math.min(coarse ? 28 : CORNER, rect.width / 4, rect.height / 3);
  return zoom >= 0.25 && at[0] >= rect.x + rect.width - size && at[1] >= rect.y + rect.height - size;
}

/** The nodes that a rectangle touches; only those entirely inside where `whole`. */
export function nodesTouching(model: GraphModel, rect: Rect, whole = false): NodeId[] {
  const found = model.nodesIn(rect);
  return (whole ? found.filter((shape) => covers(rect, shape.rect)) : found).map((shape) => shape.node.id);
}

/** The links that a stroke crosses. */
export function linksCrossing(model: GraphModel, stroke: readonly Point[]): Set<LinkId> {
  const crossed = new Set<LinkId>();
  let last: Point | undefined;
  for (const point of stroke) {
    if (last !== undefined) {
      for (const id of model.linkIndex.near(rectBetween(last, point))) {
        const shape = model.links.get(id);
        if (shape !== undefined && model.shows(shape) && crosses(model.points(shape), last, point)) crossed.add(id);
      }
    }
    last = point;
  }
  return crossed;
}

/** What a group carries when it is dragged: nodes with their header inside, reroutes inside, and groups entirely inside. */
export function carriedBy(model: GraphModel, id: GroupId): { nodes: Set<NodeId>; reroutes: Set<RerouteId>; groups: Set<GroupId> } {
  const group = model.graph.groups.get(id);
  const carried = { nodes: new Set<NodeId>(), reroutes: new Set<RerouteId>(), groups: new Set<GroupId>([id]) };
  if (group === undefined) return carried;
  const rect = rectAt(group.pos, group.size);
  for (const { node } of model.nodesIn(rect)) if (groupHolds(group, node)) carried.nodes.add(node.id);
  for (const reroute of model.reroutes) if (holds(rect, reroute.pos)) carried.reroutes.add(reroute.id);
  for (const other of model.groups) {
    const inner = rectAt(other.pos, other.size);
    if (other.id !== id && overlaps(rect, inner) && covers(rect, inner)) carried.groups.add(other.id);
  }
  return carried;
}
