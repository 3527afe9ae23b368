/** A picture of the gallery with what made it, and a model file with what its header says. */

import type { PictureRef } from "../services";
import type { Picture } from "../state.svelte";

export interface Result extends Picture {
  /** Names the file: two runs that show the same file show one picture. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly ended: number;
  readonly seconds?: number;
  readonly negative?: string;
  readonly sampler?: string;
  readonly scheduler?: string;
  readonly steps?: number;
  readonly cfg?: number;
  readonly denoise?: number;
  readonly model?: string;
  readonly loras: readonly string[];
  readonly width?: number;
  readonly height?: number;
  /** More than 1 of an animation. */
  readonly frames: number;
  readonly bytes?: number;
  /** Whether its file is not there any more. */
  readonly gone: boolean;
}

export interface ResultsPage {
  readonly results: readonly Result[];
  /** Where the page after begins; undefined after the last one. */
  readonly next: number | undefined;
  /** Runs on all pages. */
  readonly total: number;
}

/** What became of a removal. */
export interface Removal {
  /** Runs that are no longer known. */
  readonly forgotten: readonly string[];
  readonly kept: readonly { readonly filename: string; readonly reason: string }[];
}

export interface ModelFacts {
  readonly folder: string;
  readonly name: string;
  readonly place: number;
  readonly bytes: number;
  readonly modified: number;
  readonly preview: boolean;
  readonly kind?: string;
  readonly family?: string;
  readonly familyTitle?: string;
  readonly precision?: string;
  readonly parameters?: number;
  readonly rank?: number;
  readonly title?: string;
  readonly format?: string;
  readonly trouble?: string;
}

export interface ModelList {
  readonly folders: readonly string[];
  readonly models: readonly ModelFacts[];
  /** Whether all headers have been read. */
  readonly complete: boolean;
}

/** Name of a file of the server's folders, for comparing. */
export function keyOf({ type, subfolder, filename }: PictureRef): string {
  return `${type}/${subfolder}/${filename}`;
}
