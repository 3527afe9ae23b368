import { describe, expect, it } from "vitest";
import { GraphDocument } from "../../src/core/document";
import { readDefinitions } from "../../src/core/schema";
import { ROOT, type Fields, type Json } from "../../src/core/types";
import { readWorkflow } from "../../src/io/read";
import { advanceSeeds, asValue, nextValue, seedsOf, wholeNumber, type SeedPlace } from "../../src/net/seeds";

const LARGEST = 2n ** 64n - 1n;
const definitions = readDefinitions({
  Sampler: {
    input: { required: { seed: ["INT", { default: 0, min: 0, max: 18446744073709551615 }], steps: ["INT", { default: 20 }] } },
    input_order: { required: ["seed", "steps"] },
    output: ["LATENT"],
    output_name: ["LATENT"],
    output_is_list: [false],
    name: "Sampler",
  } as unknown as Json,
} as Fields);

function drawing(control: string, seed: Json = 7, mode = 0): Json {
  return { nodes: [{ id: 1, type: "Sampler", pos: [0, 0], size: [200, 100], mode, inputs: [], outputs: [], widgets_values: [seed, control, 20] }], links: [], version: 0.4 } as unknown as Json;
}

function place(control: string, value: Json, more: Partial<SeedPlace["widget"]> = {}): SeedPlace {
  const widget = { name: "seed", kind: "seed", type: "INT", default: 0, options: {}, isInput: true, min: 0, max: LARGEST, ...more } as SeedPlace["widget"];
  return { graph: ROOT, node: "1", widget, control, value };
}

describe("the next seed", () => {
  it("stays where it is fixed", () => expect(nextValue(place("fixed", 7), () => 1n)).toBe(7));
  it("counts exactly beyond 2^53", () => expect(nextValue(place("increment", "18446744073709551613"), () => 0n)).toBe("18446744073709551614"));
  it("starts again after the largest", () => expect(nextValue(place("increment", LARGEST.toString()), () => 0n)).toBe(0));
  it("goes to the largest below the smallest", () => expect(nextValue(place("decrement", 0), () => 0n)).toBe(LARGEST.toString()));
  it("is drawn within the range", () => {
    const next = nextValue(place("randomize", 7, { min: 10, max: 12 }), () => 2n ** 63n + 1n);
    expect([10, 11, 12]).toContain(next);
  });
  it("takes the next of a choice", () => expect(nextValue(place("increment", "a", { choices: ["a", "b"] }), () => 0n)).toBe("b"));
  it("leaves what is no number alone", () => expect(nextValue(place("randomize", "abc"), () => 0n)).toBe("abc"));
});

describe("seeds of a document", () => {
  it("are found with their control", () => {
    const { state } = readWorkflow(drawing("randomize"), definitions);
    expect(seedsOf(state, definitions)).toMatchObject([{ node: "1", control: "randomize", value: 7 }]);
  });
  it("of a node that is off are left alone", () => {
    const { state } = readWorkflow(drawing("randomize", 7, 4), definitions);
    expect(seedsOf(state, definitions)).toEqual([]);
  });
  it("move on in one step of undo", () => {
    const document = new GraphDocument(readWorkflow(drawing("increment"), definitions).state);
    const seeds = seedsOf(document.state, definitions);
    document.transact("Next seed", (t) => advanceSeeds(t, seeds));
    expect(document.graph(ROOT).nodes.get("1")?.values["seed"]).toBe(8);
    document.undo();
    expect(document.graph(ROOT).nodes.get("1")?.values["seed"]).toBe(7);
  });
  it("that somebody typed meanwhile stay", () => {
    const document = new GraphDocument(readWorkflow(drawing("increment"), definitions).state);
    const seeds = seedsOf(document.state, definitions).map((seed) => ({ ...seed, value: 3 }));
    document.transact("Next seed", (t) => advanceSeeds(t, seeds));
    expect(document.graph(ROOT).nodes.get("1")?.values["seed"]).toBe(7);
  });
});

describe("whole numbers", () => {
  it("are numbers where that is exact, else text", () => {
    expect(asValue(9n)).toBe(9);
    expect(asValue(LARGEST)).toBe("18446744073709551615");
    expect(wholeNumber("18446744073709551615")).toBe(LARGEST);
    expect(wholeNumber(1.5)).toBeUndefined();
  });
});
