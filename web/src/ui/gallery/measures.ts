/** How large the gallery and its pictures are, kept for the next visit. */

const REMEMBERED = "darkroom.gallery";

/** Least and most, in pixels. */
export const SIZES = [96, 320] as const;
export const HEIGHTS = [160, 800] as const;

export interface Kept {
  readonly cell: number;
  readonly height: number;
}

const USUAL: Kept = { cell: 128, height: 272 };

export function drawerHeight(height: number): number {
  return Math.round(Math.min(HEIGHTS[1], Math.max(HEIGHTS[0], height)) / 8) * 8;
}

export function keptMeasures(): Kept {
  try {
    const { cell, height } = JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}") as Partial<Record<keyof Kept, unknown>>;
    return {
      cell: typeof cell === "number" && cell >= SIZES[0] && cell <= SIZES[1] ? cell : USUAL.cell,
      height: typeof height === "number" ? drawerHeight(height) : USUAL.height,
    };
  } catch {
    return USUAL;
  }
}

export function keepMeasures(kept: Kept): void {
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(kept));
  } catch {
    // Without storage the gallery has its usual size next time.
  }
}
