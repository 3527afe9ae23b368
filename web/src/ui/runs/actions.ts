/** What buttons, menus and commands do with runs; failures are told in a message. */

import { graphAt } from "../../core/paths";
import type { Editor } from "../../core/editor";
import type { NodeId } from "../../core/types";
import type { RunOptions } from "../services";
import { openText, reasonOf, type AppState, type HistoryItem } from "../state.svelte";
import { t } from "../texts";

/** Runs of the shown file go so often at most at one press. */
export const MOST_AT_ONCE = 99;

/** Starts a run of the shown file. What is wrong before it starts is shown at its node. */
export async function startRun(app: AppState, options: RunOptions = {}): Promise<void> {
  const file = app.active;
  if (!file || !app.services) return;
  try {
    await app.services.run(file, { count: app.batchCount, ...options });
  } catch (error) {
    app.notify(t("run.failed", { reason: reasonOf(error) }), "error");
    showFirstProblem(app, file.editor);
  }
}

/** Runs what ran last once more. */
export function runAgain(app: AppState): Promise<void> {
  return told(app, async () => {
    if (app.active) await app.services?.runAgain(app.active);
  });
}

export function stopRun(app: AppState, all = false): Promise<void> {
  return told(app, async () => app.services?.cancel(all), "run.cannotCancel");
}

/** A whole number of runs that is allowed. */
export function batchOf(text: string): number {
  const count = Math.round(Number(text));
  return Number.isFinite(count) ? Math.min(MOST_AT_ONCE, Math.max(1, count)) : 1;
}

/** Shows a node by its run id, inside of its subgraph where it has one. */
export function goToNode(app: AppState, editor: Editor, runId: NodeId): void {
  const path = runId.split(":");
  const id = path.pop() ?? runId;
  const graph = graphAt(editor.document.state, path);
  if (graph === undefined || !editor.document.state.graphs.get(graph)?.nodes.has(id)) return;
  const file = app.files.find((each) => each.editor === editor);
  if (file) app.activeKey = file.key;
  if (app.form.open) app.form.show(false);
  editor.enter(graph, path);
  editor.select([id]);
  // Another file's canvas is made first.
  requestAnimationFrame(() => app.view?.focusNode(id));
}

/** Opens the list where there are several problems, and goes to the first of the errors. */
export function showFirstProblem(app: AppState, editor: Editor): void {
  // The form shows its problems where they are.
  if (app.form.open) return;
  const errors = editor.problems.filter((problem) => !problem.warning && problem.node !== null);
  const [first] = errors;
  if (!first?.node) return;
  goToNode(app, editor, first.node);
  if (errors.length > 1) app.listing = true;
}

/** Goes from problem to problem; warnings only where there is no error. */
export function nextProblem(app: AppState, editor: Editor): void {
  const errors = editor.problems.filter((problem) => !problem.warning);
  const nodes = [...new Set((errors.length ? errors : editor.problems).flatMap((problem) => problem.node ?? []))];
  const [selected] = editor.selection;
  const at = selected === undefined ? -1 : nodes.indexOf(editor.runId(selected));
  const next = nodes[(at + 1) % nodes.length];
  if (next === undefined) app.notify(t("problems.none"));
  else goToNode(app, editor, next);
}

/** Says why a node of the shown graph ran or did not, at its mark. */
export function showWhy(app: AppState, id: NodeId): void {
  app.view?.focusNode(id);
  requestAnimationFrame(() => {
    const mark = document.querySelector<HTMLElement>(`[data-node="${CSS.escape(id)}"] [data-run-mark]`);
    if (mark) mark.focus({ preventScroll: true });
    else app.notify(t("run.idle"));
  });
}

/** Opens the graph of an ended run. */
export function openGraphOfRun(app: AppState, item: HistoryItem): Promise<void> {
  return told(
    app,
    async () => {
      const workflow = await app.services?.jobWorkflow(item.id);
      if (workflow === undefined) throw new Error(t("gallery.noWorkflow"));
      openText(app, item.title || t("file.untitled"), JSON.stringify(workflow));
    },
    "gallery.noGraph",
  );
}

/** Does something, and tells what went wrong. */
export async function told(app: AppState, work: () => Promise<void> | undefined, key?: "run.cannotCancel" | "gallery.noGraph" | "run.failed"): Promise<void> {
  try {
    await work();
  } catch (error) {
    app.notify(key ? t(key, { reason: reasonOf(error) }) : reasonOf(error), "error");
  }
}
