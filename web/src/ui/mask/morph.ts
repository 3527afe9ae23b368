/** Larger, smaller, the other way round. */

import { boundsOf, cut, paste, widened, wholeOf, type Plane, type Rect } from "./raster";

/** Turns painted into not painted. */
export function invert(mask: Plane): Rect {
  const { data } = mask;
  for (let index = 0; index < data.length; index++) data[index] = 255 - (data[index] ?? 0);
  return wholeOf(mask);
}

/** Each pixel becomes the most of those within `radius`: round corners stay round, soft edges soft. */
export function grow(mask: Plane, radius: number): Rect | undefined {
  const found = boundsOf(mask);
  const rect = found && radius >= 1 ? widened(mask, found, Math.round(radius)) : undefined;
  if (rect) paste(mask, rect, grown(cut(mask, rect), rect.width, rect.height, Math.round(radius)));
  return rect;
}

/** The opposite of `grow`. What touches the border of the picture stays there. */
export function shrink(mask: Plane, radius: number): Rect | undefined {
  invert(mask);
  grow(mask, radius);
  return radius >= 1 ? invert(mask) : void invert(mask);
}

/** Rows are widened step by step to each half width of the disc; then each is laid over the rows that need it. */
function grown(from: Uint8Array, width: number, height: number, radius: number): Uint8Array {
  const result = from.slice();
  const wide = from.slice();
  for (let reach = 0; reach <= radius; reach++) {
    if (reach > 0) widenRows(wide, width, height);
    for (let dy = 0; dy <= radius; dy++) {
      // Half a pixel more makes small discs round instead of crosses.
      if (Math.min(radius, Math.floor(Math.sqrt((radius + 0.5) ** 2 - dy * dy))) !== reach) continue;
      layOver(result, wide, width, dy, height);
      if (dy > 0) layOver(result, wide, width, -dy, height);
    }
  }
  return result;
}

/** Each pixel becomes the most of itself and its neighbours left and right. */
function widenRows(data: Uint8Array, width: number, height: number): void {
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let left = 0;
    let here = data[row] ?? 0;
    for (let x = 0; x < width; x++) {
      const right = x + 1 < width ? (data[row + x + 1] ?? 0) : 0;
      const most = left > right ? left : right;
      if (most > here) data[row + x] = most;
      left = here;
      here = right;
    }
  }
}

/** Raises a picture to another one that is moved down by `dy`. */
function layOver(to: Uint8Array, from: Uint8Array, width: number, dy: number, height: number): void {
  const shift = dy * width;
  const start = Math.max(0, shift);
  const end = Math.min(width * height, width * height + shift);
  for (let index = start; index < end; index++) {
    const value = from[index - shift] ?? 0;
    if (value > (to[index] ?? 0)) to[index] = value;
  }
}
