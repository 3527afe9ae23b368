/** Marquee: everything that the rectangle touches; with Shift also what was selected, with Alt all but it. */

import type { NodeId } from "../../core/types";
import { inGraph } from "../paint/brush";
import { nodesTouching } from "../picking";
import { rectBetween } from "../rect";
import { CLICK_PIXELS, type Gesture, type GestureKind, type Pointer } from "./tool";

export const selecting: GestureKind = {
  name: "select",
  wants: ({ button, touch }) => button === 0 && !touch,
  begin(press, desk): Gesture {
    const before = [...desk.editor.selection];
    let end: Pointer = press;
    const select = (ids: readonly NodeId[]): void => {
      const { selection } = desk.editor;
      if (ids.length !== selection.size || ids.some((id) => !selection.has(id))) desk.editor.select(ids);
    };
    return {
      name: "select",
      cursor: "crosshair",
      drifts: true,
      move(pointer) {
        end = pointer;
        if (pointer.travelled < CLICK_PIXELS) return;
        select(combined(before, nodesTouching(desk.model, rectBetween(press.graph, pointer.graph)), pointer));
        desk.redraw();
      },
      release({ travelled, shift }) {
        if (travelled < CLICK_PIXELS && !shift) select([]);
      },
      cancel: () => select(before),
      paint(brush) {
        if (end.travelled < CLICK_PIXELS) return;
        const { ctx, theme, zoom } = brush;
        const { x, y, width, height } = rectBetween(press.graph, end.graph);
        inGraph(brush);
        ctx.fillStyle = theme.accent;
        ctx.strokeStyle = theme.accent;
        ctx.lineWidth = 1 / zoom;
        ctx.globalAlpha = 0.1;
        ctx.fillRect(x, y, width, height);
        ctx.globalAlpha = 0.9;
        ctx.strokeRect(x, y, width, height);
        ctx.globalAlpha = 1;
      },
    };
  },
};

/** What is selected after a marquee over `touched`. */
export function combined(before: readonly NodeId[], touched: readonly NodeId[], { shift, alt }: { readonly shift: boolean; readonly alt: boolean }): NodeId[] {
  if (alt) {
    const out = new Set(touched);
    return before.filter((id) => !out.has(id));
  }
  return shift ? [...new Set([...before, ...touched])] : [...touched];
}
