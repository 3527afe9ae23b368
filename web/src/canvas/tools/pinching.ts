/** Two fingers: the graph points under them stay under them. */

import { panned, zoomed } from "../camera";
import type { Camera, Point } from "../../core/types";

/** How far apart the first two fingers are. */
export function distanceOf([a, b]: readonly Point[]): number {
  return a === undefined || b === undefined ? 0 : Math.hypot(a[0] - b[0], a[1] - b[1]);
}

function centreOf([a, b]: readonly Point[]): Point {
  return a === undefined || b === undefined ? [0, 0] : [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

/** The camera after two fingers have gone from one pair of places to another. */
export function pinchedCamera(camera: Camera, before: readonly Point[], after: readonly Point[]): Camera {
  const [from, to] = [centreOf(before), centreOf(after)];
  const pushed = panned(camera, to[0] - from[0], to[1] - from[1]);
  return zoomed(pushed, (pushed.zoom * distanceOf(after)) / distanceOf(before), to);
}
