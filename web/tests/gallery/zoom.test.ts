import { describe, expect, it } from "vitest";
import { NewestFrame } from "../../src/ui/gallery/newest";
import { boxOf, FITTED, fitZoom, moved, spread, zoomedAt } from "../../src/ui/gallery/zoom";

const WINDOW = [800, 600] as const;
const PICTURE = [400, 400] as const;

describe("zoom and place of a picture", () => {
  it("fits large pictures into the window and does not blow up small ones without end", () => {
    expect(fitZoom(WINDOW, [1600, 600])).toBe(0.5);
    expect(fitZoom(WINDOW, [8, 8])).toBe(8);
    expect(fitZoom([0, 0], PICTURE)).toBe(1);
    expect(boxOf(FITTED, WINDOW, PICTURE)).toEqual({ left: 100, top: 0, width: 600, height: 600 });
  });

  it("keeps the point under the cursor where it is", () => {
    const at = [250, 420] as const;
    let stand = FITTED;
    for (const factor of [2, 1.3, 0.7]) {
      const before = boxOf(stand, WINDOW, PICTURE);
      stand = zoomedAt(stand, factor, at, WINDOW, PICTURE);
      const after = boxOf(stand, WINDOW, PICTURE);
      for (const axis of [0, 1] as const) {
        const [from, size, point] = axis === 0 ? (["left", "width", at[0]] as const) : (["top", "height", at[1]] as const);
        expect((point - after[from]) / after[size]).toBeCloseTo((point - before[from]) / before[size]);
      }
    }
  });

  it("never lets a picture out of sight", () => {
    const box = boxOf(moved(FITTED, [1e6, -1e6], WINDOW, PICTURE), WINDOW, PICTURE);
    expect(box.left).toBeLessThan(800);
    expect(box.top + box.height).toBeGreaterThan(0);
  });

  it("knows how far two fingers are apart", () => {
    expect(spread([0, 0], [30, 40])).toEqual({ distance: 50, middle: [15, 20] });
  });
});

describe("live previews", () => {
  it("show the newest frame only, in order, and skip those that came too fast", async () => {
    const shown: string[] = [];
    const waiting: (() => void)[] = [];
    const frames = new NewestFrame((url) => shown.push(url), () => new Promise((done) => waiting.push(() => done())));
    const settle = async (): Promise<void> => {
      waiting.shift()?.();
      await new Promise((done) => setTimeout(done));
    };
    for (const url of ["1", "2", "3", "4"]) frames.offer(url);
    await settle();
    await settle();
    expect(shown).toEqual(["1", "4"]);
    frames.offer("5");
    frames.stop();
    await settle();
    expect(shown).toEqual(["1", "4"]);
  });

  it("go on after a frame that cannot be decoded", async () => {
    const shown: string[] = [];
    const frames = new NewestFrame((url) => shown.push(url), (url) => (url === "bad" ? Promise.reject(new Error("gone")) : Promise.resolve()));
    frames.offer("bad");
    frames.offer("good");
    await new Promise((done) => setTimeout(done));
    expect(shown).toEqual(["good"]);
  });
});
