import { describe, expect, it } from "vitest";
import { matches, parseQuery, sorted, spanOf, toggled, valuesOf, without } from "../../src/ui/gallery/query";
import type { Result } from "../../src/ui/gallery/result";

const NOON = new Date(2026, 10, 21, 12).getTime();
const HOUR = 3_600_000;

function result(changes: Partial<Result> = {}): Result {
  const { filename = "a.png" } = changes;
  return {
    filename,
    subfolder: "",
    type: "output",
    key: filename,
    job: "1",
    ended: NOON - HOUR,
    loras: [],
    frames: 1,
    gone: false,
    prompt: "a red boat at sea",
    seed: "7",
    model: "starter.safetensors",
    sampler: "euler",
    steps: 20,
    cfg: 4.5,
    width: 512,
    height: 768,
    ...changes,
  };
}

const fits = (query: string, changes: Partial<Result> = {}): boolean => matches(result(changes), parseQuery(query), NOON);

describe("the search of the gallery", () => {
  it("finds words in the prompt, whatever their order and case", () => {
    expect(fits("BOAT red")).toBe(true);
    expect(fits("boat blue")).toBe(false);
    expect(fits('"red boat"')).toBe(true);
    expect(fits('"boat red"')).toBe(false);
  });

  it("takes terms and words together", () => {
    expect(fits("model:starter seed:7 boat")).toBe(true);
    expect(fits("model:starter seed:8 boat")).toBe(false);
    expect(fits('model:"starter.safe" sampler:EULER')).toBe(true);
  });

  it("compares seeds as text, since they have up to 64 bits", () => {
    expect(fits("seed:18446744073709551615", { seed: "18446744073709551615" })).toBe(true);
    expect(fits("seed:18446744073709551615", { seed: "18446744073709551614" })).toBe(false);
    expect(fits("seed:7", { seed: "77" })).toBe(false);
  });

  it("leaves out what has a minus before it", () => {
    expect(fits("-boat")).toBe(false);
    expect(fits("-house -model:other")).toBe(true);
  });

  it("knows sizes, exact and at least", () => {
    expect(fits("size:512x768")).toBe(true);
    expect(fits("size:768x512")).toBe(false);
    expect(fits("size:768")).toBe(true);
    expect(fits("size:>700")).toBe(true);
    expect(fits("size:<512")).toBe(false);
    expect(fits("is:tall")).toBe(true);
  });

  it("compares numbers", () => {
    expect(fits("steps:>10 steps:<30 cfg:4.5")).toBe(true);
    expect(fits("steps:21")).toBe(false);
    const { steps: _, ...stepless } = result();
    expect(matches(stepless, parseQuery("steps:>10"), NOON)).toBe(false);
  });

  it("knows dates", () => {
    expect(fits("date:today")).toBe(true);
    expect(fits("date:yesterday")).toBe(false);
    expect(fits("date:yesterday", { ended: NOON - 24 * HOUR })).toBe(true);
    expect(fits("date:2026-11")).toBe(true);
    expect(fits("date:2026-11-20")).toBe(false);
    expect(fits("date:>2026-11-20")).toBe(true);
    expect(fits("date:<2026-11-21")).toBe(false);
    expect(fits("date:7d", { ended: NOON - 8 * 24 * HOUR })).toBe(false);
    expect(spanOf("someday", NOON)).toBeUndefined();
  });

  it("takes an unknown name before a colon as a word", () => {
    expect(parseQuery("http://x a:b").map((each) => each.field)).toEqual([undefined, undefined]);
    expect(fits("note:red", { prompt: "note:red house" })).toBe(true);
  });

  it("is not disturbed by half-typed terms", () => {
    for (const query of ["model:", "-", '"', "seed:>", ":", "--", 'model:"', "size:x"]) expect(() => fits(query)).not.toThrow();
    expect(fits("model: ")).toBe(true);
  });

  it("puts terms in and takes them out", () => {
    expect(toggled("boat", "model", "starter")).toBe("boat model:starter");
    expect(toggled("boat model:starter", "model", "starter")).toBe("boat");
    expect(toggled("model:old boat", "model", "two words")).toBe('boat model:"two words"');
    const [first] = parseQuery("seed:7 boat");
    expect(without("seed:7 boat", first ?? { from: 0, to: 0 })).toBe("boat");
  });

  it("counts what there is to filter by", () => {
    const all = [result(), result({ model: "other" }), result({ model: "other" })];
    expect(valuesOf(all, "model")).toEqual([
      { value: "other", count: 2 },
      { value: "starter.safetensors", count: 1 },
    ]);
    expect(valuesOf(all, "size")).toEqual([{ value: "512x768", count: 3 }]);
  });

  it("sorts seeds by their value, not by their letters", () => {
    const all = ["100", "20", "9"].map((seed) => result({ seed, filename: seed }));
    expect(sorted(all, "seed").map((each) => each.seed)).toEqual(["9", "20", "100"]);
    expect(sorted(all, "oldest").map((each) => each.seed)).toEqual(["9", "20", "100"]);
    expect(sorted(all, "newest")).toBe(all);
  });
});
