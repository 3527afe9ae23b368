/** Hold A and swipe: the selected nodes line up along the swipe, with even gaps. */

import { placeNodes } from "../../core/edits";
import type { NodeId, Point } from "../../core/types";
import { t as text } from "../../ui/texts";
import type { NodeShape } from "../model";
import { inGraph } from "../paint/brush";
import { CLICK_PIXELS, type Gesture, type GestureKind } from "./tool";

/** Places for nodes in a row (or a column): the first one's line, and equal gaps between the outermost. */
export function alignedPlaces(shapes: readonly NodeShape[], across: boolean): Map<NodeId, Point> {
  const axis = across ? 0 : 1;
  const length = (shape: NodeShape): number => (across ? shape.rect.width : shape.rect.height);
  const sorted = [...shapes].sort((a, b) => a.node.pos[axis] - b.node.pos[axis]);
  const [first, last] = [sorted[0], sorted.at(-1)];
  const places = new Map<NodeId, Point>();
  if (first === undefined || last === undefined) return places;
  const room = last.node.pos[axis] + length(last) - first.node.pos[axis] - sorted.reduce((sum, shape) => sum + length(shape), 0);
  const gap = sorted.length < 2 ? 0 : Math.max(24, Math.round(room / (sorted.length - 1)));
  const line = first.node.pos[1 - axis] ?? 0;
  let along = first.node.pos[axis];
  for (const shape of sorted) {
    places.set(shape.node.id, across ? [along, line] : [line, along]);
    along += length(shape) + gap;
  }
  return places;
}

export const aligning: GestureKind = {
  name: "align",
  wants: ({ button, keys }, desk) => button === 0 && keys.has("KeyA") && desk.editor.selection.size > 1,
  begin(press, desk): Gesture {
    let end = press.graph;
    return {
      name: "align",
      cursor: "crosshair",
      move({ graph }) {
        end = graph;
        desk.redraw();
      },
      release({ travelled, graph }) {
        if (travelled < CLICK_PIXELS) return;
        const across = Math.abs(graph[0] - press.graph[0]) >= Math.abs(graph[1] - press.graph[1]);
        const shapes = [...desk.editor.selection].flatMap((id) => desk.model.nodes.get(id) ?? []).filter((shape) => !shape.node.pinned);
        desk.edit(text("gesture.edit.align"), (t, id) => placeNodes(t, id, alignedPlaces(shapes, across)));
      },
      cancel: () => undefined,
      paint(brush) {
        inGraph(brush);
        brush.ctx.strokeStyle = brush.theme.accent;
        brush.ctx.lineWidth = 2 / brush.zoom;
        brush.ctx.beginPath();
        brush.ctx.moveTo(press.graph[0], press.graph[1]);
        brush.ctx.lineTo(end[0], end[1]);
        brush.ctx.stroke();
      },
    };
  },
};
