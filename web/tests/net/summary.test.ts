import { describe, expect, it } from "vitest";
import type { NodeRun } from "../../src/core/types";
import { ancestors, sumOf } from "../../src/net/sums";
import { usualSeconds, withWaits } from "../../src/net/summary";
import { seedsOf, usedSeeds, type SeedPlace } from "../../src/net/seeds";
import { ROOT } from "../../src/core/types";
import type { HistoryItem, QueueItem } from "../../src/ui/state.svelte";

const part = (run: NodeRun, weight = 1) => ({ run, weight });
const past = (title: string, seconds: number, state: HistoryItem["state"] = "done"): HistoryItem => ({ id: `${title}${seconds}`, title, state, ended: 0, seconds, pictures: [] });
const item = (id: string, title: string, more: Partial<QueueItem> = {}): QueueItem => ({ id, title, state: "waiting", mine: true, ...more });

describe("an instance of a subgraph", () => {
  it("knows the ids of those around it", () => {
    expect(ancestors("12:4:3")).toEqual(["12", "12:4"]);
    expect(ancestors("3")).toEqual([]);
  });
  it("is as far as its nodes are, by their weights", () => {
    expect(sumOf([part({ state: "done" }, 10), part({ state: "running", value: 5, max: 10 }, 20), part({ state: "queued" }, 10)])).toEqual({ state: "running", value: 0.5, max: 1 });
    expect(sumOf([part({ state: "done" }), part({ state: "queued" })]).state).toBe("running");
    expect(sumOf([part({ state: "queued", place: 2 }), part({ state: "queued", place: 2 })])).toEqual({ state: "queued", place: 2 });
  });
  it("ends as the worst of them, and took as long as all that ran", () => {
    const failure = { job: "j", node: "1:2", type: "ValueError", trace: "", inputs: {} };
    expect(sumOf([part({ state: "done", seconds: 1 }), part({ state: "error", error: "no", failure })])).toEqual({ state: "error", error: "no", failure });
    expect(sumOf([part({ state: "cached", seconds: 9 }), part({ state: "done", seconds: 1, ended: 7, reason: "first run" }), part({ state: "done", seconds: 2, ended: 5 })])).toEqual({
      state: "done",
      seconds: 3,
      ended: 7,
      reason: "first run",
    });
    expect(sumOf([part({ state: "cached" }), part({ state: "idle" })]).state).toBe("cached");
    expect(sumOf([part({ state: "idle" })]).state).toBe("idle");
  });
});

describe("how long runs take", () => {
  it("is the median of the last five that went well", () => {
    const usual = usualSeconds([past("a", 3), past("a", 900, "error"), past("a", 1), past("a", 2), past("a", 5), past("a", 4), past("a", 100), past("b", 7)]);
    expect([...usual]).toEqual([["a", 3], ["b", 7]]);
  });
  it("adds up along the queue until one is not known", () => {
    const queue = [item("1", "a", { state: "running", secondsLeft: 4 }), item("2", "a"), item("3", "b"), item("4", "new"), item("5", "a")];
    expect(withWaits(queue, new Map([["a", 10], ["b", 1]])).map((each) => each.secondsLeft)).toEqual([4, 14, 15, undefined, undefined]);
  });
});

describe("the seeds of an earlier run", () => {
  it("are read from its prompt, also inside of subgraphs and beyond 53 bits", () => {
    const place = (graph: string, node: string): SeedPlace => ({ graph, node, widget: { name: "seed" } as SeedPlace["widget"], control: "fixed", value: 1 });
    const prompt = { "3": { inputs: { seed: "18446744073709551615" } }, "12:4": { inputs: { seed: 7 } }, "9": { inputs: { seed: ["3", 0] } } };
    const found = usedSeeds([place(ROOT, "3"), place("box", "4"), place(ROOT, "9"), place(ROOT, "77")], prompt);
    expect(found.map((each) => [each.place.node, each.used])).toEqual([["3", "18446744073709551615"], ["4", "7"]]);
    expect(seedsOf({ graphs: new Map(), rest: {} }, { get: () => undefined, all: () => [] })).toEqual([]);
  });
});
