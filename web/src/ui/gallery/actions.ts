/** What can be done with pictures: look, open their workflow, take them into the graph, keep them, remove them. */

import { addNode, setValue } from "../../core/edits";
import type { Editor } from "../../core/editor";
import { snapped } from "../../core/geometry";
import type { GraphNode, NodeDef, NodeId, Point, WidgetDef } from "../../core/types";
import { openGraphOf } from "../actions";
import { annotated } from "../parts/pictures";
import type { PictureRef } from "../services";
import { reasonOf, type AppState, type Picture } from "../state.svelte";
import { t } from "../texts";
import type { Result } from "./result";

/** So long can a removal be taken back. */
export const UNDO_MS = 7000;
const LOADER = "LoadImage";

/** The pictures that a command is about: the one in the viewer, else those chosen in the gallery. */
export function picturesInHand(app: AppState): readonly Picture[] {
  const { viewing } = app;
  const shown = viewing?.pictures[viewing.index];
  if (shown) return [app.results.find(shown) ?? shown];
  return app.gallery ? app.results.targets : [];
}

/** The picture with what is known of it. */
export function known(app: AppState, picture: Picture): Picture & Partial<Result> {
  const found = app.results.find(picture);
  return found ? { ...picture, ...found } : picture;
}

/** Opens the viewer on chosen pictures, or on all that the gallery shows. */
export function viewLarge(app: AppState, pictures: readonly Picture[]): void {
  const [first] = pictures;
  if (!first) return;
  const all: readonly Picture[] = pictures.length > 1 ? pictures : app.results.shown;
  const index = all.findIndex((each) => each === first);
  app.show(index < 0 ? pictures : all, Math.max(0, index));
}

export async function openWorkflowOf(app: AppState, picture: Picture): Promise<void> {
  app.closeViewer();
  await openGraphOf(app, known(app, picture));
}

/** Offers the picture's file to keep. */
export function download(app: AppState, picture: PictureRef): void {
  const link = document.createElement("a");
  link.href = app.services?.pictureUrl(picture, "full") ?? "";
  link.download = picture.filename;
  link.click();
}

/** Puts the picture on the clipboard; browsers take PNG there. */
export async function copyPicture(app: AppState, picture: PictureRef): Promise<void> {
  const { services } = app;
  if (!services) return;
  try {
    const png = services.readPicture(picture).then(asPng);
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
    app.notify(t("results.copied"), "ok");
  } catch (error) {
    app.notify(t("results.cannotCopy", { reason: reasonOf(error) }), "warning");
  }
}

async function asPng(picture: Blob): Promise<Blob> {
  if (picture.type === "image/png") return picture;
  const bitmap = await createImageBitmap(picture);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/png" });
}

/** The setting of a node that names a picture. */
export function pictureSetting(editor: Editor, node: GraphNode | undefined): WidgetDef | undefined {
  return node && editor.definitions.get(node.type)?.widgets.find((each) => each.kind === "image");
}

/**
 * Takes a picture into the graph: into the node that it was dropped on or that is selected, where that takes pictures; else into a new
 * Load Image. at: where a new one goes, the middle of what is seen when absent
 */
export async function useAsInput(app: AppState, picture: PictureRef, at?: Point, onto?: NodeId): Promise<void> {
  const editor = app.active?.editor;
  if (!editor || !app.services) return;
  try {
    const name = await inputName(app, picture);
    const graph = editor.document.graph(editor.graph);
    const selected = [...editor.selection];
    const node = graph.nodes.get(onto ?? (at === undefined && selected.length === 1 ? (selected[0] ?? "") : ""));
    const setting = pictureSetting(editor, node);
    if (node && setting) {
      editor.document.transact(t("results.useAsInput"), (change) => setValue(change, editor.graph, node.id, setting.name, name));
      app.notify(t("results.asInput", { name: picture.filename, title: node.title ?? editor.definitions.get(node.type)?.title ?? node.type }), "ok");
      return;
    }
    const def = editor.definitions.get(LOADER);
    if (!def) return app.notify(t("results.noLoader"), "warning");
    addLoader(app, editor, def, name, at);
  } catch (error) {
    app.notify(t("results.cannotUse", { reason: reasonOf(error) }), "error");
  }
}

function addLoader(app: AppState, editor: Editor, def: NodeDef, name: string, at: Point | undefined): void {
  const [x, y] = at ?? middleOf(editor);
  let id: NodeId = "";
  editor.document.transact(t("results.newInput", { name }), (change) => {
    id = addNode(change, editor.graph, def, [snapped(x), snapped(y)], editor.definitions);
    const setting = def.widgets.find((each) => each.kind === "image");
    if (setting) setValue(change, editor.graph, id, setting.name, name);
  });
  editor.select([id]);
  app.usedNode(def.id);
}

/** What is in the middle of the window, in the graph. */
export function middleOf(editor: Editor): Point {
  const { x, y, zoom } = editor.camera;
  return [x + window.innerWidth / 2 / zoom - 120, y + window.innerHeight / 2 / zoom - 160];
}

/** The name by which a node loads a picture: where it lies, unless it is a preview, which is gone tomorrow and is copied. */
async function inputName(app: AppState, picture: PictureRef): Promise<string> {
  if (picture.type !== "temp" || !app.services) return annotated(picture);
  const data = await app.services.readPicture(picture);
  return app.services.upload(new File([data], picture.filename, { type: data.type }));
}

/** Takes pictures out of sight at once, and off the server when nobody has wanted them back for a while. */
export function remove(app: AppState, results: readonly Result[], files: boolean): void {
  const jobs = new Set(results.map((each) => each.job));
  const keys = new Set((files ? results : app.results.all.filter((each) => jobs.has(each.job))).map((each) => each.key));
  app.results.removing = new Set([...app.results.removing, ...keys]);
  app.results.selected = new Set();
  const said = t("removing.done", { count: keys.size });
  let settled = false;
  const settle = (): boolean => {
    if (settled) return false;
    settled = true;
    clearTimeout(timer);
    window.removeEventListener("pagehide", commit);
    for (const toast of app.toasts) if (toast.text === said) app.dismiss(toast.id);
    return true;
  };
  const commit = (): void => {
    if (settle()) void removeNow(app, results, keys, files);
  };
  const timer = setTimeout(commit, UNDO_MS);
  window.addEventListener("pagehide", commit);
  app.notify(said, "info", {
    label: t("removing.undo"),
    run: () => {
      if (settle()) app.results.removing = new Set([...app.results.removing].filter((key) => !keys.has(key)));
    },
  });
}

async function removeNow(app: AppState, results: readonly Result[], keys: ReadonlySet<string>, files: boolean): Promise<void> {
  try {
    const { kept, forgotten } = (await app.services?.removeResults(results, files)) ?? { kept: [], forgotten: [] };
    app.results.drop(keys);
    app.results.total = Math.max(0, app.results.total - forgotten.length);
    app.history = app.history.filter((item) => !forgotten.includes(item.id));
    for (const { filename, reason } of kept) app.notify(t("removing.kept", { name: filename, reason }), "warning");
  } catch (error) {
    app.results.removing = new Set([...app.results.removing].filter((key) => !keys.has(key)));
    app.notify(t("removing.failed", { reason: reasonOf(error) }), "error");
  }
}
