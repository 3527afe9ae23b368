import { describe, expect, it } from "vitest";
import { GraphDocument } from "../../src/core/document";
import { Editor } from "../../src/core/editor";
import { ROOT, type Fields, type Graph, type GraphNode, type Json } from "../../src/core/types";
import { Runs, type RunApi, type RunBoard, type RunEnd } from "../../src/net/runs";

const NODE = { pos: [0, 0], size: [1, 1], mode: 0, collapsed: false, pinned: false, inputs: [], outputs: [], values: {}, properties: {}, rest: {} } as const;

function editorWith(...ids: string[]): Editor {
  const nodes = new Map(ids.map((id): [string, GraphNode] => [id, { ...NODE, id, type: "T", values: id === "2" ? { steps: 10 } : {} }]));
  const graph: Graph = { id: ROOT, name: "", nodes, links: new Map(), groups: new Map(), reroutes: new Map(), rest: {} };
  return new Editor(new GraphDocument({ graphs: new Map([[ROOT, graph]]), rest: {} }), { get: () => undefined, all: () => [] });
}

const words = { started: (f: string) => `started ${f}`, finished: (f: string) => `finished ${f}`, failed: (f: string, r: string) => `${f}: ${r}`, stopped: (f: string) => `stopped ${f}` };
const entry = (status: string, outputs: Json, messages: Json = []): Json => ({ prompt: [0, "j", {}, { darkroom_file: "a" }, []], outputs, status: { status_str: status, completed: true, messages } });

