/** Which frame a node stands in, and how frames fit themselves to what comes and goes. */

import type { GroupId, NodeId, Point } from "../core/types";
import type { GraphModel } from "./model";
import { carriedBy } from "./picking";
import { around, grown, holds, moved, rectAt, type Rect } from "./rect";

/** Space between a frame and what stands in it, and that for its title. */
const FRAME_PADDING = 24;
const FRAME_HEADER = 40;

/** The smallest frame at a point. */
export function frameAt(model: GraphModel, point: Point): GroupId | undefined {
  return smallest(model, (id) => {
    const group = model.graph.groups.get(id);
    return group !== undefined && holds(rectAt(group.pos, group.size), point);
  });
}

/** The smallest frame in which all of these nodes stand. */
export function frameOf(model: GraphModel, ids: readonly NodeId[]): GroupId | undefined {
  return smallest(model, (id) => {
    const { nodes } = carriedBy(model, id);
    return ids.every((each) => nodes.has(each));
  });
}

/** The frame, grown around nodes that have been moved by so much. */
export function frameWith(model: GraphModel, id: GroupId, ids: readonly NodeId[], by: Point): Rect | undefined {
  const group = model.graph.groups.get(id);
  const boxes = ids.flatMap((each) => model.nodes.get(each)?.rect ?? []).map((rect) => grown(moved(rect, ...by), FRAME_PADDING));
  return group && around([rectAt(group.pos, group.size), ...boxes]);
}

/** The frame around what stands in it beside these nodes; undefined where nothing else does. */
export function frameWithout(model: GraphModel, id: GroupId, ids: readonly NodeId[]): Rect | undefined {
  const rest = [...carriedBy(model, id).nodes].filter((each) => !ids.includes(each));
  return rest.length === 0 ? undefined : frameAround(model, rest);
}

/** A frame that fits these nodes. */
export function frameAround(model: GraphModel, ids: Iterable<NodeId>): Rect | undefined {
  const box = around([...ids].flatMap((id) => model.nodes.get(id)?.rect ?? []));
  if (box === undefined) return undefined;
  const { x, y, width, height } = grown(box, FRAME_PADDING);
  const top = FRAME_HEADER - FRAME_PADDING;
  return { x, y: y - top, width, height: height + top };
}

function smallest(model: GraphModel, fits: (id: GroupId) => boolean): GroupId | undefined {
  const found = [...model.groups].filter((group) => fits(group.id));
  return found.sort((a, b) => a.size[0] * a.size[1] - b.size[0] * b.size[1])[0]?.id;
}
