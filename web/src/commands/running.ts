/** Runs: all, to a node, cancel, batches, on change. */

import type { NodeId } from "../core/types";
import { reasonOf, type AppState } from "../ui/state.svelte";
import { always, inEditor, onSelection, type Command } from "./command";

async function told(app: AppState, work: () => Promise<void> | undefined): Promise<void> {
  try {
    await work();
  } catch (error) {
    app.notify(reasonOf(error), "error");
  }
}

function run(app: AppState, targets?: readonly NodeId[]): Promise<void> {
  const file = app.active;
  return told(app, () => file && app.services?.run(file, { count: app.batchCount, ...(targets ? { targets } : {}) }));
}

export const RUNNING: readonly Command[] = [
  inEditor("Run", { id: "run.all", label: "Run", keys: ["Mod+Enter"] }, ({ app }) => run(app)),
  onSelection("Run", { id: "run.selection", label: "Run to selected nodes", keys: ["Shift+Enter"] }, ({ app }, ids) => run(app, ids)),
  always("Run", { id: "run.cancel", label: "Cancel run", keys: ["Mod+Alt+Enter"] }, ({ app }) => told(app, () => app.services?.cancel())),
  always("Run", { id: "run.cancelAll", label: "Cancel everything" }, ({ app }) => told(app, () => app.services?.cancel(true))),
  always("Run", { id: "run.auto", label: "Run on every change" }, ({ app }) => {
    app.autoRun = !app.autoRun;
    app.notify(app.autoRun ? "Every change runs the graph." : "Runs start by hand again.", "info");
  }),
  ...[1, 2, 4, 8].map((count) => always("Run", { id: `run.batch.${count}`, label: count === 1 ? "Run once at a time" : `Run ${count} times at a time` }, ({ app }) => void (app.batchCount = count))),
];
