/** What the network says to people. */
export const words = {
  saveConflict: (name: string) => `“${name}” was saved by somebody else in between. Nothing was overwritten.`,
  saveGone: (name: string) => `“${name}” was deleted on the server in the meantime.`,
  overwrite: "Save over it",
  notSaved: "Not saved.",
  draftTrouble: (reason: string) => `Your edits cannot be kept on the server right now: ${reason} They are safe in this tab, and it tries again.`,
  recovered: (name: string) => `Unsaved edits of “${name}” were recovered.`,
  recoveredOld: (name: string) => `Unsaved edits of “${name}” were recovered; the saved file has changed since.`,
  recoveryLabel: "Recovered edits",
  noTarget: "Nothing to look at comes from this node. Connect it to a node that saves or shows its result.",
  wrongInputs: "Some nodes have wrong settings; they are marked.",
  started: (file: string) => `Running ${file}`,
  finished: (file: string) => `${file} is done`,
  failed: (file: string, reason: string) => `${file} stopped with an error: ${reason}`,
  stopped: (file: string) => `${file} was cancelled`,
  copyName: (name: string) => `${name} (mine)`,
} as const;
