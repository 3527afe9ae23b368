/** The path of a link: through its reroutes, in one of three styles; distances and crossings for the pointer. */

import { linkCurve } from "../core/geometry";
import type { Point } from "../core/types";
import { around, grown, rectAt, type Rect } from "./rect";

export type LinkStyle = "curve" | "straight" | "orthogonal";

/** What a path is drawn into; Path2D and a canvas context both are one. */
export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  bezierCurveTo(ax: number, ay: number, bx: number, by: number, x: number, y: number): void;
}

const SAMPLES = 20;

/** Draws the link through these points into a pen. */
export function draw(pen: Pen, chain: readonly Point[], style: LinkStyle): void {
  let last: Point | undefined;
  for (const point of chain) {
    if (last === undefined) pen.moveTo(point[0], point[1]);
    else leg(pen, last, point, style);
    last = point;
  }
}

function leg(pen: Pen, from: Point, to: Point, style: LinkStyle): void {
  if (style === "curve") {
    const curve = linkCurve(from, to);
    pen.bezierCurveTo(curve.out[0], curve.out[1], curve.in[0], curve.in[1], to[0], to[1]);
    return;
  }
  if (style === "orthogonal") {
    const x = (from[0] + to[0]) / 2;
    pen.lineTo(x, from[1]);
    pen.lineTo(x, to[1]);
  }
  pen.lineTo(to[0], to[1]);
}

/** Points along the link, close enough to each other to stand for it. */
export function sampled(chain: readonly Point[], style: LinkStyle): Point[] {
  const points: Point[] = [];
  const pen: Pen = {
    moveTo: (x, y) => points.push([x, y]),
    lineTo: (x, y) => points.push([x, y]),
    bezierCurveTo(ax, ay, bx, by, x, y) {
      const [sx, sy] = points[points.length - 1] ?? [x, y];
      for (let step = 1; step <= SAMPLES; step++) {
        const t = step / SAMPLES;
        const u = 1 - t;
        const [k0, k1, k2, k3] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
        points.push([k0 * sx + k1 * ax + k2 * bx + k3 * x, k0 * sy + k1 * ay + k2 * by + k3 * y]);
      }
    },
  };
  draw(pen, chain, style);
  return points;
}

/** A rectangle that surely holds the link: a cubic stays within the hull of its control points. */
export function boundsOfChain(chain: readonly Point[]): Rect {
  const corners = [...chain];
  let last: Point | undefined;
  for (const point of chain) {
    if (last !== undefined) {
      const curve = linkCurve(last, point);
      corners.push(curve.out, curve.in);
    }
    last = point;
  }
  return grown(around(corners.map((at) => rectAt(at, [0, 0]))) ?? rectAt([0, 0], [0, 0]), 4);
}

/** How far a point is from a polyline. */
export function distance(points: readonly Point[], at: Point): number {
  let least = Infinity;
  for (let index = 1; index < points.length; index++) {
    const a = points[index - 1];
    const b = points[index];
    if (a !== undefined && b !== undefined) least = Math.min(least, toSegment(at, a, b));
  }
  return least;
}

function toSegment([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
  return Math.hypot(x - ax - share * (bx - ax), y - ay - share * (by - ay));
}

/** Whether a stroke from a to b crosses a polyline. */
export function crosses(points: readonly Point[], a: Point, b: Point): boolean {
  for (let index = 1; index < points.length; index++) {
    const c = points[index - 1];
    const d = points[index];
    if (c !== undefined && d !== undefined && side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b)) return true;
  }
  return false;
}

function side([ax, ay]: Point, [bx, by]: Point, [px, py]: Point): boolean {
  return (bx - ax) * (py - ay) - (by - ay) * (px - ax) > 0;
}

/** The point of a polyline that is half its length from its start. */
export function halfway(points: readonly Point[]): Point {
  const lengths = points.slice(1).map(([x, y], index) => Math.hypot(x - (points[index]?.[0] ?? x), y - (points[index]?.[1] ?? y)));
  let left = lengths.reduce((sum, length) => sum + length, 0) / 2;
  for (const [index, length] of lengths.entries()) {
    const a = points[index];
    const b = points[index + 1];
    if (a !== undefined && b !== undefined && left <= length && length > 0) {
      return [a[0] + ((b[0] - a[0]) * left) / length, a[1] + ((b[1] - a[1]) * left) / length];
    }
    left -= length;
  }
  return points[0] ?? [0, 0];
}
