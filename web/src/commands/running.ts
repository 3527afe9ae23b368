/** Runs: all, to a node, of a selection, cancel, batches, on change; problems, and why a node ran. */

import { batchOf, goToNode, nextProblem, runAgain, showWhy, startRun, stopRun } from "../ui/runs/actions";
import { titleOfRun } from "../ui/runs/problems";
import { t } from "../ui/texts";
import { always, inEditor, onSelection, selected, type Command, type EditorContext } from "./command";

const one = (context: EditorContext): boolean => selected(context).length === 1;
const several = (context: EditorContext): boolean => selected(context).length > 1;

function askCount({ app }: EditorContext): void {
  app.asking = { label: t("runs.howMany"), value: String(app.batchCount), answer: (text) => void (app.batchCount = batchOf(text)) };
}

/** Shows how the selected node failed; without one, the node of this file that failed last. */
function showTrace(context: EditorContext): void {
  const { app, editor } = context;
  const [id] = selected(context);
  const job = app.history.find((item) => item.failure !== undefined && item.id === app.services?.lastJob(editor));
  const run = editor.run(id === undefined ? (job?.failure?.node ?? "") : editor.runId(id));
  if (!run.failure) return app.notify(t("trace.none"));
  const { failure } = run;
  goToNode(app, editor, failure.node);
  app.trace = { title: titleOfRun(editor, failure.node), message: run.error ?? "", failure };
}

export const RUNNING: readonly Command[] = [
  inEditor("Run", { id: "run.all", label: t("command.run.all"), keys: ["Mod+Enter"] }, ({ app }) => startRun(app)),
  inEditor("Run", { id: "run.toNode", label: t("command.run.toNode"), keys: ["Shift+Enter"] }, (context) => startRun(context.app, { to: selected(context) }), one),
  inEditor("Run", { id: "run.selection", label: t("command.run.selection"), keys: ["Alt+Enter"] }, (context) => startRun(context.app, { to: selected(context) }), several),
  onSelection("Run", { id: "run.onward", label: t("command.run.onward") }, ({ app }, ids) => startRun(app, { targets: ids })),
  inEditor("Run", { id: "run.next", label: t("command.run.next"), keys: ["Mod+Shift+Enter"] }, ({ app }) => startRun(app, { front: true })),
  inEditor("Run", { id: "run.again", label: t("command.run.again") }, ({ app }) => runAgain(app)),
  always("Run", { id: "run.cancel", label: t("command.run.cancel"), keys: ["Mod+Alt+Enter"] }, ({ app }) => stopRun(app)),
  always("Run", { id: "run.cancelAll", label: t("command.run.cancelAll") }, ({ app }) => stopRun(app, true)),
  always("Run", { id: "run.auto", label: t("command.run.auto") }, ({ app }) => {
    app.autoRun = !app.autoRun;
    app.notify(t(app.autoRun ? "auto.on" : "auto.off"), "info");
  }),
  inEditor("Run", { id: "run.count", label: t("command.run.count") }, askCount),
  ...[1, 2, 4, 8].map((count) => always("Run", { id: `run.batch.${count}`, label: t(count === 1 ? "command.run.batch.once" : "command.run.batch", { count }) }, ({ app }) => void (app.batchCount = count))),
  inEditor("Run", { id: "run.why", label: t("command.run.why"), keys: ["R"] }, (context) => selected(context).forEach((id) => showWhy(context.app, id)), one),
  inEditor("Run", { id: "run.trace", label: t("command.run.trace") }, showTrace),
  inEditor("Run", { id: "run.problems", label: t("command.run.problems"), keys: ["Shift+E"] }, ({ app }) => void (app.listing = !app.listing)),
  inEditor("Run", { id: "run.nextProblem", label: t("command.run.nextProblem"), keys: ["E"] }, ({ app, editor }) => nextProblem(app, editor)),
];
