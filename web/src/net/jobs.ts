/** The run of one file as its events tell it: which node is in which state, and how far the whole is. Pure. */

import { isFields } from "../core/entries";
import type { Editor } from "../core/editor";
import type { Failure, Fields, Json, NodeId, NodeRun } from "../core/types";
import { ancestors, sumUp, weightOf } from "./sums";

/** A job of this tab. `nodes` are those that a run has to visit. */
export interface Job {
  readonly id: string;
  readonly file: string;
  readonly editor: Editor;
  readonly nodes: ReadonlySet<NodeId>;
  /** How long each takes compared with others. */
  readonly weights: Map<NodeId, number>;
  /** What is inside of each instance of a subgraph. */
  readonly inside: Map<NodeId, Set<NodeId>>;
  started: number;
  readonly finished: Set<NodeId>;
  /** Fraction of the node that runs. */
  fraction: number;
  running: NodeId | undefined;
  /** The first progress of the node that runs, from which its pace is told. */
  pace: { readonly node: NodeId; readonly value: number; readonly at: number } | undefined;
  /** Whether the server's queue has shown it. */
  seen: boolean;
}

type State = NodeRun["state"];

/** A job that has just been sent. now: in milliseconds */
export function newJob(id: string, file: string, editor: Editor, nodes: Iterable<NodeId>, now: number): Job {
  const job: Job = {
    id,
    file,
    editor,
    nodes: new Set(nodes),
    weights: new Map(),
    inside: new Map(),
    started: now,
    finished: new Set(),
    fraction: 0,
    running: undefined,
    pace: undefined,
    seen: false,
  };
  for (const node of job.nodes) learn(job, node);
  return job;
}

/** Takes a node into the sums. */
function learn(job: Job, node: NodeId): void {
  if (job.weights.has(node)) return;
  job.weights.set(node, weightOf(job.editor, node));
  for (const outer of ancestors(node)) job.inside.set(outer, (job.inside.get(outer) ?? new Set()).add(node));
}

/** Marks a node; what it showed before stays until something new comes. */
export function mark(job: Job, node: NodeId, state: State, more: Partial<NodeRun> = {}): void {
  set(job.editor, node, state, more);
  if (!node.includes(":")) return;
  learn(job, node);
  for (const outer of ancestors(node)) sumUp(job.editor, outer, job.inside.get(outer) ?? [], job.weights);
}

function set(editor: Editor, node: NodeId, state: State, more: Partial<NodeRun>): void {
  const { output, preview, seconds } = editor.run(node);
  const ends = state === "done" || state === "cached";
  const kept = { ...(output ? { output } : {}), ...(preview !== undefined && !ends ? { preview } : {}), ...(seconds !== undefined && state !== "running" ? { seconds } : {}) };
  editor.setRun(node, { ...kept, state, ...more });
}

/** All that a run will visit waits. place: how many runs come before it */
export function begin(job: Job, place = 0): void {
  for (const node of job.nodes) {
    if (job.finished.has(node)) continue;
    const { state, place: before } = job.editor.run(node);
    if (state !== "queued" || (before ?? 0) !== place) set(job.editor, node, "queued", place > 0 ? { place } : {});
  }
  for (const [outer, inner] of job.inside) sumUp(job.editor, outer, inner, job.weights);
}

/** Takes what the server says of a job; false where it is nothing that shows. now: in milliseconds */
export function take(job: Job, type: string, data: Fields, now: number): boolean {
  switch (type) {
    case "execution_cached":
      cached(job, data["nodes"]);
      return true;
    case "progress_state":
      progressState(job, data["nodes"], now);
      return true;
    case "progress":
      if (typeof data["node"] === "string") progress(job, data["node"], data["value"], data["max"], now);
      return true;
    case "executing":
      executing(job, shown(data));
      return true;
    case "executed":
      executed(job, shown(data), data["output"], now);
      return true;
    case "execution_error":
      failed(job, data);
      return true;
    default:
      return false;
  }
}

function shown(data: Fields): NodeId {
  const display = data["display_node"];
  return typeof display === "string" ? display : String(data["node"]);
}

/** Takes progress_state: only nodes that changed are told. */
function progressState(job: Job, nodes: Json | undefined, now: number): void {
  if (!isFields(nodes)) return;
  for (const [id, entry] of Object.entries(nodes)) {
    if (!isFields(entry)) continue;
    const node = typeof entry["display_node_id"] === "string" ? entry["display_node_id"] : id;
    if (entry["state"] === "running") progress(job, node, entry["value"], entry["max"], now);
    else if (entry["state"] === "finished" && node === id) finish(job, node, now);
  }
}

