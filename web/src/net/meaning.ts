/** Which edits change what a run would do, as opposed to how the graph looks. */

import { HIDDEN } from "../core/geometry";
import type { Change, Fields, GraphNode, Op } from "../core/types";
import { sameWire } from "../core/wires";

/** Label of the step that moves seeds on after a run; undo passes over it. */
export const NEXT_SEED = "Next seed";

/** Whether a change may make a difference to the check or to results. */
export function changesMeaning(change: Change): boolean {
  if (change.kind === "load") return true;
  return change.ops.some(opChangesMeaning);
}

function opChangesMeaning(op: Op): boolean {
  if (op.table === "nodes") return !op.before || !op.after || nodeDiffers(op.before, op.after);
  if (op.table === "links") return !op.before || !op.after || !sameWire(op.before, op.after);
  return op.table === "graphs";
}

function nodeDiffers(before: GraphNode, after: GraphNode): boolean {
  return (
    before.values !== after.values ||
    before.rawValues !== after.rawValues ||
    before.mode !== after.mode ||
    before.type !== after.type ||
    before.inputs !== after.inputs ||
    before.outputs !== after.outputs ||
    !sameProperties(before.properties, after.properties)
  );
}

/** Which sockets are shown is a look. */
function sameProperties(before: Fields, after: Fields): boolean {
  if (before === after) return true;
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  names.delete(HIDDEN);
  return [...names].every((name) => before[name] === after[name]);
}
