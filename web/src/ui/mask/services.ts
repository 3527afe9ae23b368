/** What pictures and masks need of the server. */

import type { PictureRef } from "../services";

/** Told how much of a file is on its way, 0..1. */
export type Progress = (part: number) => void;

export interface PictureServices {
  /** Puts a file into the input folder; the name that a Load Image node uses. */
  upload(file: File, progress?: Progress): Promise<string>;
  /** The colours of a picture without its transparency, or its transparency alone over black. */
  part(ref: PictureRef, part: "colours" | "transparency"): Promise<Blob>;
  /** Keeps a copy of a picture with the transparency of another one of equal size; where the copy is. */
  uploadMask(mask: Blob, of: PictureRef, name: string, progress?: Progress): Promise<PictureRef>;
}
