/** Grey pictures of one byte a pixel, and the rectangles that changed in them. */

/** Row by row; 0 keeps, 255 is painted. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Whole pixels. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Extent {
  readonly width: number;
  readonly height: number;
}

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export function plane(width: number, height: number, value = 0): Plane {
  const data = new Uint8Array(width * height);
  if (value) data.fill(value);
  return { width, height, data };
}

export function wholeOf({ width, height }: Extent): Rect {
  return { x: 0, y: 0, width, height };
}

/** The whole pixels between these edges that lie in the picture; undefined where there are none. */
export function inside(extent: Extent, left: number, top: number, right: number, bottom: number): Rect | undefined {
  const x = Math.max(0, Math.floor(left));
  const y = Math.max(0, Math.floor(top));
  const width = Math.min(extent.width, Math.ceil(right)) - x;
  const height = Math.min(extent.height, Math.ceil(bottom)) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}

/** A rectangle that is wider by `by` on every side, as far as the picture goes. */
export function widened(extent: Extent, rect: Rect, by: number): Rect | undefined {
  return inside(extent, rect.x - by, rect.y - by, rect.x + rect.width + by, rect.y + rect.height + by);
}

/** The smallest rectangle around both. */
export function union(a: Rect | undefined, b: Rect | undefined): Rect | undefined {
  if (!a || !b) return a ?? b;
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return { x, y, width: Math.max(a.x + a.width, b.x + b.width) - x, height: Math.max(a.y + a.height, b.y + b.height) - y };
}

/** The smallest rectangle around everything that is not 0. */
export function boundsOf({ width, height, data }: Plane): Rect | undefined {
  const first = data.findIndex((value) => value !== 0);
  if (first < 0) return undefined;
  const top = Math.floor(first / width);
  const bottom = Math.floor(data.findLastIndex((value) => value !== 0) / width);
  let left = width;
  let right = -1;
  for (let y = top; y <= bottom; y++) {
    const row = y * width;
    for (let x = 0; x < left; x++) if (data[row + x]) left = x;
    for (let x = width - 1; x > right; x--) if (data[row + x]) right = x;
  }
  return inside({ width, height }, left, top, right + 1, bottom + 1);
}

/** The bytes of a rectangle. */
export function cut({ width, data }: Plane, rect: Rect): Uint8Array {
  const bytes = new Uint8Array(rect.width * rect.height);
  for (let y = 0; y < rect.height; y++) {
    const start = (rect.y + y) * width + rect.x;
    bytes.set(data.subarray(start, start + rect.width), y * rect.width);
  }
  return bytes;
}

/** Puts the bytes of a rectangle back. */
export function paste({ width, data }: Plane, rect: Rect, bytes: Uint8Array): void {
  for (let y = 0; y < rect.height; y++) data.set(bytes.subarray(y * rect.width, (y + 1) * rect.width), (rect.y + y) * width + rect.x);
}

/** Makes a rectangle of one picture equal to that of another of the same size. */
export function copyRect(from: Plane, to: Plane, rect: Rect): void {
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    const start = y * from.width + rect.x;
    to.data.set(from.data.subarray(start, start + rect.width), start);
  }
}

export function fillRect({ width, data }: Plane, rect: Rect, value: number): void {
  for (let y = rect.y; y < rect.y + rect.height; y++) data.fill(value, y * width + rect.x, y * width + rect.x + rect.width);
}
