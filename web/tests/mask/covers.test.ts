import { describe, expect, it } from "vitest";
import { coverSegment, pressed } from "../../src/ui/mask/brush";
import { coverAlike, type Pixels } from "../../src/ui/mask/fill";
import { coverGradient } from "../../src/ui/mask/gradient";
import { coverPolygon } from "../../src/ui/mask/lasso";
import { plane } from "../../src/ui/mask/raster";
import { rowsOf, scattered, shown } from "./helpers";

describe("a brush", () => {
  it("covers a disc whose hard edge is one pixel wide", () => {
    const cover = plane(7, 7);
    const dab = { x: 3.5, y: 3.5, radius: 2 };
    expect(coverSegment(cover, dab, dab, 1)).toEqual({ x: 1, y: 1, width: 5, height: 5 });
    // Depths below the edge along a row through the middle: 0.5, 1.5, 2.5; at a corner of the 5 x 5 pixels beside it 2.5 - sqrt(5).
    expect(rowsOf(cover)[3]).toEqual([0, 128, 255, 255, 255, 128, 0]);
    expect(rowsOf(cover)[2]).toEqual([0, 44, 255, 255, 255, 44, 0]);
    expect(rowsOf(cover)[1]).toEqual([0, 0, 44, 128, 44, 0, 0]);
  });

  it("of no hardness falls off smoothly from its middle", () => {
    const cover = plane(9, 1);
    const dab = { x: 4.5, y: 0.5, radius: 4 };
    coverSegment(cover, dab, dab, 0);
    // f = (4.5 - d) / 4 for d = 0..4, then 255 f^2 (3 - 2f).
    expect(rowsOf(cover)[0]).toEqual([11, 81, 174, 244, 255, 244, 174, 81, 11]);
  });

  it("leaves no gap between far points, and covers nothing twice", () => {
    const cover = plane(40, 5);
    coverSegment(cover, { x: 4, y: 2.5, radius: 2 }, { x: 36, y: 2.5, radius: 2 }, 1);
    expect(rowsOf(cover)[2]?.slice(3, 37)).toEqual(new Array(34).fill(255));
    const once = cover.data.slice();
    coverSegment(cover, { x: 36, y: 2.5, radius: 2 }, { x: 4, y: 2.5, radius: 2 }, 1);
    expect(cover.data).toEqual(once);
  });

  it("narrows between a strong and a light point of a pen", () => {
    const cover = plane(40, 21);
    coverSegment(cover, { x: 5, y: 10.5, radius: 8 }, { x: 35, y: 10.5, radius: 1 }, 1);
    const heights = [8, 20, 32].map((x) => rowsOf(cover).filter((row) => row[x] === 255).length);
    expect(heights).toEqual([13, 7, 3]);
    expect([pressed(10, 0.5), pressed(10, 0), pressed(10, 2), pressed(10, undefined)]).toEqual([5, 0.5, 10, 10]);
  });

  it("outside of the picture covers nothing", () => {
    const cover = plane(4, 4);
    expect(coverSegment(cover, { x: -9, y: 2, radius: 3 }, { x: -8, y: 2, radius: 3 }, 1)).toBeUndefined();
    expect(cover.data.every((value) => value === 0)).toBe(true);
  });
});

/** Grey pixels from digits, ten levels apart. */
function pixels(...rows: readonly string[]): Pixels {
  const data = rows.flatMap((row) => [...row].flatMap((digit) => [Number(digit) * 10, Number(digit) * 10, 7, 255]));
  return { width: rows[0]?.length ?? 0, height: rows.length, data: new Uint8ClampedArray(data) };
}

