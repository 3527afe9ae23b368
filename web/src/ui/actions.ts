/** What buttons do, with their failures told in a message. */

import { addNode, setValue } from "../core/edits";
import { snapped } from "../core/geometry";
import type { Json, NodeDef, NodeId, Point } from "../core/types";
import { NotSaved } from "../net/conflict";
import { takeFiles } from "./files/importing";
import { newFile, openText, reasonOf, type AppState, type OpenFile, type Picture } from "./state.svelte";
import { t } from "./texts";

/** Saves the shown file; asks for a name where it has none yet. */
export async function saveFile(app: AppState, file: OpenFile | undefined = app.active, name?: string): Promise<void> {
  if (!file) return;
  if (name === undefined && file.digest === undefined) {
    app.naming = file;
    return;
  }
  const before = app.toasts.length;
  try {
    await app.services?.save(file, name);
    app.notify(t("file.saved", { name: file.name }), "ok");
  } catch (error) {
    if (error instanceof NotSaved) return file.refresh();
    // A conflict has been told already, with a way out of it.
    const answered = app.toasts.slice(before).some((toast) => toast.action);
    if (!answered) app.notify(t("file.cannotSave", { reason: reasonOf(error) }), "error");
  }
  file.refresh();
}

/** Opens the workflow inside a chosen file; a picture without one becomes a node. */
export async function importFile(app: AppState, file: File): Promise<void> {
  await takeFiles(app, [file]);
}

/** Opens the graph that made a picture. */
export async function openGraphOf(app: AppState, picture: Picture): Promise<void> {
  await told(app, "gallery.noGraph", async () => {
    const workflow = await app.services?.jobWorkflow(picture.job);
    if (workflow === undefined) throw new Error(t("gallery.noWorkflow"));
    openText(app, picture.filename.replace(/\.\w+$/, ""), JSON.stringify(workflow));
  });
}

/** Adds a node in the middle of what is seen. */
export function placeInMiddle(app: AppState, def: NodeDef, values: Readonly<Record<string, Json>> = {}): void {
  const editor = (app.active ?? newFile(app)).editor;
  const { x, y, zoom } = editor.camera;
  const middle: Point = [x + window.innerWidth / 2 / zoom - 120, y + window.innerHeight / 2 / zoom - 60];
  let id: NodeId = "";
  editor.document.transact(t("edit.add", { title: def.title }), (change) => {
    id = addNode(change, editor.graph, def, [snapped(middle[0]), snapped(middle[1])], editor.definitions);
    for (const [name, value] of Object.entries(values)) setValue(change, editor.graph, id, name, value);
  });
  editor.select([id]);
  app.usedNode(def.id);
}

type FailureKey = "gallery.noGraph";

async function told<T>(app: AppState, key: FailureKey, work: () => Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    app.notify(t(key, { reason: reasonOf(error) }), "error");
    return undefined;
  }
}
