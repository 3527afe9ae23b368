import { describe, expect, it } from "vitest";
import { gridOf, rowOf, stepped, windowOf } from "../../src/ui/gallery/rows";

const MEASURES = { width: 424, cell: 100, gap: 8, title: 28 };

describe("the grid of the gallery", () => {
  it("fills rows, and begins a new one under the title of each group", () => {
    const grid = gridOf(6, MEASURES, (index) => (index < 5 ? 1 : 2));
    expect(grid.columns).toBe(4);
    expect(grid.cell).toBeCloseTo(100);
    expect(grid.rows.map((row) => (row.kind === "title" ? `group ${row.group}: ${row.count}` : `${row.from}-${row.to}`))).toEqual(["group 1: 5", "0-4", "4-5", "group 2: 1", "5-6"]);
    expect(grid.height).toBeCloseTo(2 * 28 + 3 * 108);
  });

  it("has no titles without groups, and nothing at all without pictures", () => {
    expect(gridOf(5, MEASURES).rows.map((row) => row.kind)).toEqual(["cells", "cells"]);
    expect(gridOf(0, MEASURES, () => 1)).toMatchObject({ rows: [], height: 0 });
    expect(gridOf(3, { ...MEASURES, width: 0 }).columns).toBe(1);
  });

  it("draws of 10,000 pictures only those near what is seen", () => {
    const grid = gridOf(10_000, MEASURES, (index) => Math.floor(index / 100));
    for (const top of [0, 5_000, grid.height / 2, grid.height - 300]) {
      const rows = windowOf(grid, top, 300, 2);
      const drawn = rows.reduce((sum, row) => sum + (row.kind === "cells" ? row.to - row.from : 0), 0);
      expect(drawn).toBeLessThanOrEqual(40);
      const seen = grid.rows.filter((row) => row.top < top + 300 && row.top + row.height > top);
      for (const row of seen) expect(rows).toContain(row);
    }
  });

  it("walks by arrows over the edges of groups, in the same column where there is one", () => {
    const grid = gridOf(10, MEASURES, (index) => (index < 6 ? 1 : 2));
    expect(stepped(grid, 3, "ArrowRight", 10)).toBe(4);
    expect(stepped(grid, 2, "ArrowDown", 10)).toBe(5);
    expect(stepped(grid, 5, "ArrowDown", 10)).toBe(7);
    expect(stepped(grid, 7, "ArrowUp", 10)).toBe(5);
    expect(stepped(grid, 0, "ArrowLeft", 10)).toBe(0);
    expect(stepped(grid, 4, "End", 10)).toBe(9);
    expect(stepped(grid, 4, "a", 10)).toBeUndefined();
    expect(rowOf(grid, 7)).toMatchObject({ from: 6, to: 10 });
  });
});
