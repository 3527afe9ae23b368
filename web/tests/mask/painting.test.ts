import { describe, expect, it } from "vitest";
import { Hand, type HandSettings } from "../../src/ui/mask/hand";
import { MaskHistory } from "../../src/ui/mask/history";
import { invert } from "../../src/ui/mask/morph";
import { Painting } from "../../src/ui/mask/painting";
import { plane, type Plane, type Rect } from "../../src/ui/mask/raster";
import { rowsOf, scattered, shown } from "./helpers";

const USUAL: HandSettings = { tool: "brush", size: 6, hardness: 1, opacity: 1, pressure: true, tolerance: 0, connected: true, removes: false, shape: "linear" };

function desk(mask: Plane, settings: Partial<HandSettings> = {}): { painting: Painting; hand: Hand; set: (more: Partial<HandSettings>) => void; told: Rect[] } {
  const told: Rect[] = [];
  let now = { ...USUAL, ...settings };
  const painting = new Painting(mask, (rect) => told.push(rect));
  const pixels = { ...mask, data: new Uint8ClampedArray(4 * mask.data.length) };
  const hand = new Hand(painting, pixels, () => now);
  return { painting, hand, told, set: (more) => (now = { ...now, ...more }) };
}

describe("a stroke", () => {
  it("of half opacity over itself covers no more than half, and a second one half of the rest", () => {
    const { hand, painting } = desk(plane(20, 9), { opacity: 0.5 });
    for (const round of [0, 1]) {
      hand.press({ x: 5, y: 4.5 });
      hand.drag({ x: 15, y: 4.5 });
      hand.drag({ x: 5, y: 4.5 });
      hand.release();
      expect(rowsOf(painting.mask)[4]?.[10]).toBe(round === 0 ? 128 : 192);
    }
  });

  it("tells only of the rectangles that it changed", () => {
    const { hand, told } = desk(plane(1000, 1000));
    hand.press({ x: 500, y: 500 });
    hand.drag({ x: 520, y: 500 });
    hand.release();
    expect(told).toEqual([{ x: 496, y: 496, width: 8, height: 8 }, { x: 496, y: 496, width: 28, height: 8 }]);
  });

  it("waits with points that are closer than matters, and draws the last one when it ends", () => {
    const { hand, told, painting } = desk(plane(200, 200), { size: 100 });
    hand.press({ x: 100, y: 100 });
    for (let step = 1; step <= 7; step++) hand.drag({ x: 100 + step / 2, y: 100 });
    expect(told).toHaveLength(1);
    hand.release();
    expect(told).toHaveLength(2);
    expect(rowsOf(painting.mask)[100]?.[152]).toBe(255);
  });

  it("erases to nothing what it covers wholly", () => {
    const { hand, painting } = desk(plane(12, 7, 255), { tool: "eraser" });
    hand.press({ x: 6, y: 3.5 });
    hand.release();
    expect(rowsOf(painting.mask)[3]).toEqual([255, 255, 255, 0, 0, 0, 0, 0, 0, 255, 255, 255]);
  });

  it("goes straight from the last one where that is wanted", () => {
    const { hand, painting } = desk(plane(40, 7));
    hand.press({ x: 4, y: 3.5 });
    hand.release();
    hand.press({ x: 36, y: 3.5 }, { straight: true });
    hand.release();
    expect(rowsOf(painting.mask)[3]?.slice(2, 38)).toEqual(new Array(36).fill(255));
  });

  it("of a pen is as wide as it is pressed", () => {
    const { hand, painting } = desk(plane(30, 30), { size: 20 });
    hand.press({ x: 15, y: 15.5, pressure: 0.5 });
    hand.release();
    expect(rowsOf(painting.mask).filter((row) => row[14] === 255)).toHaveLength(9);
  });

  it("that is not meant leaves no trace", () => {
    const { hand, painting } = desk(plane(9, 9));
    hand.press({ x: 4, y: 4 });
    expect(hand.cancel()).toBe(true);
    expect(painting.mask.data.every((value) => value === 0)).toBe(true);
    expect(painting.painted).toBe(false);
    expect(hand.cancel()).toBe(false);
  });
});

