/** Putting settings on the form, or on the subgraph that they are in, from wherever somebody asks for it. */

import type { Editor } from "../../core/editor";
import { addToForm, isInForm, removeFromForm } from "../../core/form";
import { isBoundary } from "../../core/ids";
import { definitionOf } from "../../core/instances";
import { demote, promote, promotedAs } from "../../core/promote";
import { isDrawn } from "../../core/schema";
import { ROOT, type NodeId, type WidgetDef } from "../../core/types";
import { labelOf, widgetsFor } from "../../core/widgets";
import type { AppState } from "../state.svelte";
import { t } from "../texts";

/** Whether a setting of the shown graph is on the form, or inside of a subgraph on that. */
export function isPromoted(editor: Editor, node: NodeId, name: string): boolean {
  const { state } = editor.document;
  return editor.graph === ROOT ? isInForm(state, node, name) : promotedAs(state, editor.graph, node, name) !== undefined;
}

/** The settings of a node of the shown graph that can be promoted. */
export function promotable(editor: Editor, id: NodeId): WidgetDef[] {
  const { state } = editor.document;
  const node = state.graphs.get(editor.graph)?.nodes.get(id);
  const def = node && !isBoundary(node) ? definitionOf(state, editor.definitions, node.type, node) : undefined;
  return node && def ? widgetsFor(def, node.values).filter((each) => isDrawn(each) && each.kind !== "control" && (each.isInput || editor.graph === ROOT)) : [];
}

/** Promotes a setting, or takes it back, as one step of undo; says so to screen readers and people. */
export function togglePromoted(app: AppState, editor: Editor, node: NodeId, name: string): void {
  const widget = promotable(editor, node).find((each) => each.name === name);
  if (!widget) return;
  const on = isPromoted(editor, node, name);
  const root = editor.graph === ROOT;
  const label = labelOf(widget);
  const word = root ? (on ? "promote.drop" : "promote.add") : on ? "promote.dropOutside" : "promote.addOutside";
  editor.document.transact(t(word, { name: label }), (change) => {
    if (root && on) removeFromForm(change, node, name);
    else if (root) addToForm(change, node, name);
    else if (on) demote(change, editor.graph, node, name);
    else promote(change, editor.graph, node, name, editor.definitions);
  });
  if (root) app.notify(t(on ? "promote.dropped" : "promote.added", { name: label }), "info", on ? undefined : { label: t("form.offerOpen"), run: () => app.form.show(true) });
  else app.notify(t(on ? "promote.droppedOutside" : "promote.addedOutside", { name: label }), "info");
}

/** The setting whose field had the focus last: a palette takes the focus away before its command runs. */
let last: { readonly node: NodeId; readonly setting: string; readonly at: number } | undefined;
const FRESH_MS = 15_000;

/** Notes which setting has the focus; called for every focus on the desk. */
export function noteFocus(event: FocusEvent): void {
  const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-setting]") : null;
  const node = row?.dataset["node"] ?? row?.closest<HTMLElement>("[data-node]")?.dataset["node"];
  const setting = row?.dataset["setting"];
  if (node !== undefined && setting !== undefined) last = { node, setting, at: event.timeStamp };
}

/** The setting that is meant by "this one": that with the focus, or that had it a moment ago and whose node is still selected. */
export function meantSetting(editor: Editor): { readonly node: NodeId; readonly setting: string } | undefined {
  if (!last) return undefined;
  const focused = document.activeElement?.closest(`[data-setting="${CSS.escape(last.setting)}"]`);
  const selected = editor.selection.size === 0 || editor.selection.has(last.node);
  if (!focused && (!selected || performance.now() - last.at > FRESH_MS)) return undefined;
  return promotable(editor, last.node).some((each) => each.name === last?.setting) ? last : undefined;
}
