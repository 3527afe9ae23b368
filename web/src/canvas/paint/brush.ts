/** What every painter is given: where to draw, what, in which colours. */

import type { LinkId, NodeId, RerouteId, GroupId } from "../../core/types";
import type { GraphModel } from "../model";
import type { Rect } from "../rect";
import type { Theme } from "../theme";

/** What the scene shows beside the document; gestures and hovering write it. */
export interface Look {
  /** Left out because a gesture draws them on the overlay. */
  readonly hiddenNodes: ReadonlySet<NodeId>;
  readonly hiddenLinks: ReadonlySet<LinkId>;
  readonly hiddenReroutes: ReadonlySet<RerouteId>;
  readonly hiddenGroups: ReadonlySet<GroupId>;
  /** Links at full strength while all others step back; absent where none is singled out. */
  readonly litLinks?: ReadonlySet<LinkId> | undefined;
  thumbnail(id: NodeId): ImageBitmap | undefined;
  /** The worst problem that the check found at a node. */
  problem(id: NodeId): "error" | "warning" | undefined;
}

export interface Brush {
  readonly ctx: CanvasRenderingContext2D;
  readonly model: GraphModel;
  readonly theme: Theme;
  readonly look: Look;
  /** Screen pixels per graph unit. */
  readonly zoom: number;
  /** Device pixels per screen pixel. */
  readonly ratio: number;
  /** The part of the graph that is drawn. */
  readonly rect: Rect;
}

/** Sets the context to graph coordinates. */
export function inGraph({ ctx, zoom, ratio, rect }: Brush): void {
  const scale = zoom * ratio;
  ctx.setTransform(scale, 0, 0, scale, -rect.x * scale, -rect.y * scale);
}

/** Sets the context to screen pixels with the origin at a graph point, for text that keeps its size. */
export function inScreenAt({ ctx, zoom, ratio, rect }: Brush, x: number, y: number): void {
  ctx.setTransform(ratio, 0, 0, ratio, Math.round((x - rect.x) * zoom * ratio), Math.round((y - rect.y) * zoom * ratio));
}
