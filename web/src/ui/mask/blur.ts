/** Soft edges: three running averages, each along rows and then along columns, which is nearly a Gaussian. */

import { boundsOf, widened, type Plane, type Rect } from "./raster";

/** Values are kept in 256ths between the passes. */
const FINE = 256;

/** Softens a mask; its edges reach `radius` pixels farther, and beyond the picture it goes on as at the border. */
export function feather(mask: Plane, radius: number): Rect | undefined {
  const found = boundsOf(mask);
  const rect = found && radius >= 1 ? widened(mask, found, Math.round(radius)) : undefined;
  if (!rect) return undefined;
  const size = rect.width * rect.height;
  const now = new Uint16Array(size);
  const next = new Uint16Array(size);
  for (let y = 0, at = 0; y < rect.height; y++) {
    const row = (rect.y + y) * mask.width + rect.x;
    for (let x = 0; x < rect.width; x++, at++) now[at] = (mask.data[row + x] ?? 0) * FINE;
  }
  for (const reach of reaches(Math.round(radius))) {
    alongRows(now, next, rect.width, rect.height, reach);
    alongColumns(next, now, rect.width, rect.height, reach);
  }
  for (let y = 0, at = 0; y < rect.height; y++) {
    const row = (rect.y + y) * mask.width + rect.x;
    for (let x = 0; x < rect.width; x++, at++) mask.data[row + x] = Math.round((now[at] ?? 0) / FINE);
  }
  return rect;
}

/** How far each of the averages looks to either side: together `radius`. */
function reaches(radius: number): number[] {
  return [2, 1, 0].map((more) => Math.floor((radius + more) / 3)).filter((reach) => reach > 0);
}

function alongRows(from: Uint16Array, to: Uint16Array, width: number, height: number, reach: number): void {
  const count = 2 * reach + 1;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const first = from[row] ?? 0;
    const last = from[row + width - 1] ?? 0;
    let sum = first * reach;
    for (let x = 0; x <= reach; x++) sum += x < width ? (from[row + x] ?? 0) : last;
    for (let x = 0; x < width; x++) {
      to[row + x] = Math.round(sum / count);
      const ahead = x + reach + 1;
      const behind = x - reach;
      sum += (ahead < width ? (from[row + ahead] ?? 0) : last) - (behind >= 0 ? (from[row + behind] ?? 0) : first);
    }
  }
}

/** All columns at once, row by row, as memory lies. */
function alongColumns(from: Uint16Array, to: Uint16Array, width: number, height: number, reach: number): void {
  const count = 2 * reach + 1;
  const sums = new Float64Array(width);
  const rowAt = (y: number): number => Math.min(height - 1, Math.max(0, y)) * width;
  for (let y = -reach; y <= reach; y++) {
    const row = rowAt(y);
    for (let x = 0; x < width; x++) sums[x] = (sums[x] ?? 0) + (from[row + x] ?? 0);
  }
  for (let y = 0; y < height; y++) {
    const [here, ahead, behind] = [y * width, rowAt(y + reach + 1), rowAt(y - reach)];
    for (let x = 0; x < width; x++) {
      const sum = sums[x] ?? 0;
      to[here + x] = Math.round(sum / count);
      sums[x] = sum + (from[ahead + x] ?? 0) - (from[behind + x] ?? 0);
    }
  }
}
