import { describe, expect, it } from "vitest";
import { resultsPage } from "../../src/net/results";
import { annotated, refOfName, sizeBadge } from "../../src/ui/parts/pictures";
import { ResultsState } from "../../src/ui/gallery/results.svelte";
import type { Result, ResultsPage } from "../../src/ui/gallery/result";

/** A server with this many runs of one picture each; it keeps what it was asked. */
function server(count: number) {
  const asked: (number | undefined)[] = [];
  const runs = Array.from({ length: count }, (_, at) => at + 1);
  return {
    asked,
    runs,
    results: (limit: number, before?: number): Promise<ResultsPage> => {
      asked.push(before);
      const found = runs.filter((at) => before === undefined || at < before).sort((a, b) => b - a).slice(0, limit);
      const last = found.at(-1);
      return Promise.resolve({ results: found.map((at) => result(at)), next: found.length === limit ? last : undefined, total: runs.length });
    },
  };
}

function result(at: number): Result {
  const filename = `${at}.png`;
  return { filename, subfolder: "", type: "output", key: `output//${filename}`, job: String(at), ended: at, loras: [], frames: 1, gone: at === 3, prompt: at % 2 ? "boat" : "house" };
}

describe("the results of runs", () => {
  it("come page by page, and a search reads them all", async () => {
    const source = server(450);
    const state = new ResultsState();
    await state.refresh(source);
    expect(state.all).toHaveLength(200);
    expect(state.hasMore).toBe(true);
    state.query = "boat";
    await state.everything(source);
    expect(state.all).toHaveLength(450);
    expect(state.hasMore).toBe(false);
    expect(state.shown).toHaveLength(224);
    expect(new Set(state.all.map((each) => each.key)).size).toBe(450);
  });

  it("of new runs only the newest are read", async () => {
    const source = server(30);
    const state = new ResultsState();
    await state.refresh(source);
    source.runs.push(31, 32);
    await state.refresh(source);
    expect(state.all.slice(0, 3).map((each) => each.job)).toEqual(["32", "31", "30"]);
    expect(state.all).toHaveLength(32);
    source.runs.push(...Array.from({ length: 50 }, (_, at) => 33 + at));
    await state.refresh(source);
    expect(state.all).toHaveLength(82);
  });

  it("hide pictures whose file is gone, unless they are looked for", async () => {
    const state = new ResultsState();
    await state.refresh(server(5));
    expect(state.shown.map((each) => each.job)).toEqual(["5", "4", "2", "1"]);
    state.query = "is:gone";
    expect(state.shown.map((each) => each.job)).toEqual(["3"]);
  });

  it("that are being removed are out of sight, and come back when the removal is taken back", async () => {
    const state = new ResultsState();
    await state.refresh(server(5));
    state.removing = new Set(["output//4.png"]);
    expect(state.shown.map((each) => each.job)).toEqual(["5", "2", "1"]);
    state.removing = new Set();
    expect(state.shown).toHaveLength(4);
    state.drop(new Set(["output//4.png"]));
    expect(state.find(result(4))).toBeUndefined();
  });

  it("are chosen in ranges", async () => {
    const state = new ResultsState();
    await state.refresh(server(10));
    state.choose("output//8.png", "output//5.png");
    expect(state.targets.map((each) => each.job)).toEqual(["8", "7", "6", "5"]);
    state.toggle("output//7.png");
    expect(state.targets).toHaveLength(3);
  });

  it("say what went wrong, and go on later", async () => {
    const state = new ResultsState();
    await state.refresh({ results: () => Promise.reject(new Error("no connection")) });
    expect(state.problem).toBe("no connection");
    await state.refresh(server(3));
    expect([state.problem, state.all.length]).toEqual(["", 3]);
  });

  it("are read from whatever the server says", () => {
    for (const odd of [null, [], "x", { results: [{ nodes: [{ pictures: [1, {}] }, 2] }, null] }]) expect(() => resultsPage(odd)).not.toThrow();
    const page = resultsPage({ results: [{ id: "a", ended: 5, nodes: [{ node: "7", seed: "18446744073709551615", pictures: [{ filename: "a.png", subfolder: "x", type: "output" }] }] }], next: null, total: 1 });
    expect(page.results[0]).toMatchObject({ key: "output/x/a.png", job: "a", seed: "18446744073709551615", frames: 1, gone: false });
  });
});

describe("names of pictures in the graph", () => {
  it("say where the file lies, there and back", () => {
    for (const ref of [
      { filename: "a.png", subfolder: "", type: "input" },
      { filename: "a b.png", subfolder: "deep/er", type: "output" },
      { filename: "odd [output].png", subfolder: "", type: "temp" },
    ]) {
      expect(refOfName(annotated(ref))).toEqual(ref);
    }
    expect(annotated({ filename: "a.png", subfolder: "x", type: "output" })).toBe("x/a.png [output]");
  });

  it("carry their size as a badge", () => {
    expect(sizeBadge(4, [512, 768])).toBe("4×512×768");
    expect(sizeBadge(1, [0, 0])).toBe("");
  });
});
