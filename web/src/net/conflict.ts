/** What to do where somebody else saved a file in between. */

/** overwrite: ours over theirs, which stays as a version; copy: ours under another name; reload: theirs, ours is dropped. */
export type Resolution = "overwrite" | "copy" | "reload" | "cancel";

export interface Conflict {
  readonly name: string;
  /** Whether theirs still exists; a deleted file conflicts too. */
  readonly exists: boolean;
}

export type AskConflict = (conflict: Conflict) => Promise<Resolution>;

let ask: AskConflict | undefined;

/** Sets the dialog that asks; without one a message offers the ways out. */
export function setConflictDialog(dialog: AskConflict | undefined): void {
  ask = dialog;
}

/** The dialog, where the interface has set one. */
export function conflictDialog(): AskConflict | undefined {
  return ask;
}
