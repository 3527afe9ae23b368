/** Undo, the clipboard, and taking nodes away. */

import { copy, isPastable, paste } from "../core/clipboard";
import { duplicate, removeNodes } from "../core/edits";
import { isBoundary } from "../core/ids";
import type { NodeId, Point } from "../core/types";
import { NEXT_SEED } from "../net/meaning";
import { reasonOf } from "../ui/state.svelte";
import { t } from "../ui/texts";
import { graphOf, inEditor, onSelection, selected, type Command, type EditorContext } from "./command";

/** What was copied last, for browsers that do not let us read the clipboard. */
let copied = "";

/** Takes back the last edit; seeds that runs have moved on go back with the edit before them. */
function undo({ editor }: EditorContext): void {
  const { document } = editor;
  let label = document.undo();
  while (label === NEXT_SEED && document.canUndo) label = document.undo();
}

function redo({ editor }: EditorContext): void {
  const { document } = editor;
  document.redo();
  while (document.redoLabel === NEXT_SEED) document.redo();
}

/** The selected nodes as text. */
export function copiedText(context: EditorContext): string {
  const { editor } = context;
  copied = copy(editor.document, editor.graph, selected(context), editor.definitions);
  return copied;
}

/** Puts nodes of a text where the mouse is; false where the text holds none. */
export function pasteText(context: EditorContext, text: string, keepInputs: boolean): boolean {
  const given = isPastable(text) ? text : "";
  if (!given) return false;
  const { editor, app } = context;
  try {
    let ids: NodeId[] = [];
    editor.document.transact(t("command.edit.paste"), (t) => {
      ids = paste(t, editor.graph, given, rounded(context.pointer.at), editor.definitions, { keepInputs });
    });
    editor.select(ids);
  } catch (error) {
    app.notify(reasonOf(error), "warning");
  }
  return true;
}

async function copyOut(context: EditorContext): Promise<void> {
  const text = copiedText(context);
  // Only pages with https or on this machine may write the clipboard; ours keeps what was copied anyway.
  await navigator.clipboard?.writeText(text).catch(() => undefined);
}

async function pasteIn(context: EditorContext, keepInputs: boolean): Promise<void> {
  const text = (await navigator.clipboard?.readText().catch(() => "")) ?? "";
  pasteText(context, isPastable(text) ? text : copied, keepInputs);
}

function remove(context: EditorContext, ids: readonly NodeId[], heal: boolean): void {
  const { editor } = context;
  editor.document.transact(t(heal ? "command.edit.deleteHeal" : "command.edit.delete"), (t) => removeNodes(t, editor.graph, ids, { heal }));
  editor.select([]);
}

function copies(context: EditorContext, ids: readonly NodeId[], withInputs: boolean): void {
  const { editor } = context;
  let made: NodeId[] = [];
  editor.document.transact(t("command.edit.duplicate"), (t) => {
    made = [...duplicate(t, editor.graph, ids, { withInputs }).values()];
  });
  editor.select(made);
}

function rounded([x, y]: Point): Point {
  return [Math.round(x / 8) * 8, Math.round(y / 8) * 8];
}

export const EDITING: readonly Command[] = [
  inEditor("Edit", { id: "edit.undo", label: t("command.edit.undo"), keys: ["Mod+Z"] }, undo, ({ editor }) => editor.document.canUndo),
  inEditor("Edit", { id: "edit.redo", label: t("command.edit.redo"), keys: ["Mod+Shift+Z", "Mod+Y"] }, redo, ({ editor }) => editor.document.canRedo),
  onSelection("Edit", { id: "edit.copy", label: t("command.edit.copy"), keys: ["Mod+C"] }, copyOut),
  onSelection("Edit", { id: "edit.cut", label: t("command.edit.cut"), keys: ["Mod+X"] }, async (context, ids) => {
    await copyOut(context);
    remove(context, ids, false);
  }),
  inEditor("Edit", { id: "edit.paste", label: t("command.edit.paste"), keys: ["Mod+V"] }, (context) => pasteIn(context, false)),
  inEditor("Edit", { id: "edit.pasteConnected", label: t("command.edit.pasteConnected"), keys: ["Mod+Shift+V"] }, (context) => pasteIn(context, true)),
  onSelection("Edit", { id: "edit.duplicate", label: t("command.edit.duplicate"), keys: ["Mod+D"] }, (context, ids) => copies(context, ids, false)),
  onSelection("Edit", { id: "edit.duplicateConnected", label: t("command.edit.duplicateConnected"), keys: ["Mod+Shift+D"] }, (context, ids) => copies(context, ids, true)),
  onSelection("Edit", { id: "edit.delete", label: t("command.edit.delete"), keys: ["Delete", "Backspace"] }, (context, ids) => remove(context, ids, false)),
  onSelection("Edit", { id: "edit.deleteHeal", label: t("command.edit.deleteHeal"), keys: ["Shift+Delete", "Shift+Backspace"] }, (context, ids) => remove(context, ids, true)),
  inEditor("Edit", { id: "edit.selectAll", label: t("command.edit.selectAll"), keys: ["Mod+A"] }, (context) =>
    context.editor.select([...graphOf(context).nodes.keys()].filter((id) => !isBoundary({ id }))),
  ),
  inEditor("Edit", { id: "edit.selectNone", label: t("command.edit.selectNone") }, ({ editor }) => editor.select([]), ({ editor }) => editor.selection.size > 0),
];
