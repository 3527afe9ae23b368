/** The run of one file as its events tell it: which node is in which state, and how far the whole is. Pure. */

import { isFields } from "../core/entries";
import type { Editor } from "../core/editor";
import { ROOT, type Fields, type Json, type NodeId, type NodeRun } from "../core/types";

/** A job of this tab. `nodes` are those that a run has to visit. */
export interface Job {
  readonly id: string;
  readonly file: string;
  readonly editor: Editor;
  readonly nodes: ReadonlySet<NodeId>;
  /** How long each takes compared with others. */
  readonly weights: ReadonlyMap<NodeId, number>;
  started: number;
  readonly finished: Set<NodeId>;
  /** Fraction of the node that runs. */
  fraction: number;
  running: NodeId | undefined;
}

type State = NodeRun["state"];

/** A job that has just been sent. now: in milliseconds */
export function newJob(id: string, file: string, editor: Editor, nodes: Iterable<NodeId>, now: number): Job {
  const visited = new Set(nodes);
  const weights = new Map([...visited].map((node) => [node, weightOf(editor, node)]));
  return { id, file, editor, nodes: visited, weights, started: now, finished: new Set(), fraction: 0, running: undefined };
}

/** A step of sampling takes about as long as any other whole node. */
function weightOf(editor: Editor, node: NodeId): number {
  const steps = editor.document.state.graphs.get(ROOT)?.nodes.get(node)?.values["steps"];
  return typeof steps === "number" && steps > 0 ? steps : 1;
}

/** Marks a node; what it showed before stays until something new comes. */
export function mark(editor: Editor, node: NodeId, state: State, more: Partial<NodeRun> = {}): void {
  const { output, preview, seconds } = editor.run(node);
  const kept = { ...(output ? { output } : {}), ...(preview !== undefined && state !== "done" && state !== "cached" ? { preview } : {}), ...(seconds !== undefined && state !== "running" ? { seconds } : {}) };
  editor.setRun(node, { ...kept, state, ...more });
  const [outer] = node.split(":");
  if (outer !== undefined && outer !== node) markInstance(editor, outer, state, more);
}

/** A subgraph's instance shows the state of what runs inside it. */
function markInstance(editor: Editor, outer: NodeId, state: State, more: Partial<NodeRun>): void {
  const before = editor.run(outer);
  if (state === "queued" || (before.state === "error" && state !== "running")) return;
  const { value, max, preview, error, output } = more;
  const told = { ...(value === undefined ? {} : { value }), ...(max === undefined ? {} : { max }), ...(preview === undefined ? {} : { preview }), ...(error === undefined ? {} : { error }) };
  editor.setRun(outer, { ...(before.output || output ? { output: output ?? before.output ?? {} } : {}), state: state === "cached" ? "done" : state, ...told });
}

/** All that a run will visit waits. */
export function begin(job: Job): void {
  for (const node of job.nodes) if (!job.finished.has(node)) mark(job.editor, node, "queued");
}

/** Takes progress_state: only nodes that changed are told. */
export function progressState(job: Job, nodes: Json | undefined): void {
  if (!isFields(nodes)) return;
  for (const [id, entry] of Object.entries(nodes)) {
    if (!isFields(entry)) continue;
    const shown = typeof entry["display_node_id"] === "string" ? entry["display_node_id"] : id;
    if (entry["state"] === "running") progress(job, shown, entry["value"], entry["max"]);
    else if (entry["state"] === "finished" && shown === id) finish(job, shown);
  }
}

/** Takes progress of one node. */
export function progress(job: Job, node: NodeId, value: Json | undefined, max: Json | undefined): void {
  const done = typeof value === "number" ? value : 0;
  const all = typeof max === "number" && max > 0 ? max : 1;
  const now = job.editor.run(node);
  job.running = node;
  job.fraction = Math.min(1, done / all);
  if (now.state === "running" && now.value === done && now.max === all) return;
  mark(job.editor, node, "running", { value: done, max: all });
}

/** A node begins. */
export function executing(job: Job, node: NodeId): void {
  job.running = node;
  if (job.editor.run(node).state !== "running") {
    job.fraction = 0;
    mark(job.editor, node, "running");
  }
}

/** Nodes whose results were there already. */
export function cached(job: Job, nodes: Json | undefined): void {
  for (const node of Array.isArray(nodes) ? nodes : []) {
    if (typeof node !== "string") continue;
    job.finished.add(node);
    mark(job.editor, node, "cached");
  }
}

/** A node gave something to see. */
export function executed(job: Job, node: NodeId, output: Json | undefined): void {
  const was = job.editor.run(node).state;
  const state = was === "cached" ? "cached" : "done";
  mark(job.editor, node, state, isFields(output) ? { output } : {});
  job.finished.add(node);
}

/** A node is done. */
export function finish(job: Job, node: NodeId): void {
  if (job.finished.has(node)) return;
  job.finished.add(node);
  if (job.running === node) job.running = undefined;
  if (job.editor.run(node).state !== "cached") mark(job.editor, node, "done");
}

/** A node failed. */
export function failed(job: Job, data: Fields): void {
  const node = data["node_id"];
  if (typeof node !== "string") return;
  const message = data["exception_message"];
  const blocked = data["exception_type"] === "ExecutionBlocked";
  mark(job.editor, node, blocked ? "blocked" : "error", { error: typeof message === "string" ? message.trim() : "" });
}

/** No more is to come: nothing waits or runs. */
export function end(job: Job): void {
  for (const node of new Set([...job.nodes, ...(job.running === undefined ? [] : [job.running])])) {
    const { state } = job.editor.run(node);
    if (state === "queued" || state === "running") mark(job.editor, node, "idle");
  }
  job.running = undefined;
}

/** Takes why each step ran and how long it took. */
export function explained(editor: Editor, steps: Json | undefined): void {
  for (const step of Array.isArray(steps) ? steps : []) {
    if (!isFields(step) || typeof step["node"] !== "string") continue;
    const run = editor.run(step["node"]);
    if (run.state === "idle") continue;
    const reason = typeof step["reason"] === "string" ? { reason: step["reason"] } : {};
    const seconds = typeof step["seconds"] === "number" ? { seconds: step["seconds"] } : {};
    editor.setRun(step["node"], { ...run, ...reason, ...seconds });
  }
}

/** 0 to 1 over all nodes of a job. */
export function fractionOf(job: Job): number {
  let all = 0;
  let done = 0;
  for (const [node, weight] of job.weights) {
    all += weight;
    if (job.finished.has(node)) done += weight;
    else if (job.running === node) done += weight * job.fraction;
  }
  return all === 0 ? 0 : Math.min(1, done / all);
}
