/** Files and texts that come from outside: dropped, pasted or chosen. A workflow opens; a picture becomes a node. */

import { addNode, setValue } from "../../core/edits";
import { snapped } from "../../core/geometry";
import type { NodeDef, Point } from "../../core/types";
import { newFile, openText, reasonOf, type AppState } from "../state.svelte";
import { t } from "../texts";
import { cleanName } from "./tree";

const PICTURE = /\.(png|jpe?g|webp|gif|bmp|tiff?|avif)$/i;
const ENDING = /\.(api\.json|json|png|webp|jpe?g|latent|safetensors)$/i;
const LOADER = "LoadImage";
/** More at once are a mistake of the hand. */
const MOST_FILES = 20;
const APART = 32;

export interface TakeOptions {
  /** Graph coordinates of where a picture's node goes; the middle of what is seen when absent. */
  readonly at?: Point | undefined;
  /** A picture is wanted as a picture, whatever is inside. */
  readonly asPicture?: boolean;
}

/** Takes files one after the other; what went wrong with one is told, and the next is taken. */
export async function takeFiles(app: AppState, files: readonly File[], options: TakeOptions = {}): Promise<void> {
  if (files.length > MOST_FILES) app.notify(t("import.tooMany", { count: MOST_FILES }), "warning");
  const start = options.at ?? middle(app);
  let placed = 0;
  for (const file of files.slice(0, MOST_FILES)) {
    const at: Point = [start[0] + placed * APART, start[1] + placed * APART];
    try {
      if (await takeOne(app, file, at, options.asPicture === true)) placed += 1;
    } catch (error) {
      app.notify(t("file.cannotImport", { reason: reasonOf(error) }), "error");
    }
  }
}

/** Opens what a text holds: a workflow, or a prompt in API form, which is laid out. */
export async function takeText(app: AppState, text: string): Promise<void> {
  await takeFiles(app, [new File([text], `${t("import.name")}.json`, { type: "application/json" })]);
}

/** Where a point of the window is in the shown graph. */
export function graphPoint(app: AppState, screen: Point): Point {
  const box = document.getElementById("canvas")?.getBoundingClientRect();
  const { x, y, zoom } = app.active?.editor.camera ?? { x: 0, y: 0, zoom: 1 };
  return [x + (screen[0] - (box?.left ?? 0)) / zoom, y + (screen[1] - (box?.top ?? 0)) / zoom];
}

/** Whether it became a node. */
async function takeOne(app: AppState, file: File, at: Point, asPicture: boolean): Promise<boolean> {
  const picture = isPicture(file);
  const text = asPicture && picture ? undefined : await inside(app, file);
  if (text === undefined) {
    await placePicture(app, file, at);
    return true;
  }
  openText(app, cleanName(file.name.replace(ENDING, ""), t("import.name")), text);
  if (picture) {
    const before = app.files.at(-2);
    app.notify(t("import.opened", { name: file.name }), "info", { label: t("import.asPicture"), run: () => void asNode(app, file, at, before?.key) });
  }
  return false;
}

/** Somebody wanted the picture and not its workflow: it goes into the graph that was shown. */
async function asNode(app: AppState, file: File, at: Point, key: string | undefined): Promise<void> {
  if (app.files.some((each) => each.key === key)) app.activeKey = key;
  await takeFiles(app, [file], { at, asPicture: true });
}

async function inside(app: AppState, file: File): Promise<string | undefined> {
  const { services } = app;
  return services?.files ? services.files.inside(file) : services?.workflowInside(file);
}

/** Uploads a picture and puts a node that loads it into the graph. */
async function placePicture(app: AppState, file: File, at: Point): Promise<void> {
  const def = app.definitions.get(LOADER);
  const setting = def?.widgets.find((each) => each.kind === "image")?.name;
  if (!def || setting === undefined || !app.services) throw new Error(t("import.noNode"));
  const name = await app.services.upload(file);
  addLoader(app, def, setting, name, at);
  app.notify(t("import.placed", { name: file.name }), "ok");
}

function addLoader(app: AppState, def: NodeDef, setting: string, name: string, at: Point): void {
  const { editor } = app.active ?? newFile(app);
  let id = "";
  editor.document.transact(t("import.loadLabel"), (change) => {
    id = addNode(change, editor.graph, def, [snapped(at[0]), snapped(at[1])], editor.definitions);
    setValue(change, editor.graph, id, setting, name);
  });
  editor.select([id]);
}

function middle(app: AppState): Point {
  return graphPoint(app, [window.innerWidth / 2 - 120, window.innerHeight / 2 - 120]);
}

function isPicture(file: File): boolean {
  return file.type.startsWith("image/") || PICTURE.test(file.name);
}
