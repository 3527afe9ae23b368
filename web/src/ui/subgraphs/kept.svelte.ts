/** The subgraphs that are kept for every file, as the add-node box offers them. */

import { readBlueprint, type Blueprint } from "../../core/blueprints";
import type { AppState } from "../state.svelte";
import { reasonOf } from "../state.svelte";
import { t } from "../texts";

export class KeptSubgraphs {
  all = $state.raw<readonly Blueprint[]>([]);
}

/** Reads anew what the server keeps. Without a connection what is known stays. */
export async function readKept(app: AppState): Promise<void> {
  const store = app.services?.blueprints;
  if (!store) return;
  try {
    const found = await store.list();
    app.kept.all = found.flatMap(({ name, pack, text }) => readBlueprint(name, pack, text, app.definitions) ?? []);
  } catch {
    // The banner tells of a lost connection; the box offers what it knew.
  }
}

/** Keeps a subgraph under a name; where that is taken, offers to replace what has it. */
export async function keepSubgraph(app: AppState, name: string, text: string, replace = false): Promise<void> {
  const store = app.services?.blueprints;
  if (!store || name === "") return;
  if (/[\\/:*?"<>|]|^\./.test(name)) return app.notify(t("subgraph.badName"), "warning");
  try {
    if (!(await store.keep(name, text, replace))) {
      return app.notify(t("subgraph.taken", { name }), "warning", { label: t("subgraph.replace"), run: () => void keepSubgraph(app, name, text, true) });
    }
    app.notify(t("subgraph.kept", { name }), "ok");
    await readKept(app);
  } catch (error) {
    app.notify(t("subgraph.notKept", { reason: reasonOf(error) }), "error");
  }
}

/** Deletes a kept subgraph of one's own. */
export async function forgetSubgraph(app: AppState, name: string): Promise<void> {
  try {
    await app.services?.blueprints?.remove(name);
    app.notify(t("subgraph.forgotten", { name }), "ok");
    await readKept(app);
  } catch (error) {
    app.notify(t("subgraph.notKept", { reason: reasonOf(error) }), "error");
  }
}
