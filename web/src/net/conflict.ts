/** What to do where somebody else saved a file in between. */

import type { OpenFile } from "../ui/state.svelte";

/** overwrite: ours over theirs, which stays as a version; copy: ours under another name; reload: theirs, ours is dropped. */
export type Resolution = "overwrite" | "copy" | "reload" | "cancel";

export interface Conflict {
  readonly file: OpenFile;
  /** The name under which it was to be saved. */
  readonly name: string;
  /** changed: somebody saved over what ours is based on; gone: it was deleted; taken: another file has the new name. */
  readonly kind: "changed" | "gone" | "taken";
}

export type AskConflict = (conflict: Conflict) => Promise<Resolution>;

/** Nothing was saved, and whoever asked for it knows: no message is due. */
export class NotSaved extends Error {
  constructor() {
    super("not saved");
    this.name = "NotSaved";
  }
}

/** What kind of conflict a refused save is. exists: whether something is saved under the name */
export function kindOf(file: OpenFile, name: string, exists: boolean): Conflict["kind"] {
  if (!exists) return "gone";
  return name === file.name && file.digest !== undefined ? "changed" : "taken";
}

let ask: AskConflict | undefined;

/** Sets the dialog that asks; without one a message offers the ways out. */
export function setConflictDialog(dialog: AskConflict | undefined): void {
  ask = dialog;
}

/** The dialog, where the interface has set one. */
export function conflictDialog(): AskConflict | undefined {
  return ask;
}
