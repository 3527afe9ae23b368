import { plane, type Plane } from "../../src/ui/mask/raster";

/** A mask from rows of digits and letters: "." is 0, "#" 255. */
export function drawn(...rows: readonly string[]): Plane {
  const mask = plane(rows[0]?.length ?? 0, rows.length);
  rows.forEach((row, y) => [...row].forEach((sign, x) => (mask.data[y * mask.width + x] = sign === "#" ? 255 : 0)));
  return mask;
}

/** The rows of a mask as numbers. */
export function rowsOf({ width, height, data }: Plane): number[][] {
  return Array.from({ length: height }, (_, y) => [...data.subarray(y * width, (y + 1) * width)]);
}

/** As `drawn` takes it; other values than 0 and 255 are "+". */
export function shown(mask: Plane): string[] {
  return rowsOf(mask).map((row) => row.map((value) => (value === 0 ? "." : value === 255 ? "#" : "+")).join(""));
}

/** Numbers that look random and are the same each time. */
export function scattered(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
