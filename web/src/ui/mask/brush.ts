/** What a round brush covers on its way: exact, whatever the distance between two points of the pointer. */

import { inside, type Plane, type Rect } from "./raster";

/** Where the brush was, and how wide. Pixel centres are at halves. */
export interface Dab {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/**
 * Raises a cover to what the brush covers between two dabs; nothing is covered twice.
 *
 * hardness: 0..1, the part of the radius that is covered wholly; even a hard edge is a pixel wide
 */
export function coverSegment(cover: Plane, from: Dab, to: Dab, hardness: number): Rect | undefined {
  const most = Math.max(from.radius, to.radius) + 0.5;
  const rect = inside(cover, Math.min(from.x, to.x) - most, Math.min(from.y, to.y) - most, Math.max(from.x, to.x) + most, Math.max(from.y, to.y) + most);
  if (!rect) return undefined;
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length2 = dx * dx + dy * dy;
  const grows = to.radius - from.radius;
  const softPart = 1 - hardness;
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    const py = y + 0.5 - from.y;
    let index = y * cover.width + rect.x;
    for (let x = rect.x; x < rect.x + rect.width; x++, index++) {
      const px = x + 0.5 - from.x;
      const along = length2 === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length2));
      const [ax, ay] = [px - along * dx, py - along * dy];
      const edge = from.radius + grows * along + 0.5;
      const distance2 = ax * ax + ay * ay;
      if (distance2 >= edge * edge) continue;
      const value = covered(edge - Math.sqrt(distance2), Math.max(1, (edge - 0.5) * softPart));
      if (value > (cover.data[index] ?? 0)) cover.data[index] = value;
    }
  }
  return rect;
}

/** 0..255 at a depth below the edge of a brush whose border is `soft` pixels wide. */
function covered(depth: number, soft: number): number {
  if (depth >= soft) return 255;
  const part = depth / soft;
  return Math.round(255 * part * part * (3 - 2 * part));
}

/** How wide a brush is under this pressure; `undefined` of what feels none. */
export function pressed(radius: number, pressure: number | undefined): number {
  return pressure === undefined ? radius : Math.max(0.5, radius * Math.min(1, Math.max(0, pressure)));
}
