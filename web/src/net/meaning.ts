/** Which edits change what a run would do, as opposed to how the graph looks. */

import type { Change, GraphNode, Op } from "../core/types";

/** Label of the step that moves seeds on after a run; undo passes over it. */
export const NEXT_SEED = "Next seed";

/** Whether a change may make a difference to the check or to results. */
export function changesMeaning(change: Change): boolean {
  if (change.kind === "load") return true;
  return change.ops.some(opChangesMeaning);
}

function opChangesMeaning(op: Op): boolean {
  if (op.table === "nodes") return !op.before || !op.after || nodeDiffers(op.before, op.after);
  return op.table === "links" || op.table === "graphs";
}

function nodeDiffers(before: GraphNode, after: GraphNode): boolean {
  return (
    before.values !== after.values ||
    before.rawValues !== after.rawValues ||
    before.mode !== after.mode ||
    before.type !== after.type ||
    before.inputs !== after.inputs ||
    before.outputs !== after.outputs ||
    before.properties !== after.properties
  );
}
