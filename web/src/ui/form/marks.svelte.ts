/** Which settings of a node are promoted, for its component; told only when that can have changed. */

import type { Editor } from "../../core/editor";
import { FORM } from "../../core/form";
import { isFields } from "../../core/entries";
import type { Fields, NodeId, Op } from "../../core/types";
import { isPromoted, promotable } from "./promoting";

/** The names of the promoted settings of a node of the shown graph. Call it while a component is set up. */
export function promotedSettings(editor: Editor, id: NodeId): { readonly value: ReadonlySet<string> } {
  let value = $state.raw(namesOf(editor, id));
  $effect(() =>
    editor.document.changed.subscribe((change) => {
      if (change.kind !== "load" && !change.ops.some((op) => concerns(op, editor, id))) return;
      const next = namesOf(editor, id);
      if (next.size !== value.size || [...next].some((name) => !value.has(name))) value = next;
    }),
  );
  return {
    get value() {
      return value;
    },
  };
}

function namesOf(editor: Editor, id: NodeId): ReadonlySet<string> {
  return new Set(promotable(editor, id).flatMap((each) => (isPromoted(editor, id, each.name) ? [each.name] : [])));
}

function concerns(op: Op, editor: Editor, id: NodeId): boolean {
  if (op.table === "rest") return op.graph === undefined && formIn(op.before) !== formIn(op.after);
  if (op.table === "graphs") return op.id === editor.graph;
  if (op.table === "links") return op.graph === editor.graph && (op.before?.to === id || op.after?.to === id);
  return op.table === "nodes" && op.before?.properties["proxyWidgets"] !== op.after?.properties["proxyWidgets"];
}

function formIn(rest: Fields): unknown {
  const extra = rest["extra"];
  return isFields(extra) ? extra[FORM] : undefined;
}
