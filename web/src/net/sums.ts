/** What the instance of a subgraph shows of a run: the sum of what runs inside of it. Pure. */

import type { Editor } from "../core/editor";
import { graphAt } from "../core/paths";
import type { NodeId, NodeRun } from "../core/types";

/** The instances around a node of a run, outermost first: of "12:4:3" they are "12" and "12:4". */
export function ancestors(node: NodeId): NodeId[] {
  const path = node.split(":").slice(0, -1);
  return path.map((_, at) => path.slice(0, at + 1).join(":"));
}

/** A step of sampling takes about as long as any other whole node. */
export function weightOf(editor: Editor, node: NodeId): number {
  const { state } = editor.document;
  const path = node.split(":");
  const id = path.pop() ?? node;
  const graph = graphAt(state, path);
  const steps = graph === undefined ? undefined : state.graphs.get(graph)?.nodes.get(id)?.values["steps"];
  return typeof steps === "number" && steps > 0 ? steps : 1;
}

/** Sets the run of an instance from those inside. weights: of nodes, 1 where absent */
export function sumUp(editor: Editor, outer: NodeId, inside: Iterable<NodeId>, weights?: ReadonlyMap<NodeId, number>): void {
  const next = sumOf([...inside].map((id) => ({ run: editor.run(id), weight: weights?.get(id) ?? 1 })));
  if (!sameRun(editor.run(outer), next)) editor.setRun(outer, next);
}

interface Part {
  readonly run: NodeRun;
  readonly weight: number;
}

/** One state for several: what is worst, else what is going on, else how all of it ended. */
export function sumOf(parts: readonly Part[]): NodeRun {
  const runs = parts.map((part) => part.run).filter((run) => run.state !== "idle");
  const some = (state: NodeRun["state"]): NodeRun | undefined => runs.find((run) => run.state === state);
  const shown = seenOf(runs);
  const failed = some("error");
  if (failed) return { ...failed, ...shown };
  const ended = runs.filter((run) => run.state === "done" || run.state === "cached" || run.state === "blocked");
  const running = some("running");
  if (running || (some("queued") && ended.length > 0)) return { ...shown, state: "running", ...progressOf(parts), ...(running?.preview === undefined ? {} : { preview: running.preview }) };
  const queued = some("queued");
  if (queued) return { ...shown, state: "queued", ...(queued.place === undefined ? {} : { place: queued.place }) };
  if (ended.length === 0) return { ...shown, state: "idle" };
  const done = ended.filter((run) => run.state === "done");
  const seconds = runs.reduce((sum, run) => sum + (run.state === "done" ? (run.seconds ?? 0) : 0), 0);
  if (done.length > 0) return { ...shown, state: "done", seconds, ended: Math.max(...done.map((run) => run.ended ?? 0)), ...reasonOf(done) };
  return { ...shown, state: some("cached") ? "cached" : "blocked", ...reasonOf(ended) };
}

function seenOf(runs: readonly NodeRun[]): Pick<NodeRun, "output"> {
  const output = runs.findLast((run) => run.output !== undefined)?.output;
  return output ? { output } : {};
}

/** Of several reasons the first: what comes after it follows from it. */
function reasonOf(runs: readonly NodeRun[]): Pick<NodeRun, "reason"> {
  const reason = runs.find((run) => run.reason !== undefined)?.reason;
  return reason === undefined ? {} : { reason };
}

function progressOf(parts: readonly Part[]): { readonly value: number; readonly max: number } {
  let all = 0;
  let done = 0;
  for (const { run, weight } of parts) {
    all += weight;
    if (run.state === "done" || run.state === "cached" || run.state === "blocked") done += weight;
    else if (run.state === "running" && run.max) done += weight * Math.min(1, (run.value ?? 0) / run.max);
  }
  return { value: all === 0 ? 0 : done / all, max: 1 };
}

function sameRun(a: NodeRun, b: NodeRun): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof NodeRun>;
  return [...keys].every((key) => a[key] === b[key]);
}
