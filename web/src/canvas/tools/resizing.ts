/** Sizing a node by its lower right corner. */

import { resize } from "../../core/edits";
import { GRID, layout, snapped } from "../../core/geometry";
import type { Size } from "../../core/types";
import { t as text } from "../../ui/texts";
import { inGraph } from "../paint/brush";
import { CLICK_PIXELS, type Gesture, type GestureKind } from "./tool";

export const resizing: GestureKind = {
  name: "resize node",
  wants: ({ button, hit }) => button === 0 && hit.kind === "corner",
  begin(press, desk): Gesture {
    const id = press.hit.kind === "corner" ? press.hit.node : "";
    const shape = desk.model.nodes.get(id);
    let size: Size | undefined;
    const back = (): void => {
      if (shape !== undefined) desk.layer.stretch(id, shape.rect.width, shape.rect.height);
    };
    return {
      name: "resize node",
      cursor: "nwse-resize",
      move({ graph, shift, travelled }) {
        if (shape === undefined || travelled < CLICK_PIXELS) return;
        const grid = shift ? GRID : 1;
        const wanted: Size = [
          snapped(shape.rect.width + graph[0] - press.graph[0], grid),
          snapped(shape.rect.height + graph[1] - press.graph[1], grid),
        ];
        // What the node cannot be smaller than is the layout's to say.
        const made = layout({ ...shape.node, size: [Math.max(1, wanted[0]), Math.max(1, wanted[1])] }, shape.def);
        size = [made.width, made.height];
        desk.layer.stretch(id, made.width, made.height);
        desk.redraw();
      },
      release() {
        const wanted = size;
        if (wanted !== undefined) desk.edit(text("gesture.edit.resize"), (t, graph) => resize(t, graph, id, wanted));
        else desk.editor.select([id]);
      },
      cancel: back,
      paint(brush) {
        if (shape === undefined || size === undefined) return;
        inGraph(brush);
        brush.ctx.strokeStyle = brush.theme.accent;
        brush.ctx.lineWidth = 1.5 / brush.zoom;
        brush.ctx.beginPath();
        brush.ctx.roundRect(shape.rect.x, shape.rect.y, size[0], size[1], 8);
        brush.ctx.stroke();
      },
    };
  },
};
