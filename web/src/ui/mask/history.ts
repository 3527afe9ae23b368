/** Undo of a mask: only what changed is kept, in tiles, and no more of it than a bound. */

import { copyRect, cut, inside, paste, union, type Plane, type Rect } from "./raster";

const TILE = 128;
/** Bytes that all steps together may hold. */
export const MOST_BYTES = 96 * 2 ** 20;

interface Piece {
  readonly rect: Rect;
  bytes: Uint8Array;
}

type Step = readonly Piece[];

export class MaskHistory {
  readonly #done: Step[] = [];
  #undone: Step[] = [];
  #forgotten = 0;
  #bytes = 0;
  readonly #most: number;

  constructor(most: number = MOST_BYTES) {
    this.#most = most;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** Steps since the beginning that hold now, also those that can no longer be taken back. */
  get steps(): number {
    return this.#forgotten + this.#done.length;
  }

  /** Bytes that are held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps what differs inside of a rectangle, and makes `base` equal to `mask` there; whether anything differed. */
  keep(mask: Plane, base: Plane, touched: Rect): boolean {
    const step: Piece[] = [];
    for (const rect of tilesOf(mask, touched)) {
      const bytes = cut(base, rect);
      if (same(mask, rect, bytes)) continue;
      step.push({ rect, bytes });
      copyRect(mask, base, rect);
    }
    if (step.length === 0) return false;
    this.#bytes -= this.#undone.reduce((sum, each) => sum + sizeOf(each), 0);
    this.#undone = [];
    this.#done.push(step);
    this.#bytes += sizeOf(step);
    while (this.#bytes > this.#most && this.#done.length > 1) {
      this.#bytes -= sizeOf(this.#done.shift() ?? []);
      this.#forgotten += 1;
    }
    return true;
  }

  /** Takes the last step back; what changed by it. */
  undo(...planes: readonly Plane[]): Rect | undefined {
    return this.#move(this.#done, this.#undone, planes);
  }

  redo(...planes: readonly Plane[]): Rect | undefined {
    return this.#move(this.#undone, this.#done, planes);
  }

  /** A step swaps its bytes with those of the planes, which are equal. */
  #move(from: Step[], to: Step[], planes: readonly Plane[]): Rect | undefined {
    const step = from.pop();
    const [first] = planes;
    if (!step || !first) return undefined;
    let changed: Rect | undefined;
    for (const piece of step) {
      const now = cut(first, piece.rect);
      for (const each of planes) paste(each, piece.rect, piece.bytes);
      piece.bytes = now;
      changed = union(changed, piece.rect);
    }
    to.push(step);
    return changed;
  }
}

function tilesOf(mask: Plane, touched: Rect): Rect[] {
  const found: Rect[] = [];
  for (let y = touched.y - (touched.y % TILE); y < touched.y + touched.height; y += TILE) {
    for (let x = touched.x - (touched.x % TILE); x < touched.x + touched.width; x += TILE) {
      const rect = inside(mask, x, y, x + TILE, y + TILE);
      if (rect) found.push(rect);
    }
  }
  return found;
}

function same(mask: Plane, rect: Rect, bytes: Uint8Array): boolean {
  let at = 0;
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    for (let index = y * mask.width + rect.x; index < y * mask.width + rect.x + rect.width; index++, at++) if (mask.data[index] !== bytes[at]) return false;
  }
  return true;
}

function sizeOf(step: Step): number {
  return step.reduce((sum, piece) => sum + piece.bytes.length, 0);
}
