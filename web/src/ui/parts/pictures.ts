/** Pictures and texts in what a node gave to the interface (its "ui" dict). */

import type { Fields, Json, NodeId } from "../../core/types";
import type { PictureRef } from "../services";
import type { Picture } from "../state.svelte";

/** The pictures of an output, in order. */
export function picturesOf(output: Fields | undefined): PictureRef[] {
  const found: PictureRef[] = [];
  for (const key of ["images", "gifs"]) {
    const list = output?.[key];
    if (!Array.isArray(list)) continue;
    for (const item of list) {
      const ref = pictureOf(item);
      if (ref) found.push(ref);
    }
  }
  return found;
}

/** The texts of an output, joined by lines. */
export function textOf(output: Fields | undefined): string {
  const text = output?.["text"];
  return Array.isArray(text) ? text.map(String).join("\n") : typeof text === "string" ? text : "";
}

/** Pictures of one node, as the gallery and the viewer hold them. */
export function asPictures(refs: readonly PictureRef[], job: string, node: NodeId): Picture[] {
  return refs.map((ref) => ({ ...ref, job, node }));
}

function pictureOf(item: Json): PictureRef | undefined {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return undefined;
  const { filename, subfolder, type } = item;
  if (typeof filename !== "string") return undefined;
  return { filename, subfolder: typeof subfolder === "string" ? subfolder : "", type: typeof type === "string" ? type : "output" };
}