describe("a fill", () => {
  const picture = pixels("1100011", "1202011", "1111101", "9999901");

  it("covers what is like the first pixel and hangs together with it", () => {
    const cover = plane(7, 4);
    expect(coverAlike(cover, picture, 0, 0, { tolerance: 0, connected: true })).toEqual({ x: 0, y: 0, width: 5, height: 3 });
    expect(shown(cover)).toEqual(["##.....", "#......", "#####..", "......."]);
  });

  it("goes as far as the tolerance lets it", () => {
    const cover = plane(7, 4);
    coverAlike(cover, picture, 0, 0, { tolerance: 10, connected: true });
    expect(shown(cover)).toEqual(["#######", "#######", "#######", ".....##"]);
  });

  it("covers all that is alike where it need not hang together", () => {
    const cover = plane(7, 4);
    expect(coverAlike(cover, picture, 6, 3, { tolerance: 0, connected: false })).toEqual({ x: 0, y: 0, width: 7, height: 4 });
    expect(shown(cover)).toEqual(["##...##", "#....##", "#####.#", "......#"]);
  });

  it("agrees with a naive one on random pictures", () => {
    const random = scattered(3);
    for (let round = 0; round < 40; round++) {
      const [width, height] = [1 + Math.floor(random() * 12), 1 + Math.floor(random() * 12)];
      const found = pixels(...Array.from({ length: height }, () => Array.from({ length: width }, () => Math.floor(random() * 2)).join("")));
      const [x, y] = [Math.floor(random() * width), Math.floor(random() * height)];
      const cover = plane(width, height);
      coverAlike(cover, found, x, y, { tolerance: 0, connected: true });
      const wanted = new Set([y * width + x]);
      for (const index of wanted) {
        const beside = [index % width > 0 ? index - 1 : -1, index % width < width - 1 ? index + 1 : -1, index - width, index + width];
        for (const each of beside) if (each >= 0 && each < width * height && found.data[4 * each] === found.data[4 * (y * width + x)]) wanted.add(each);
      }
      expect([...cover.data].flatMap((value, index) => (value ? [index] : []))).toEqual([...wanted].sort((a, b) => a - b));
    }
  });

  it("outside of the picture does nothing", () => {
    expect(coverAlike(plane(7, 4), picture, 7, 0, { tolerance: 255, connected: true })).toBeUndefined();
  });
});

describe("a lasso", () => {
  it("covers pixels by the part of them that is inside", () => {
    const cover = plane(4, 3);
    const rect = coverPolygon(cover, [{ x: 0.5, y: 0 }, { x: 3.25, y: 0 }, { x: 3.25, y: 2 }, { x: 0.5, y: 2 }]);
    expect(rect).toEqual({ x: 0, y: 0, width: 4, height: 2 });
    expect(rowsOf(cover)).toEqual([[128, 255, 255, 64], [128, 255, 255, 64], [0, 0, 0, 0]]);
  });

  it("covers half of a square below its diagonal", () => {
    const cover = plane(4, 4);
    coverPolygon(cover, [{ x: 0, y: 0 }, { x: 4, y: 4 }, { x: 0, y: 4 }]);
    expect(rowsOf(cover)).toEqual([[128, 0, 0, 0], [255, 128, 0, 0], [255, 255, 128, 0], [255, 255, 255, 128]]);
  });

  it("covers also what its line winds around twice", () => {
    const cover = plane(6, 6);
    const square = [{ x: 1, y: 1 }, { x: 5, y: 1 }, { x: 5, y: 5 }, { x: 1, y: 5 }];
    coverPolygon(cover, [...square, ...square]);
    expect(shown(cover)).toEqual(["......", ".####.", ".####.", ".####.", ".####.", "......"]);
  });

  it("of two corners covers nothing, and one that leaves the picture is cut", () => {
    const cover = plane(2, 2);
    expect(coverPolygon(cover, [{ x: 0, y: 0 }, { x: 2, y: 2 }])).toBeUndefined();
    coverPolygon(cover, [{ x: -9, y: -9 }, { x: 9, y: -9 }, { x: 9, y: 9 }, { x: -9, y: 9 }]);
    expect(shown(cover)).toEqual(["##", "##"]);
  });
});

describe("a gradient", () => {
  it("falls evenly from its first to its second end", () => {
    const cover = plane(6, 1);
    coverGradient(cover, { x: 1, y: 0 }, { x: 5, y: 0 }, "linear");
    expect(rowsOf(cover)[0]).toEqual([255, 223, 159, 96, 32, 0]);
  });

  it("falls evenly around its middle", () => {
    const cover = plane(5, 5);
    coverGradient(cover, { x: 2.5, y: 2.5 }, { x: 2.5, y: 4.5 }, "radial");
    expect(rowsOf(cover)[2]).toEqual([0, 128, 255, 128, 0]);
    expect(rowsOf(cover)[1]?.[1]).toBe(75);
  });

  it("without length is none", () => {
    expect(coverGradient(plane(3, 3), { x: 1, y: 1 }, { x: 1.5, y: 1 }, "linear")).toBeUndefined();
  });
});
