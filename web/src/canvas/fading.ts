/** Long wires fade in the middle: near its ends one sees where a wire goes, in between it lets what lies there be seen. */

import { linkCurve } from "../core/geometry";
import type { Point } from "../core/types";
import { draw, type LinkStyle, type Pen } from "./curves";

/** A leg that is longer than this, in graph units, fades. */
export const LONG = 960;
/** Strengths from the ends inward, and the parts of the way at which each begins. */
export const FADES: readonly { readonly strength: number; readonly from: number }[] = [
  { strength: 1, from: 0 },
  { strength: 0.8, from: 0.16 },
  { strength: 0.6, from: 0.21 },
  { strength: 0.42, from: 0.26 },
  { strength: 0.28, from: 0.31 },
];

/** Draws a wire into one pen for each of `FADES`; short legs into the first. */
export function drawFading(pens: readonly Pen[], chain: readonly Point[], style: LinkStyle): void {
  const [full] = pens;
  if (full === undefined) return;
  let last: Point | undefined;
  for (const point of chain) {
    if (last !== undefined && Math.hypot(point[0] - last[0], point[1] - last[1]) < LONG) draw(full, [last, point], style);
    else if (last !== undefined) fadingLeg(pens, last, point, style);
    last = point;
  }
}

function fadingLeg(pens: readonly Pen[], from: Point, to: Point, style: LinkStyle): void {
  for (const [index, fade] of FADES.entries()) {
    const pen = pens[index];
    const next = FADES[index + 1]?.from ?? 0.5;
    if (pen === undefined) return;
    if (next === 0.5) part(pen, from, to, style, fade.from, 1 - fade.from);
    else {
      part(pen, from, to, style, fade.from, next);
      part(pen, from, to, style, 1 - next, 1 - fade.from);
    }
  }
}

/** Draws the part of a leg between two shares of its way. */
function part(pen: Pen, from: Point, to: Point, style: LinkStyle, start: number, end: number): void {
  if (style === "curve") return partOfCurve(pen, from, to, start, end);
  const x = (from[0] + to[0]) / 2;
  const corners: readonly Point[] = style === "orthogonal" ? [from, [x, from[1]], [x, to[1]], to] : [from, to];
  partOfLine(pen, corners, start, end);
}

function partOfLine(pen: Pen, corners: readonly Point[], start: number, end: number): void {
  const lengths = corners.slice(1).map(([x, y], index) => Math.hypot(x - (corners[index]?.[0] ?? x), y - (corners[index]?.[1] ?? y)));
  const whole = lengths.reduce((sum, each) => sum + each, 0);
  let passed = 0;
  let drawing = false;
  for (const [index, length] of lengths.entries()) {
    const [a, b] = [corners[index], corners[index + 1]];
    const [low, high] = [Math.max(0, start * whole - passed), Math.min(length, end * whole - passed)];
    passed += length;
    if (a === undefined || b === undefined || length === 0 || low >= length || high <= 0) continue;
    const at = (along: number): Point => [a[0] + ((b[0] - a[0]) * along) / length, a[1] + ((b[1] - a[1]) * along) / length];
    if (!drawing) pen.moveTo(...at(low));
    drawing = true;
    pen.lineTo(...at(high));
  }
}

/** The curve between two of its parameters is a cubic again (de Casteljau, by blossoming). */
function partOfCurve(pen: Pen, from: Point, to: Point, start: number, end: number): void {
  const curve = linkCurve(from, to);
  const corners = [curve.from, curve.out, curve.in, curve.to] as const;
  const at = (u: number, v: number, w: number): Point => {
    const mix = (a: Point, b: Point, t: number): Point => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
    const [a, b, c] = [mix(corners[0], corners[1], u), mix(corners[1], corners[2], u), mix(corners[2], corners[3], u)];
    return mix(mix(a, b, v), mix(b, c, v), w);
  };
  pen.moveTo(...at(start, start, start));
  pen.bezierCurveTo(...at(start, start, end), ...at(start, end, end), ...at(end, end, end));
}