describe("the other tools", () => {
  it("a lasso closes at its first corner, at once when it was drawn freely, and takes away when asked", () => {
    const { hand, painting, set } = desk(plane(10, 10), { tool: "lasso" });
    const corners = [{ x: 1, y: 1 }, { x: 9, y: 1 }, { x: 9, y: 9 }, { x: 1, y: 9 }];
    for (const each of corners) {
      hand.press(each);
      hand.release(0.5);
    }
    expect(hand.path).toEqual(corners);
    hand.press({ x: 1.2, y: 1 });
    hand.release(0.5);
    expect(hand.path).toEqual([]);
    expect(painting.mask.data.filter((value) => value === 255)).toHaveLength(64);
    set({ removes: true });
    hand.press({ x: 3, y: 3 });
    for (const each of [{ x: 7, y: 3 }, { x: 7, y: 7 }, { x: 3, y: 7 }]) hand.drag(each);
    hand.release(0.5);
    expect(painting.mask.data.filter((value) => value === 255)).toHaveLength(48);
  });

  it("a gradient shows while it is drawn, and is one step", () => {
    const { hand, painting } = desk(plane(8, 1), { tool: "gradient" });
    hand.press({ x: 0, y: 0 });
    hand.drag({ x: 4, y: 0 });
    expect(rowsOf(painting.mask)[0]).toEqual([223, 159, 96, 32, 0, 0, 0, 0]);
    hand.drag({ x: 8, y: 0 });
    hand.release();
    expect(rowsOf(painting.mask)[0]).toEqual([239, 207, 175, 143, 112, 80, 48, 16]);
    painting.undo();
    expect(shown(painting.mask)).toEqual(["........"]);
    expect(painting.history.canUndo).toBe(false);
  });

  it("a fill is done where it is pressed", () => {
    const { hand, painting } = desk(plane(4, 2), { tool: "fill" });
    hand.press({ x: 2.7, y: 0.1 });
    hand.release();
    expect(shown(painting.mask)).toEqual(["####", "####"]);
  });
});

describe("undo of a mask", () => {
  it("restores every byte of random work, and redo does it again", () => {
    const random = scattered(9);
    const { hand, painting, set } = desk(plane(300, 200));
    const states = [painting.mask.data.slice()];
    for (let step = 0; step < 30; step++) {
      const tool = (["brush", "eraser", "lasso", "gradient", "fill"] as const)[Math.floor(random() * 5)] ?? "brush";
      set({ tool, opacity: random(), hardness: random(), size: 1 + random() * 60, removes: random() < 0.5 });
      if (step % 7 === 3) painting.change(invert);
      else {
        hand.press({ x: random() * 300, y: random() * 200 });
        for (let count = 0; count < 4; count++) hand.drag({ x: random() * 300, y: random() * 200 });
        hand.release();
      }
      if (!same(painting.mask.data, states.at(-1))) states.push(painting.mask.data.slice());
    }
    expect(states.length).toBeGreaterThan(15);
    for (const state of states.slice(0, -1).reverse()) {
      painting.undo();
      expect(same(painting.mask.data, state)).toBe(true);
    }
    expect(painting.painted).toBe(false);
    for (const state of states.slice(1)) {
      painting.redo();
      expect(same(painting.mask.data, state)).toBe(true);
    }
  });

  it("holds only the tiles that changed", () => {
    const { hand, painting } = desk(plane(2048, 2048), { size: 20 });
    hand.press({ x: 20, y: 20 });
    hand.drag({ x: 2000, y: 2000 });
    hand.release();
    // A diagonal through 16 x 16 tiles of 16 KiB meets 16 of them, and little of their neighbours.
    expect(painting.history.bytes).toBeLessThan(48 * 2 ** 14);
    expect(painting.history.bytes).toBeGreaterThanOrEqual(16 * 2 ** 14);
  });

  it("forgets the oldest steps when they would hold too much, and still knows that there was painting", () => {
    const history = new MaskHistory(3 * 128 * 128);
    const [mask, base] = [plane(128, 128), plane(128, 128)];
    for (let step = 1; step <= 5; step++) {
      mask.data.fill(step);
      expect(history.keep(mask, base, { x: 0, y: 0, width: 128, height: 128 })).toBe(true);
    }
    expect(history.bytes).toBe(3 * 128 * 128);
    while (history.canUndo) history.undo(mask, base);
    expect(mask.data[0]).toBe(2);
    expect(history.steps).toBe(2);
    expect(history.keep(mask, base, { x: 0, y: 0, width: 128, height: 128 })).toBe(false);
  });

  it("of something else forgets what was taken back", () => {
    const { painting } = desk(plane(4, 4));
    painting.change(invert);
    painting.undo();
    painting.change((mask) => (mask.data.fill(7), { x: 0, y: 0, width: 4, height: 4 }));
    painting.redo();
    expect(painting.mask.data[0]).toBe(7);
    expect(painting.history.bytes).toBe(16);
  });
});

function same(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.every((value, index) => value === b[index]);
}
