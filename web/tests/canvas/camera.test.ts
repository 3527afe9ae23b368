import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { between, fitted, MAX_ZOOM, MIN_ZOOM, panned, toGraph, toScreen, visible, zoomed } from "../../src/canvas/camera";
import { covers } from "../../src/canvas/rect";
import { pinchedCamera } from "../../src/canvas/tools/pinching";

const number = fc.double({ min: -5000, max: 5000, noNaN: true });
const camera = fc.record({ x: number, y: number, zoom: fc.double({ min: MIN_ZOOM, max: MAX_ZOOM, noNaN: true }) });
const point = fc.tuple(number, number);

describe("the camera", () => {
  it("finds the graph point of a screen point, and back", () => {
    fc.assert(
      fc.property(camera, point, (c, at) => {
        const [x, y] = toScreen(c, toGraph(c, at));
        expect(x).toBeCloseTo(at[0], 4);
        expect(y).toBeCloseTo(at[1], 4);
      }),
    );
  });

  it("keeps the graph point under the pointer while it zooms, within its limits", () => {
    fc.assert(
      fc.property(camera, point, fc.double({ min: 0.001, max: 100, noNaN: true }), (c, at, zoom) => {
        const next = zoomed(c, zoom, at);
        expect(next.zoom).toBeGreaterThanOrEqual(MIN_ZOOM);
        expect(next.zoom).toBeLessThanOrEqual(MAX_ZOOM);
        const [before, after] = [toGraph(c, at), toGraph(next, at)];
        expect(after[0]).toBeCloseTo(before[0], 3);
        expect(after[1]).toBeCloseTo(before[1], 3);
      }),
    );
  });

  it("moves what is seen by the pixels that it is pushed", () => {
    const next = panned({ x: 10, y: 20, zoom: 2 }, 100, -50);
    expect(next).toEqual({ x: -40, y: 45, zoom: 2 });
  });

  it("fits a rectangle into the viewport, and never nearer than 1:1", () => {
    const big = { x: -100, y: 50, width: 9000, height: 4000 };
    expect(covers(visible(fitted(big, [1200, 800]), [1200, 800]), big)).toBe(true);
    expect(fitted({ x: 0, y: 0, width: 10, height: 10 }, [1200, 800]).zoom).toBe(1);
  });

  it("arrives exactly where a flight ends", () => {
    const to = { x: 5, y: 6, zoom: 0.3 };
    expect(between({ x: 0, y: 0, zoom: 1 }, to, 1, [800, 600])).toEqual(to);
  });

  it("keeps the points under two fingers under them", () => {
    const start = { x: 0, y: 0, zoom: 1 };
    const next = pinchedCamera(start, [[100, 100], [200, 100]], [[80, 120], [280, 120]]);
    expect(next.zoom).toBeCloseTo(2);
    expect(toScreen(next, [100, 100])).toEqual([80, 120]);
  });
});
