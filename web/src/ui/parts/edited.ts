/** Which nodes were edited since they last ran; kept beside the editor, never in the document. */

import type { Editor } from "../../core/editor";
import { Signal } from "../../core/signal";
import type { GraphId, GraphNode, NodeId } from "../../core/types";
import { sameWire } from "../../core/wires";

interface Edited {
  readonly ids: Set<NodeId>;
  readonly changed: Signal<NodeId>;
}

const known = new WeakMap<Editor, Edited>();

/** The edited nodes of an editor by the ids that runs give them, followed from the first call on. */
export function editedNodes(editor: Editor): Edited {
  const found = known.get(editor);
  if (found) return found;
  const made: Edited = { ids: new Set(), changed: new Signal() };
  known.set(editor, made);
  const mark = (id: NodeId, on: boolean): void => {
    if (made.ids.has(id) === on) return;
    if (on) made.ids.add(id);
    else made.ids.delete(id);
    made.changed.emit(id);
  };
  const touch = (graph: GraphId, node: NodeId): void => {
    const id = graph === editor.graph ? editor.runId(node) : node;
    if (hasRun(editor, id)) mark(id, true);
  };
  editor.document.changed.subscribe(({ ops }) => {
    for (const op of ops) {
      if (op.table === "nodes" && differs(op.before, op.after)) touch(op.graph, op.id);
      if (op.table === "links" && !(op.before && op.after && sameWire(op.before, op.after))) {
        const target = (op.after ?? op.before)?.to;
        if (target !== undefined) touch(op.graph, target);
      }
    }
  });
  editor.runChanged.subscribe((id) => {
    if (id === null) for (const each of [...made.ids]) mark(each, false);
    else mark(id, false);
  });
  return made;
}

function hasRun(editor: Editor, id: NodeId): boolean {
  const { state } = editor.run(id);
  return state === "done" || state === "cached" || state === "error";
}

/** Moving and renaming change nothing that runs. */
function differs(before: GraphNode | undefined, after: GraphNode | undefined): boolean {
  return before?.values !== after?.values || before?.mode !== after?.mode;
}
