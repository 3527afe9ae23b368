/** Where we look: pure functions from camera to camera, and between screen and graph coordinates. */

import type { Camera, Point, Size } from "../core/types";
import { middle, type Rect } from "./rect";

export const MIN_ZOOM = 0.04;
export const MAX_ZOOM = 4;
/** Node text is 12 px high, and 8 px is the least that reads well. */
export const READABLE_ZOOM = 2 / 3;

/** The zoom that is nearest to the wanted one and allowed. */
export function allowedZoom(zoom: number): number {
  return Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom));
}

/** The graph point under a point of the viewport. */
export function toGraph(camera: Camera, [x, y]: Point): Point {
  return [camera.x + x / camera.zoom, camera.y + y / camera.zoom];
}

/** The point of the viewport that shows a graph point. */
export function toScreen(camera: Camera, [x, y]: Point): Point {
  return [(x - camera.x) * camera.zoom, (y - camera.y) * camera.zoom];
}

/** The camera after the desk was pushed by so many screen pixels. */
export function panned(camera: Camera, dx: number, dy: number): Camera {
  return { x: camera.x - dx / camera.zoom, y: camera.y - dy / camera.zoom, zoom: camera.zoom };
}

/** The camera at another zoom, with the graph point under `at` staying where it is. */
export function zoomed(camera: Camera, wanted: number, at: Point): Camera {
  const zoom = allowedZoom(wanted);
  const [x, y] = toGraph(camera, at);
  return { x: x - at[0] / zoom, y: y - at[1] / zoom, zoom };
}

/** The part of the graph that the viewport shows, with a margin given as a share of its size. */
export function visible(camera: Camera, viewport: Size, margin = 0): Rect {
  const width = viewport[0] / camera.zoom;
  const height = viewport[1] / camera.zoom;
  return {
    x: camera.x - width * margin,
    y: camera.y - height * margin,
    width: width * (1 + 2 * margin),
    height: height * (1 + 2 * margin),
  };
}

/** The camera that shows the whole rectangle in the middle, no nearer than 1:1. */
export function fitted(rect: Rect, viewport: Size, padding = 48): Camera {
  const across = (viewport[0] - 2 * padding) / Math.max(1, rect.width);
  const down = (viewport[1] - 2 * padding) / Math.max(1, rect.height);
  return centred(middle(rect), allowedZoom(Math.min(1, across, down)), viewport);
}

/** The camera that has a graph point in the middle of the viewport. */
export function centred([x, y]: Point, zoom: number, viewport: Size): Camera {
  return { x: x - viewport[0] / zoom / 2, y: y - viewport[1] / zoom / 2, zoom };
}

/** The camera on its way between two, at `share` of the way (0 to 1); the zoom moves in equal ratios. */
export function between(from: Camera, to: Camera, share: number, viewport: Size): Camera {
  if (share >= 1) return to;
  const zoom = from.zoom * (to.zoom / from.zoom) ** share;
  // Interpolating the centre, not the corner, keeps the motion straight while the zoom changes.
  const centre = (c: Camera): Point => [c.x + viewport[0] / c.zoom / 2, c.y + viewport[1] / c.zoom / 2];
  const [ax, ay] = centre(from);
  const [bx, by] = centre(to);
  return centred([ax + (bx - ax) * share, ay + (by - ay) * share], zoom, viewport);
}

/** Whether two cameras show the same. */
export function sameCamera(a: Camera, b: Camera): boolean {
  return a.x === b.x && a.y === b.y && a.zoom === b.zoom;
}
