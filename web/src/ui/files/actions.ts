/** What can be done to saved files from the list of them; whatever happens is told, and can be taken back. */

import { Signal } from "../../core/signal";
import { printJson } from "../../io/json";
import { openWorkflow, reasonOf, type AppState, type OpenFile } from "../state.svelte";
import { t } from "../texts";
import type { FileServices } from "./services";
import { freeName, isBadName } from "./tree";

/** Told when the list of saved files is another than before. */
export const filesChanged = new Signal<void>();

/** Opens a saved file; where edits of it were kept that nobody saved, they are offered. */
export async function openSaved(app: AppState, name: string): Promise<OpenFile | undefined> {
  const known = app.files.some((file) => file.name === name && file.digest !== undefined);
  const file = await openWorkflow(app, name);
  if (file && !known) await offerDraft(app, file);
  return file;
}

/** Deletes a file; one click brings it back. */
export async function removeFile(app: AppState, name: string): Promise<void> {
  await trying(app, async (files) => {
    await files.remove(name);
    // A tab that shows it has a file that was never saved from here on.
    for (const file of opened(app, name)) file.digest = undefined;
    app.notify(t("files.wasDeleted", { name }), "info", { label: t("files.undo"), run: () => void bringBack(app, name) });
  });
}

/** Brings a deleted file back as it was last saved. */
export async function bringBack(app: AppState, name: string): Promise<void> {
  await trying(app, async (files) => {
    await files.bringBack(name);
    const found = await app.services?.readWorkflow(name);
    for (const file of app.files) if (file.name === name && file.digest === undefined) file.digest = found?.digest;
    app.notify(t("files.back", { name }), "ok");
  });
}

/** Gives a file another name, or another folder. */
export async function renameFile(app: AppState, name: string, to: string): Promise<void> {
  if (to === name) return;
  if (isBadName(to)) return app.notify(t("file.badName"), "warning");
  await trying(app, async (files) => {
    await files.rename(name, to);
    for (const file of opened(app, name)) file.name = to;
    const back = { label: t("files.undo"), run: () => void renameFile(app, to, name) };
    app.notify(t("files.renamed", { name, to }), "info", back);
  });
}

/** Saves the same content beside it, and opens that. */
export async function duplicateFile(app: AppState, name: string): Promise<void> {
  await trying(app, async (files) => {
    const taken = (await app.services?.listWorkflows()) ?? [];
    const to = freeName(t("files.copyOf", { name }), taken.map((each) => each.name));
    await files.duplicate(name, to);
    await openWorkflow(app, to);
  });
}

/** Opens a file, then a dialog about it. */
export async function withFile(app: AppState, name: string, kind: "versions" | "share"): Promise<void> {
  const file = await openSaved(app, name);
  if (file) app.filesDialog = { kind, file };
}

async function offerDraft(app: AppState, file: OpenFile): Promise<void> {
  const draft = await app.services?.files?.draft(file.name).catch(() => undefined);
  if (draft === undefined || printJson(draft) === (await savedText(app, file))) return;
  const take = (): void => app.services?.files?.putInto(file, draft);
  app.notify(t("files.draftFound", { name: file.name }), "info", { label: t("files.draftTake"), run: take });
}

async function savedText(app: AppState, file: OpenFile): Promise<string | undefined> {
  return (await app.services?.readWorkflow(file.name).catch(() => undefined))?.text;
}

function opened(app: AppState, name: string): OpenFile[] {
  return app.files.filter((file) => file.name === name && file.digest !== undefined);
}

async function trying(app: AppState, work: (files: FileServices) => Promise<void>): Promise<void> {
  const files = app.services?.files;
  if (!files) return;
  try {
    await work(files);
  } catch (error) {
    app.notify(t("files.failed", { reason: reasonOf(error) }), "error");
  }
  filesChanged.emit();
}
