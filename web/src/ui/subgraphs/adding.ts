/** Subgraphs among the node types of the add-node box: those kept for every file, and those of the open file. */

import { BLUEPRINT, insertBlueprint } from "../../core/blueprints";
import type { Transaction } from "../../core/document";
import { addNode } from "../../core/edits";
import type { Editor } from "../../core/editor";
import { contains, definitionOf } from "../../core/instances";
import { addInstance } from "../../core/subgraphs";
import { ROOT, type NodeDef, type NodeId, type Point } from "../../core/types";
import type { AppState } from "../state.svelte";
import { t } from "../texts";

/** Everything that can be added to the shown graph. */
export function addable(app: AppState): NodeDef[] {
  const editor = app.active?.editor;
  return [...app.definitions.all(), ...app.kept.all.map((each) => each.def), ...(editor ? ofThisFile(editor) : [])];
}

function ofThisFile(editor: Editor): NodeDef[] {
  const { state } = editor.document;
  return [...state.graphs.keys()].flatMap((id) => {
    if (id === ROOT || contains(state, id, editor.graph)) return [];
    const def = definitionOf(state, editor.definitions, id);
    return def ? [{ ...def, title: def.title || t("graph.inner"), category: t("subgraph.here") }] : [];
  });
}

/** Puts a node, or an instance of a subgraph, into the shown graph. */
export function addAny(change: Transaction, app: AppState, editor: Editor, def: NodeDef, at: Point): NodeId | undefined {
  const kept = def.module === BLUEPRINT ? app.kept.all.find((each) => each.def.id === def.id) : undefined;
  if (kept) return insertBlueprint(change, editor.graph, kept.text, at, editor.definitions);
  if (change.state.graphs.has(def.id)) return addInstance(change, editor.graph, def.id, at);
  return addNode(change, editor.graph, def, at, editor.definitions);
}
