import { describe, expect, it } from "vitest";
import { GraphDocument } from "../../src/core/document";
import { Editor } from "../../src/core/editor";
import { ROOT, type Graph, type GraphNode } from "../../src/core/types";
import { rateText } from "../../src/ui/parts/words";
import { batchOf } from "../../src/ui/runs/actions";
import { fadeDelay, headerText, runWords } from "../../src/ui/runs/marks";
import { problemRows, withTitles } from "../../src/ui/runs/problems";
import { pageTitle } from "../../src/ui/runs/title";
import { changedInputs, differencesIn } from "../../src/ui/runs/why";

const NODE: GraphNode = { id: "2", type: "KSampler", title: "Sampler", pos: [0, 0], size: [1, 1], mode: 0, collapsed: false, pinned: false, inputs: [], outputs: [], values: {}, properties: {}, rest: {} };
const NAMES = ["seed", "steps", "text", "model", "positive", "image"];
const told = (reason: string) => differencesIn(reason, NAMES).map(({ text: _, ...rest }) => rest);

describe("why a node ran", () => {
  it("is told by input, with the old and the new value", () => {
    expect(told("seed 5 -> 6, steps 20 -> 21")).toEqual([
      { input: "seed", before: "5", after: "6" },
      { input: "steps", before: "20", after: "21" },
    ]);
  });
  it("keeps commas, arrows and names of inputs inside of quoted texts", () => {
    expect(told(`text 'a -> b, seed 1 -> 2' -> "it's, steps new", seed 5 -> 6`)).toEqual([
      { input: "text", before: "'a -> b, seed 1 -> 2'", after: `"it's, steps new"` },
      { input: "seed", before: "5", after: "6" },
    ]);
  });
  it("names the node that a value comes from", () => {
    expect(told("input model comes from node 12:4, which re-ran, input positive comes from node 6 output 1, before from node 5 output 0")).toEqual([
      { input: "model", source: "12:4" },
      { input: "positive", source: "6" },
    ]);
    expect(told("steps is 4, before it came from node 9")).toEqual([{ input: "steps", after: "4" }]);
  });
  it("knows new inputs and changed files, and says nothing where no input is told of", () => {
    expect(told("seed 7 is new, a file that image names changed, and 2 more")).toEqual([{ input: "seed", after: "7" }, { input: "image" }]);
    for (const reason of ["first run", "nothing changed since it ran", "its code changed", ""]) expect(told(reason)).toEqual([]);
    expect([...changedInputs("seed 5 -> 6", NAMES)]).toEqual(["seed"]);
    expect([...changedInputs(undefined, NAMES)]).toEqual([]);
  });
});

describe("what a node says of its run", () => {
  it("is its progress, its place, or its time", () => {
    expect(headerText({ state: "running", value: 12, max: 20, rate: 0.4 })).toBe("12/20 · 2.5 s/it");
    expect(headerText({ state: "running", value: 0.37, max: 1 })).toBe("37 %");
    expect(headerText({ state: "queued", place: 2 })).toBe("#3");
    expect(headerText({ state: "queued" })).toBe("");
    expect(headerText({ state: "done", seconds: 1.8 })).toBe("1.8 s");
    expect(rateText(12.4)).toBe("12 it/s");
    expect(runWords({ state: "queued", place: 1 })).toBe("Waiting: one run comes before it");
  });
  it("fades two seconds after it is done, and is gone when that is long ago", () => {
    expect(fadeDelay({ state: "done", ended: 1000 }, 1500)).toBe(1500);
    expect(fadeDelay({ state: "done", ended: 1000 }, 9000)).toBeLessThan(-400);
  });
});

describe("the page's title", () => {
  it("begins with how far the run is", () => {
    const active = { name: "postcard", dirty: true } as Parameters<typeof pageTitle>[0]["active"];
    const running = { id: "1", title: "postcard", state: "running", mine: true, progress: 0.42, secondsLeft: 12 } as const;
    expect(pageTitle({ queue: [running], active })).toBe("42 % · 12 s left · • postcard · Darkroom");
    expect(pageTitle({ queue: [], active: undefined })).toBe("Darkroom");
  });
});

describe("a number of runs", () => {
  it("is a whole one from 1 to 99, whatever is typed", () => {
    expect(["3", "0", "-4", "250", "2.6", "", "many"].map(batchOf)).toEqual([3, 1, 1, 99, 3, 1, 1]);
  });
});

describe("the list of problems", () => {
  it("says the place and the remedy apart, errors first", () => {
    const graph: Graph = { id: ROOT, name: "", nodes: new Map([["2", NODE]]), links: new Map(), groups: new Map(), reroutes: new Map(), rest: {} };
    const editor = new Editor(new GraphDocument({ graphs: new Map([[ROOT, graph]]), rest: {} }), { get: () => undefined, all: () => [] });
    editor.setProblems([
      { node: null, input: null, text: "Slow.", remedy: "", warning: true, type: "" },
      { node: "2", input: "model", text: "KSampler (node 2), input model: wants a MODEL, but has none; connect a loader.", remedy: "connect a loader", warning: false, type: "" },
    ]);
    const rows = problemRows(editor);
    expect(rows.map(({ title, input, text, remedy, warning }) => [title, input, text, remedy, warning])).toEqual([
      ["Sampler", "model", "Wants a MODEL, but has none.", "connect a loader", false],
      ["", null, "Slow.", "", true],
    ]);
    expect(withTitles(editor, "comes from node 2, not node 9:1")).toBe("comes from Sampler, not node 9:1");
  });
});
