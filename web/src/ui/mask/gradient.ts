/** A mask that fades out evenly. */

import { wholeOf, type Plane, type Rect, type Spot } from "./raster";

export type GradientShape = "linear" | "radial";

/** Covers all of it: wholly at `from` (and before it), not at all at `to` (and beyond). Undefined where both are one. */
export function coverGradient(cover: Plane, from: Spot, to: Spot, shape: GradientShape): Rect | undefined {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length2 = dx * dx + dy * dy;
  if (length2 < 1) return undefined;
  let index = 0;
  for (let y = 0; y < cover.height; y++) {
    const py = y + 0.5 - from.y;
    for (let x = 0; x < cover.width; x++, index++) {
      const px = x + 0.5 - from.x;
      const part = shape === "linear" ? (px * dx + py * dy) / length2 : Math.sqrt((px * px + py * py) / length2);
      cover.data[index] = Math.round(255 * (1 - Math.min(1, Math.max(0, part))));
    }
  }
  return wholeOf(cover);
}
