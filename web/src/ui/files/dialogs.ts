/** Which dialog about files is open, one at a time. */

import type { Conflict, Resolution } from "../../net/conflict";
import type { OpenFile } from "../state.svelte";

export type FilesDialog =
  | { readonly kind: "versions"; readonly file: OpenFile }
  | { readonly kind: "templates" }
  | { readonly kind: "share"; readonly file: OpenFile }
  | { readonly kind: "conflict"; readonly conflict: Conflict; answer(resolution: Resolution): void };
