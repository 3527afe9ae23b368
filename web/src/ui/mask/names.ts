/** What the files of masks are called. */

import type { PictureRef } from "../services";

/** The name under which the mask of a picture is kept; that of a mask stays. */
export function maskName(filename: string): string {
  const stem = filename.replace(/\.\w{1,5}$/, "").replace(/ mask(?: \(\d+\))?$/, "");
  return `${stem || "picture"} mask.png`;
}

/** How a node names a kept mask: always with its folder, as other editors write it too. */
export function maskValue({ filename, subfolder, type }: PictureRef): string {
  return `${subfolder ? `${subfolder}/` : ""}${filename} [${type}]`;
}
