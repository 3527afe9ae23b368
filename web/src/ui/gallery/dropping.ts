/** Pictures and models that are dragged from panels into the graph. */

import { graphPoint } from "../files/importing";
import type { PictureRef } from "../services";
import type { AppState } from "../state.svelte";
import { useAsInput } from "./actions";
import { putModel } from "./models";

const PICTURE = "application/x-darkroom-picture";
const MODEL = "application/x-darkroom-model";

/** Begins a drag of a picture; other programs get its address. */
export function dragPicture(app: AppState, event: DragEvent, { filename, subfolder, type }: PictureRef): void {
  event.dataTransfer?.setData(PICTURE, JSON.stringify({ filename, subfolder, type }));
  event.dataTransfer?.setData("text/uri-list", new URL(app.services?.pictureUrl({ filename, subfolder, type }, "full") ?? "", location.href).href);
  if (event.dataTransfer) event.dataTransfer.effectAllowed = "copy";
}

/** Begins a drag of a model file. */
export function dragModel(event: DragEvent, model: { readonly folder: string; readonly name: string }): void {
  event.dataTransfer?.setData(MODEL, JSON.stringify({ folder: model.folder, name: model.name }));
  if (event.dataTransfer) event.dataTransfer.effectAllowed = "copy";
}

/** Whether a drag carries something of ours. */
export function isOurs(event: DragEvent): boolean {
  const types = event.dataTransfer?.types ?? [];
  return types.includes(PICTURE) || types.includes(MODEL);
}

/** Takes what was dropped on the canvas; whether there was something to take. */
export function takeDrop(app: AppState, event: DragEvent): boolean {
  const editor = app.active?.editor;
  if (!editor || !(event.target instanceof Element) || !isOurs(event)) return false;
  const onto = event.target.closest<HTMLElement>("[data-node]")?.dataset["node"];
  const at = graphPoint(app, [event.clientX, event.clientY]);
  const picture = read(event, PICTURE);
  const model = read(event, MODEL);
  if (picture) void useAsInput(app, { filename: text(picture["filename"]), subfolder: text(picture["subfolder"]), type: text(picture["type"]) }, at, onto);
  else if (model) putModel(app, { folder: text(model["folder"]), name: text(model["name"]) }, { at, ...(onto === undefined ? {} : { onto }) });
  else return false;
  return true;
}

function read(event: DragEvent, type: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(event.dataTransfer?.getData(type) || "null");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

