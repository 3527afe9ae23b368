/** The outline of a mask: closed lines between pixels of which at least half is painted and the others. */

import type { Plane } from "./raster";

const HALF = 128;
/** Right, down, left, up; the painted side is always on the right hand. */
const STEP_X = [1, 0, -1, 0] as const;
const STEP_Y = [0, 1, 0, -1] as const;
/** By heading, the pixels ahead of a corner, seen from it. */
const LEFT_AHEAD = [[0, -1], [0, 0], [-1, 0], [-1, -1]] as const;
const RIGHT_AHEAD = [[0, 0], [-1, 0], [-1, -1], [0, -1]] as const;

export interface Outline {
  /** Each closed: x and y of its corners in turns. */
  readonly lines: readonly (readonly number[])[];
  /** False where there were more corners than wanted. */
  readonly complete: boolean;
}

/** Follows all outlines. most: corners at which it gives up */
export function outlineOf(mask: Plane, most = 200_000): Outline {
  const { width, height, data } = mask;
  const painted = (x: number, y: number): boolean => x >= 0 && y >= 0 && x < width && y < height && (data[y * width + x] ?? 0) >= HALF;
  const seen = new Uint8Array(width * height);
  const lines: number[][] = [];
  let corners = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (seen[y * width + x] || !painted(x, y) || painted(x, y - 1)) continue;
      const line = follow(painted, seen, width, x, y);
      lines.push(line);
      corners += line.length / 2;
      if (corners > most) return { lines, complete: false };
    }
  }
  return { lines, complete: true };
}

/** Walks around from the upper edge of a painted pixel back to it. seen: pixels whose upper edge was walked along */
function follow(painted: (x: number, y: number) => boolean, seen: Uint8Array, width: number, startX: number, startY: number): number[] {
  const line: number[] = [startX, startY];
  let [x, y, heading] = [startX, startY, 0];
  for (;;) {
    if (heading === 0) seen[y * width + x] = 1;
    x += STEP_X[heading] ?? 0;
    y += STEP_Y[heading] ?? 0;
    const turned = turn(painted, x, y, heading);
    if (x === startX && y === startY && turned === 0) return line;
    if (turned !== heading) line.push(x, y);
    heading = turned;
  }
}

/** Where it goes on from a corner: to the left where that is painted, so that pixels that touch at corners hang together. */
function turn(painted: (x: number, y: number) => boolean, x: number, y: number, heading: number): number {
  const [leftX, leftY] = LEFT_AHEAD[heading] ?? [0, 0];
  if (painted(x + leftX, y + leftY)) return (heading + 3) % 4;
  const [rightX, rightY] = RIGHT_AHEAD[heading] ?? [0, 0];
  return painted(x + rightX, y + rightY) ? heading : (heading + 1) % 4;
}