function setUp(answers: Partial<RunApi> = {}) {
  const editor = editorWith("1", "2", "3");
  const board: RunBoard = { queue: [], history: [], announcement: "" };
  const ends: RunEnd[] = [];
  const clock = { now: 1000 };
  const runs = new Runs({
    api: { queue: async () => ({ running: [], waiting: [] }), history: async () => ({}), historyOf: async () => undefined, explain: async () => ({}), ...answers },
    board,
    files: () => [{ editor, name: "a" }],
    needed: () => ["1", "2", "3"],
    words,
    ended: (end) => ends.push(end),
    client: () => "me",
    now: () => clock.now,
  });
  const say = (type: string, data: Fields): void => runs.take({ type, data: { prompt_id: "j", ...data } });
  return { editor, board, runs, say, ends, clock };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe("a run", () => {
  it("marks nodes as queued, running, cached and done, and keeps what they showed", async () => {
    const { editor, runs, say, board, ends } = setUp({
      historyOf: async () => entry("success", { "3": { images: [{ filename: "x.png", subfolder: "", type: "output" }] } }),
      explain: async () => ({ steps: [{ node: "2", reason: "seed changed", seconds: 1.5 }] }),
    });
    editor.setRun("3", { state: "done", output: { images: ["old"] } });
    runs.sent("j", "a", editor, ["1", "2", "3"]);
    expect(editor.run("1").state).toBe("queued");
    say("execution_start", {});
    say("execution_cached", { nodes: ["1"] });
    say("executing", { node: "2", display_node: "2" });
    say("progress", { node: "2", value: 5, max: 10 });
    expect(editor.run("1").state).toBe("cached");
    expect(editor.run("2")).toMatchObject({ state: "running", value: 5, max: 10 });
    expect(editor.run("3")).toEqual({ state: "queued", output: { images: ["old"] } });
    say("progress_state", { nodes: { "2": { state: "finished", display_node_id: "2" }, "3": { state: "running", value: 0, max: 1, display_node_id: "3" } } });
    say("executed", { node: "3", display_node: "3", output: { images: ["new"] } });
    say("executing", { node: null });
    await settled();
    expect(editor.run("2")).toMatchObject({ state: "done", reason: "seed changed", seconds: 1.5 });
    expect(editor.run("3").output).toEqual({ images: ["new"] });
    expect(board.history[0]).toMatchObject({ id: "j", title: "a", state: "done" });
    expect(board.announcement).toBe("finished a");
    expect(ends).toHaveLength(1);
  });

  it("tells each node only of its own changes", () => {
    const { editor, runs, say } = setUp();
    runs.sent("j", "a", editor, ["1", "2", "3"]);
    const told: (string | null)[] = [];
    editor.runChanged.subscribe((id) => told.push(id));
    const nodes = { "1": { state: "finished", display_node_id: "1" }, "2": { state: "running", value: 1, max: 9, display_node_id: "2" } };
    say("progress_state", { nodes });
    say("progress_state", { nodes });
    expect(told).toEqual(["1", "2"]);
  });

  it("that fails shows the error on its node and idles the rest", async () => {
    const { editor, runs, say, board } = setUp({ historyOf: async () => entry("error", {}, [["execution_error", { exception_message: "no memory", timestamp: 5 }]]) });
    runs.sent("j", "a", editor, ["1", "2", "3"]);
    say("executing", { node: "2", display_node: "2" });
    say("execution_error", { node_id: "2", exception_message: "no memory\n", exception_type: "MemoryError" });
    say("executing", { node: null });
    await settled();
    expect(editor.run("2")).toMatchObject({ state: "error", error: "no memory" });
    expect(editor.run("3").state).toBe("idle");
    expect(board.announcement).toBe("a: no memory");
  });

  it("inside a subgraph shows on its instance", () => {
    const { editor, runs, say } = setUp();
    runs.sent("j", "a", editor, ["1"]);
    say("progress", { node: "1:8", value: 1, max: 2 });
    expect(editor.run("1:8").state).toBe("running");
    expect(editor.run("1")).toMatchObject({ state: "running", value: 0.5, max: 1 });
  });

  it("from before a reload is taken up by the file's name", async () => {
    const { editor, runs, say, board } = setUp({ queue: async () => ({ running: [[0, "j", {}, { client_id: "me", darkroom_file: "a" }, []]], waiting: [] }) });
    await runs.refreshQueue();
    expect(board.queue).toMatchObject([{ id: "j", title: "a", state: "running" }]);
    say("progress", { node: "2", value: 5, max: 10 });
    expect(editor.run("2").state).toBe("running");
    expect(board.queue[0]?.progress).toBeCloseTo(5 / 12);
  });

  it("that ended while nobody listened is noticed on return", async () => {
    const { editor, runs, ends } = setUp({ historyOf: async () => entry("success", { "3": { images: ["late"] } }) });
    runs.sent("j", "a", editor, ["1", "2", "3"]);
    await runs.catchUp();
    await settled();
    expect(ends.map((end) => end.state)).toEqual(["done"]);
    expect(editor.run("3").output).toEqual({ images: ["late"] });
  });

  it("tells the pace of a node from its second step on", () => {
    const { editor, runs, say, clock } = setUp();
    runs.sent("j", "a", editor, ["2"]);
    say("progress", { node: "2", value: 1, max: 9 });
    expect(editor.run("2").rate).toBeUndefined();
    clock.now += 500;
    say("progress", { node: "2", value: 3, max: 9 });
    expect(editor.run("2").rate).toBe(4);
  });

  it("that waits says on its nodes how many come before it", async () => {
    const ask = { queue: async () => ({ running: [[0, "x", {}, { client_id: "they" }, []]], waiting: [[1, "j", {}, { client_id: "me", darkroom_file: "a" }, []]] }) };
    const { editor, runs, board } = setUp(ask);
    runs.sent("j", "a", editor, ["1"]);
    await runs.refreshQueue();
    expect(editor.run("1")).toEqual({ state: "queued", place: 1 });
    expect(board.queue.map((item) => item.mine)).toEqual([false, true]);
    expect(runs.running).toBe("x");
  });

  it("of another window with a file of the same name is not taken up", async () => {
    const { editor, runs } = setUp({ queue: async () => ({ running: [[0, "x", {}, { client_id: "they", darkroom_file: "a" }, []]], waiting: [] }) });
    await runs.refreshQueue();
    runs.take({ type: "executing", data: { prompt_id: "x", node: "1" } });
    expect(editor.run("1").state).toBe("idle");
    expect(runs.isBusy(editor)).toBe(false);
  });

  it("that left the queue without a word has ended, once", async () => {
    let there = true;
    const running = [[0, "j", {}, { client_id: "me", darkroom_file: "a" }, []]];
    const { editor, runs, ends } = setUp({ queue: async () => ({ running: there ? running : [], waiting: [] }) });
    runs.sent("j", "a", editor, ["1"]);
    await runs.refreshQueue();
    expect(ends).toEqual([]);
    there = false;
    await runs.refreshQueue();
    there = true;
    await runs.refreshQueue();
    await settled();
    expect(ends.map((end) => end.job)).toEqual(["j"]);
    expect(editor.run("1").state).toBe("idle");
  });

  it("that failed before a reload shows its error and trace again", async () => {
    const failed = entry("error", {}, [["execution_error", { node_id: "2", exception_message: "no memory", exception_type: "MemoryError", traceback: ["a", "b"], current_inputs: { x: [1] }, timestamp: 5 }]]);
    const { editor, runs } = setUp({ history: async () => ({ j: failed }), explain: async () => ({ steps: [{ node: "1", outcome: "ran", reason: "first run", seconds: 2 }] }) });
    runs.remember(editor, "j");
    await runs.loadHistory();
    await settled();
    expect(editor.run("2")).toMatchObject({ state: "error", error: "no memory", failure: { type: "MemoryError", trace: "ab", inputs: { x: [1] } } });
    expect(editor.run("1")).toMatchObject({ state: "done", reason: "first run", seconds: 2 });
  });

  it("of another tab is none of ours", () => {
    const { editor, runs } = setUp();
    runs.take({ type: "executing", data: { prompt_id: "else", node: "1" } });
    expect(editor.run("1").state).toBe("idle");
  });

  it("gives its results back after a reload", async () => {
    const { editor, runs } = setUp({ history: async () => ({ j: entry("success", { "3": { images: ["kept"] } }) }) });
    await runs.loadHistory();
    expect(editor.run("3")).toMatchObject({ state: "done", output: { images: ["kept"] } });
    expect(runs.lastJob(editor)).toBe("j");
  });

  it("that was asked for what a newly opened file says gives it its results, a newer one of other settings does not", async () => {
    const made = (steps: number, picture: string): Json => {
      const sent = { "2": { class_type: "T", inputs: { steps, model: ["1", 0] } } };
      return { ...(entry("success", { "3": { images: [{ filename: picture }] } }) as Fields), prompt: [0, picture, sent, { darkroom_file: "a" }, []] };
    };
    const { editor, runs } = setUp({ history: async () => ({ older: made(10, "asked"), newer: made(20, "other") }) });
    await runs.loadHistory();
    expect(editor.run("3").output).toEqual({ images: [{ filename: "asked" }] });
  });
});
