/** The area inside a drawn line. */

import { inside, type Plane, type Rect, type Spot } from "./raster";

/** Each row of pixels is looked at in this many lines; across, coverage is exact. */
const LINES = 4;

/** Covers the inside of a closed polygon, also where its line crosses itself. */
export function coverPolygon(cover: Plane, corners: readonly Spot[]): Rect | undefined {
  if (corners.length < 3) return undefined;
  const xs = corners.map((each) => each.x);
  const ys = corners.map((each) => each.y);
  const rect = inside(cover, least(xs), least(ys), -least(xs.map((x) => -x)), -least(ys.map((y) => -y)));
  if (!rect) return undefined;
  const parts = new Float32Array(rect.width);
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    parts.fill(0);
    for (let line = 0; line < LINES; line++) addLine(parts, rect, crossings(corners, y + (line + 0.5) / LINES));
    const row = y * cover.width + rect.x;
    for (let x = 0; x < rect.width; x++) {
      const value = Math.round(((parts[x] ?? 0) / LINES) * 255);
      if (value > (cover.data[row + x] ?? 0)) cover.data[row + x] = value;
    }
  }
  return rect;
}

interface Crossing {
  readonly x: number;
  /** Downwards 1, upwards -1. */
  readonly turn: number;
}

function crossings(corners: readonly Spot[], y: number): Crossing[] {
  const found: Crossing[] = [];
  let from = corners.at(-1);
  for (const to of corners) {
    if (from && from.y <= y !== to.y <= y) {
      found.push({ x: from.x + ((y - from.y) / (to.y - from.y)) * (to.x - from.x), turn: to.y > from.y ? 1 : -1 });
    }
    from = to;
  }
  return found.sort((a, b) => a.x - b.x);
}

/** Adds the stretches between crossings: everything that the line winds around. */
function addLine(parts: Float32Array, rect: Rect, found: readonly Crossing[]): void {
  let turns = 0;
  let start = 0;
  for (const { x, turn } of found) {
    if (turns === 0) start = x;
    turns += turn;
    if (turns === 0) addStretch(parts, Math.max(0, start - rect.x), Math.min(rect.width, x - rect.x));
  }
}

function addStretch(parts: Float32Array, from: number, to: number): void {
  for (let x = Math.floor(from); x < to; x++) parts[x] = (parts[x] ?? 0) + Math.min(to, x + 1) - Math.max(from, x);
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}
