/** Filling by likeness of the picture. */

import { inside, type Plane, type Rect } from "./raster";

/** A picture of four bytes a pixel. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

export interface Likeness {
  /** How far red, green and blue may each be from those of the first pixel, 0..255. */
  readonly tolerance: number;
  /** Only what hangs together with the first pixel. */
  readonly connected: boolean;
}

/** Covers what looks like the pixel at (x, y). */
export function coverAlike(cover: Plane, pixels: Pixels, x: number, y: number, likeness: Likeness): Rect | undefined {
  if (x < 0 || y < 0 || x >= pixels.width || y >= pixels.height) return undefined;
  const alike = likeTo(pixels, y * pixels.width + x, likeness.tolerance);
  return likeness.connected ? coverConnected(cover, alike, x, y) : coverAll(cover, alike);
}

function likeTo({ data }: Pixels, first: number, tolerance: number): (index: number) => boolean {
  const [red, green, blue] = [data[4 * first] ?? 0, data[4 * first + 1] ?? 0, data[4 * first + 2] ?? 0];
  return (index) => {
    const at = 4 * index;
    return (
      Math.abs((data[at] ?? 0) - red) <= tolerance && Math.abs((data[at + 1] ?? 0) - green) <= tolerance && Math.abs((data[at + 2] ?? 0) - blue) <= tolerance
    );
  };
}

function coverAll(cover: Plane, alike: (index: number) => boolean): Rect | undefined {
  const edges = new Edges();
  for (let y = 0; y < cover.height; y++) {
    for (let x = 0; x < cover.width; x++) {
      const index = y * cover.width + x;
      if (!alike(index)) continue;
      cover.data[index] = 255;
      edges.add(x, x, y);
    }
  }
  return edges.rect(cover);
}

/** Row by row: each stretch is filled at once, and the stretches above and below it wait on a stack. */
function coverConnected({ width, height, data }: Plane, alike: (index: number) => boolean, x: number, y: number): Rect | undefined {
  const edges = new Edges();
  const waiting: number[] = [y * width + x];
  const open = (index: number): boolean => data[index] !== 255 && alike(index);
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (!open(index)) continue;
    const row = Math.floor(index / width) * width;
    let left = index;
    let right = index;
    while (left > row && open(left - 1)) left--;
    while (right < row + width - 1 && open(right + 1)) right++;
    data.fill(255, left, right + 1);
    edges.add(left - row, right - row, row / width);
    for (const beside of [row - width, row + width]) {
      if (beside < 0 || beside >= width * height) continue;
      let before = false;
      for (let at = left - row + beside; at <= right - row + beside; at++) {
        const now = open(at);
        if (now && !before) waiting.push(at);
        before = now;
      }
    }
  }
  return edges.rect({ width, height });
}

/** The bounds of stretches. */
class Edges {
  #left = Infinity;
  #top = Infinity;
  #right = -Infinity;
  #bottom = -Infinity;

  add(left: number, right: number, y: number): void {
    if (left < this.#left) this.#left = left;
    if (right > this.#right) this.#right = right;
    if (y < this.#top) this.#top = y;
    if (y > this.#bottom) this.#bottom = y;
  }

  rect(extent: { readonly width: number; readonly height: number }): Rect | undefined {
    return this.#left === Infinity ? undefined : inside(extent, this.#left, this.#top, this.#right + 1, this.#bottom + 1);
  }
}
