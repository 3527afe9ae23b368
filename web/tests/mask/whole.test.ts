import { describe, expect, it } from "vitest";
import { feather } from "../../src/ui/mask/blur";
import { outlineOf } from "../../src/ui/mask/contours";
import { grow, invert, shrink } from "../../src/ui/mask/morph";
import { boundsOf, plane, union, widened } from "../../src/ui/mask/raster";
import { drawn, rowsOf, scattered, shown } from "./helpers";

describe("feather", () => {
  it("of one pixel is an average of nine", () => {
    const mask = drawn(".....", ".....", "..#..", ".....", ".....");
    expect(feather(mask, 1)).toEqual({ x: 1, y: 1, width: 3, height: 3 });
    // 255 / 9 = 28.33
    expect(rowsOf(mask)).toEqual([[0, 0, 0, 0, 0], [0, 28, 28, 28, 0], [0, 28, 28, 28, 0], [0, 28, 28, 28, 0], [0, 0, 0, 0, 0]]);
  });

  it("of an edge reaches as far as its radius and no farther, and is symmetric", () => {
    const mask = plane(21, 1);
    mask.data.fill(255, 0, 10);
    feather(mask, 3);
    // Three averages of three: 27 ways, of which 1, 4, 10, 17, 23 and 26 are on the painted side.
    expect(rowsOf(mask)[0]).toEqual([...new Array<number>(7).fill(255), 246, 217, 161, 94, 38, 9, ...new Array<number>(8).fill(0)]);
  });

  it("leaves a mask that is even as it is, up to its border", () => {
    const mask = plane(9, 7, 200);
    feather(mask, 5);
    expect(mask.data.every((value) => value === 200)).toBe(true);
  });

  it("keeps how much is painted where nothing reaches the border", () => {
    const mask = plane(64, 64);
    for (let y = 24; y < 40; y++) mask.data.fill(255, y * 64 + 20, y * 64 + 44);
    const before = mask.data.reduce((sum, value) => sum + value, 0);
    feather(mask, 10);
    expect(Math.abs(mask.data.reduce((sum, value) => sum + value, 0) / before - 1)).toBeLessThan(0.002);
  });

  it("of nothing, or by nothing, changes nothing", () => {
    expect(feather(plane(4, 4), 8)).toBeUndefined();
    expect(feather(plane(4, 4, 255), 0)).toBeUndefined();
  });
});

describe("grow and shrink", () => {
  it("widen by a disc", () => {
    const mask = drawn(".......", ".......", ".......", "...#...", ".......", ".......", ".......");
    expect(grow(mask, 2)).toEqual({ x: 1, y: 1, width: 5, height: 5 });
    expect(shown(mask)).toEqual([".......", "..###..", ".#####.", ".#####.", ".#####.", "..###..", "......."]);
  });

  it("keep soft values", () => {
    const mask = plane(5, 1);
    mask.data.set([0, 0, 100, 40, 0]);
    grow(mask, 1);
    expect(rowsOf(mask)[0]).toEqual([0, 100, 100, 100, 40]);
  });

  it("agree with a naive widening on random masks", () => {
    const random = scattered(11);
    for (const radius of [1, 2, 3, 5]) {
      const mask = plane(17, 13);
      mask.data.forEach((_, index) => (mask.data[index] = random() < 0.04 ? Math.floor(random() * 256) : 0));
      const before = rowsOf(mask);
      grow(mask, radius);
      const wanted = before.map((row, y) =>
        row.map((_, x) => Math.max(...before.flatMap((other, v) => other.filter((_value, u) => (u - x) ** 2 + (v - y) ** 2 <= (radius + 0.5) ** 2)))),
      );
      expect(rowsOf(mask)).toEqual(wanted);
    }
  });

  it("take each other back on a wide shape, and what touches the border stays there", () => {
    const mask = plane(30, 30);
    for (let y = 10; y < 30; y++) mask.data.fill(255, y * 30 + 8, y * 30 + 22);
    const small = { ...mask, data: mask.data.slice() };
    shrink(small, 3);
    expect(boundsOf(small)).toEqual({ x: 11, y: 13, width: 8, height: 17 });
    grow(small, 3);
    expect(boundsOf(small)).toEqual({ x: 8, y: 10, width: 14, height: 20 });
  });
});

it("invert turns every value over, twice is none", () => {
  const mask = plane(3, 1);
  mask.data.set([0, 100, 255]);
  invert(mask);
  expect(rowsOf(mask)[0]).toEqual([255, 155, 0]);
  invert(mask);
  expect(rowsOf(mask)[0]).toEqual([0, 100, 255]);
});

describe("an outline", () => {
  it("goes around a shape and around its hole", () => {
    const { lines, complete } = outlineOf(drawn(".....", ".###.", ".#.#.", ".###.", "....."));
    expect(complete).toBe(true);
    expect(lines).toEqual([
      [1, 1, 4, 1, 4, 4, 1, 4],
      [2, 3, 3, 3, 3, 2, 2, 2],
    ]);
  });

  it("holds pixels together that touch at corners, and reaches the border", () => {
    expect(outlineOf(drawn("#.", ".#")).lines).toEqual([[0, 0, 1, 0, 1, 1, 2, 1, 2, 2, 1, 2, 1, 1, 0, 1]]);
  });

  it("encloses as many pixels as are painted, by the shoelace formula", () => {
    const random = scattered(5);
    const mask = plane(24, 18);
    mask.data.forEach((_, index) => (mask.data[index] = random() < 0.5 ? 255 : 0));
    const area = outlineOf(mask).lines.reduce((sum, line) => {
      let twice = 0;
      for (let at = 0; at < line.length; at += 2) {
        const next = (at + 2) % line.length;
        twice += (line[at] ?? 0) * (line[next + 1] ?? 0) - (line[next] ?? 0) * (line[at + 1] ?? 0);
      }
      return sum + twice / 2;
    }, 0);
    expect(area).toBe(mask.data.filter((value) => value === 255).length);
  });

  it("gives up where there would be too much to draw", () => {
    const mask = plane(40, 40);
    mask.data.forEach((_, index) => (mask.data[index] = (index + Math.floor(index / 40)) % 2 ? 255 : 0));
    expect(outlineOf(mask, 10).complete).toBe(false);
  });
});

it("rectangles are joined, widened and cut at the border", () => {
  expect(union({ x: 1, y: 2, width: 3, height: 1 }, { x: 0, y: 4, width: 2, height: 2 })).toEqual({ x: 0, y: 2, width: 4, height: 4 });
  expect(widened({ width: 10, height: 10 }, { x: 1, y: 8, width: 2, height: 2 }, 3)).toEqual({ x: 0, y: 5, width: 6, height: 5 });
  expect(boundsOf(drawn("...", ".#.", "#.."))).toEqual({ x: 0, y: 1, width: 2, height: 2 });
  expect(boundsOf(drawn("..", ".."))).toBeUndefined();
});
