/** Strokes across links: cut them (hold Y), or put a reroute where they are crossed (Shift and the right button). */

import type { LinkId, Point } from "../../core/types";
import { addReroute, disconnect } from "../../core/edits";
import { t as text } from "../../ui/texts";
import { inGraph, type Brush } from "../paint/brush";
import { paintWire } from "../paint/links";
import { linksCrossing } from "../picking";
import { crossing, legOf } from "./bends";
import type { Desk, Gesture, GestureKind, Press } from "./tool";

export const cutting: GestureKind = {
  name: "cut",
  wants: ({ button, keys }) => button === 0 && keys.has("KeyY"),
  begin: (press, desk) =>
    stroke("cut", press, desk, "error", (links) => {
      desk.edit(text("gesture.edit.cutLinks"), (t, graph) => disconnect(t, graph, links));
    }),
};

export const rerouting: GestureKind = {
  name: "reroute",
  wants: ({ button, shift }) => button === 2 && shift,
  begin: (press, desk) =>
    stroke("reroute", press, desk, "accent", (links, points) => {
      desk.edit(text("gesture.edit.addReroutes"), (t, graph) => {
        for (const id of links) {
          const shape = desk.model.links.get(id);
          const at = shape && crossing(desk.model.points(shape), points);
          if (shape !== undefined && at !== undefined) addReroute(t, graph, id, at, legOf(desk.model, shape, at));
        }
      });
    }),
};

function stroke(name: string, press: Press, desk: Desk, colour: "error" | "accent", done: (links: Set<LinkId>, points: readonly Point[]) => void): Gesture {
  const points: Point[] = [press.graph];
  let crossed = new Set<LinkId>();
  return {
    name,
    cursor: "crosshair",
    move({ graph }) {
      points.push(graph);
      crossed = linksCrossing(desk.model, points);
      desk.redraw();
    },
    release() {
      if (crossed.size > 0) done(crossed, points);
    },
    cancel: () => undefined,
    paint(brush) {
      for (const id of crossed) {
        const shape = desk.model.links.get(id);
        if (shape !== undefined) paintWire(brush, shape.chain, brush.theme[colour], 3, desk.model.linkStyle);
      }
      paintStroke(brush, points, brush.theme[colour]);
    },
  };
}

function paintStroke(brush: Brush, points: readonly Point[], colour: string): void {
  const { ctx, zoom } = brush;
  inGraph(brush);
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5 / zoom;
  ctx.setLineDash([5 / zoom, 4 / zoom]);
  ctx.beginPath();
  for (const [x, y] of points) ctx.lineTo(x, y);
  ctx.stroke();
  ctx.setLineDash([]);
}