function progress(job: Job, node: NodeId, value: Json | undefined, max: Json | undefined, now: number): void {
  const done = typeof value === "number" ? value : 0;
  const all = typeof max === "number" && max > 0 ? max : 1;
  const before = job.editor.run(node);
  job.running = node;
  job.fraction = Math.min(1, done / all);
  if (before.state === "running" && before.value === done && before.max === all) return;
  const rate = paceOf(job, node, done, now);
  const { preview } = before;
  mark(job, node, "running", { value: done, max: all, ...(rate === undefined ? {} : { rate }), ...(preview === undefined ? {} : { preview }) });
}

/** Steps a second since the first of them. */
function paceOf(job: Job, node: NodeId, value: number, now: number): number | undefined {
  if (value === 0) return undefined;
  const { pace } = job;
  if (pace?.node !== node || value < pace.value) job.pace = { node, value, at: now };
  else if (value > pace.value && now > pace.at) return (1000 * (value - pace.value)) / (now - pace.at);
  return undefined;
}

/** A node begins. */
function executing(job: Job, node: NodeId): void {
  job.running = node;
  if (job.editor.run(node).state === "running") return;
  job.fraction = 0;
  mark(job, node, "running");
}

/** Nodes whose results were there already. */
function cached(job: Job, nodes: Json | undefined): void {
  for (const node of Array.isArray(nodes) ? nodes : []) {
    if (typeof node !== "string") continue;
    job.finished.add(node);
    mark(job, node, "cached");
  }
}

/** A node gave something to see. */
export function executed(job: Job, node: NodeId, output: Json | undefined, now: number): void {
  const was = job.editor.run(node).state;
  const more = isFields(output) ? { output } : {};
  if (was === "cached") mark(job, node, "cached", more);
  else mark(job, node, "done", { ...more, ended: now });
  job.finished.add(node);
}

function finish(job: Job, node: NodeId, now: number): void {
  if (job.finished.has(node)) return;
  job.finished.add(node);
  if (job.running === node) job.running = undefined;
  if (job.editor.run(node).state !== "cached") mark(job, node, "done", { ended: now });
}

/** A node failed. data: of execution_error */
export function failed(job: Job, data: Fields): void {
  const node = data["node_id"];
  if (typeof node !== "string" || node === "") return;
  const blocked = data["exception_type"] === "ExecutionBlocked";
  mark(job, node, blocked ? "blocked" : "error", { error: messageOf(data), failure: failureOf(job.id, data) });
}

/** The message of an execution_error. */
export function messageOf(data: Fields): string {
  const message = data["exception_message"];
  return typeof message === "string" ? message.trim() : "";
}

/** What an execution_error tells beside its message. */
export function failureOf(job: string, data: Fields): Failure {
  const { node_id: node, exception_type: type, traceback, current_inputs: inputs } = data;
  return {
    job,
    node: typeof node === "string" ? node : "",
    type: typeof type === "string" ? type : "",
    trace: Array.isArray(traceback) ? traceback.filter((line) => typeof line === "string").join("").trimEnd() : "",
    inputs: isFields(inputs) ? inputs : {},
  };
}

/** No more is to come: nothing waits or runs. */
export function end(job: Job): void {
  for (const node of new Set([...job.nodes, ...(job.running === undefined ? [] : [job.running])])) {
    const { state } = job.editor.run(node);
    if (state === "queued" || state === "running") mark(job, node, "idle");
  }
  for (const [outer, inner] of job.inside) sumUp(job.editor, outer, inner, job.weights);
  job.running = undefined;
}

/** Takes why each step ran and how long it took. */
export function explained(editor: Editor, steps: Json | undefined): void {
  const inside = new Map<NodeId, Set<NodeId>>();
  for (const step of Array.isArray(steps) ? steps : []) {
    if (!isFields(step) || typeof step["node"] !== "string") continue;
    const { node } = step;
    const run = editor.run(node);
    if (run.state === "idle") continue;
    const reason = typeof step["reason"] === "string" ? { reason: step["reason"] } : {};
    const seconds = typeof step["seconds"] === "number" ? { seconds: step["seconds"] } : {};
    editor.setRun(node, { ...run, ...reason, ...seconds });
    for (const outer of ancestors(node)) inside.set(outer, (inside.get(outer) ?? new Set()).add(node));
  }
  for (const [outer, inner] of inside) sumUp(editor, outer, inner);
}

/** The states of a job that nobody saw run: of those nodes that show nothing yet. steps: as the server explains them */
export function restore(editor: Editor, steps: Json | undefined): void {
  for (const step of Array.isArray(steps) ? steps : []) {
    if (!isFields(step) || typeof step["node"] !== "string" || editor.run(step["node"]).state !== "idle") continue;
    if (step["outcome"] === "cached" || step["outcome"] === "ran") editor.setRun(step["node"], { state: step["outcome"] === "ran" ? "done" : "cached", ended: 0 });
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
