/** Pictures and texts in what a node gave to the interface (its "ui" dict). */

import type { Fields, Json, NodeId } from "../../core/types";
import type { PictureRef } from "../services";
import type { Picture } from "../state.svelte";

const ANNOTATED = /^(.*) \[(input|output|temp)\]$/;

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

/** The name by which nodes that load pictures know a file: "folder/name", with " [output]" where it is not an input. */
export function annotated({ filename, subfolder, type }: PictureRef): string {
  const path = subfolder ? `${subfolder}/${filename}` : filename;
  return type === "input" && !ANNOTATED.test(path) ? path : `${path} [${type}]`;
}

/** Whether a setting names a file of another folder, which its list does not hold. */
export function isAnnotated(value: Json | undefined): boolean {
  return typeof value === "string" && ANNOTATED.test(value);
}

/** The file behind such a name. */
export function refOfName(name: string): PictureRef {
  const [, plain = name, type = "input"] = ANNOTATED.exec(name) ?? [];
  const cut = plain.lastIndexOf("/");
  return { filename: plain.slice(cut + 1), subfolder: cut < 0 ? "" : plain.slice(0, cut), type };
}

/** The size of a picture as its badge shows it: "1×512×768", the first number counts the batch. */
export function sizeBadge(count: number, [width, height]: readonly [number, number]): string {
  return width > 0 && height > 0 ? `${count}×${width}×${height}` : "";
}

function pictureOf(item: Json): PictureRef | undefined {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return undefined;
  const { filename, subfolder, type } = item;
  if (typeof filename !== "string") return undefined;
  return { filename, subfolder: typeof subfolder === "string" ? subfolder : "", type: typeof type === "string" ? type : "output" };
}
