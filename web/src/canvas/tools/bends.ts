/** Reroutes: where on a link a new one goes, adding one by a click, dragging one. */

import { addReroute, moveReroute, removeReroute } from "../../core/edits";
import { snapped } from "../../core/geometry";
import type { LinkId, Point, RerouteId } from "../../core/types";
import { t as text } from "../../ui/texts";
import { crosses, distance, sampled } from "../curves";
import type { GraphModel, LinkShape } from "../model";
import { inGraph } from "../paint/brush";
import { paintWire } from "../paint/links";
import { CLICK_PIXELS, clicking, type Gesture, type GestureKind } from "./tool";

/** Where a stroke crosses a link. */
export function crossing(link: readonly Point[], stroke: readonly Point[]): Point | undefined {
  for (let i = 1; i < stroke.length; i++) {
    for (let j = 1; j < link.length; j++) {
      const [a, b, c, d] = [stroke[i - 1], stroke[i], link[j - 1], link[j]];
      if (a && b && c && d && crosses([c, d], a, b)) return [(c[0] + d[0]) / 2, (c[1] + d[1]) / 2];
    }
  }
  return undefined;
}

/** The reroute that a new one at this point comes before, on the way from source to target; nothing when it is the last. */
export function legOf(model: GraphModel, shape: LinkShape, at: Point): RerouteId | undefined {
  const ids: RerouteId[] = [];
  for (let id = shape.link.reroute; id !== undefined && !ids.includes(id); id = model.graph.reroutes.get(id)?.parent) ids.unshift(id);
  let best = 0;
  let least = Infinity;
  for (let leg = 0; leg + 1 < shape.chain.length; leg++) {
    const away = distance(sampled(shape.chain.slice(leg, leg + 2), model.linkStyle), at);
    if (away >= least) continue;
    least = away;
    best = leg;
  }
  return ids[best];
}

/** Alt and a click on a link puts a reroute there. */
export const bending: GestureKind = {
  name: "add reroute",
  wants: ({ button, alt, hit }) => button === 0 && alt && hit.kind === "link",
  begin: (press, desk) =>
    clicking("add reroute", () => {
      const shape = press.hit.kind === "link" ? desk.model.links.get(press.hit.id) : undefined;
      if (shape === undefined) return;
      desk.edit(text("gesture.edit.addReroute"), (t, graph) => {
        addReroute(t, graph, shape.link.id, press.graph, legOf(desk.model, shape, press.graph));
      });
    }),
};

/** Drags one reroute; Alt and a click takes it out. */
export const movingBend: GestureKind = {
  name: "move reroute",
  wants: ({ button, hit }) => button === 0 && hit.kind === "reroute",
  begin(press, desk): Gesture {
    const id = press.hit.kind === "reroute" ? press.hit.id : "";
    const start = desk.model.graph.reroutes.get(id)?.pos ?? press.graph;
    const links = new Set<LinkId>();
    for (const shape of desk.model.links.values()) if (passes(desk.model, shape, id)) links.add(shape.link.id);
    let at = start;
    return {
      name: "move reroute",
      cursor: "grabbing",
      move({ graph, shift, travelled }) {
        if (travelled < CLICK_PIXELS) return;
        if (at === start) desk.lift({ links, reroutes: new Set([id]) });
        const free: Point = [start[0] + graph[0] - press.graph[0], start[1] + graph[1] - press.graph[1]];
        at = shift ? [snapped(free[0]), snapped(free[1])] : free;
        desk.redraw();
      },
      release({ travelled, alt }) {
        desk.lift({});
        if (travelled >= CLICK_PIXELS) desk.edit(text("gesture.edit.moveReroute"), (t, graph) => moveReroute(t, graph, id, at));
        else if (alt) desk.edit(text("gesture.edit.removeReroute"), (t, graph) => removeReroute(t, graph, id));
      },
      cancel: () => desk.lift({}),
      paint(brush) {
        if (at === start) return;
        const shift = { nodes: new Set<string>(), reroutes: new Set([id]), dx: at[0] - start[0], dy: at[1] - start[1] };
        let colour = brush.theme.muted;
        for (const link of links) {
          const shape = desk.model.links.get(link);
          const chain = shape && desk.model.chain(shape.link, shift);
          if (shape === undefined || chain === undefined) continue;
          colour = brush.theme.socket(shape.type);
          paintWire(brush, chain, colour, 2, desk.model.linkStyle);
        }
        inGraph(brush);
        brush.ctx.fillStyle = colour;
        brush.ctx.beginPath();
        brush.ctx.arc(at[0], at[1], 6, 0, Math.PI * 2);
        brush.ctx.fill();
      },
    };
  },
};

function passes(model: GraphModel, shape: LinkShape, reroute: RerouteId): boolean {
  const seen = new Set<RerouteId>();
  for (let id = shape.link.reroute; id !== undefined && !seen.has(id); id = model.graph.reroutes.get(id)?.parent) {
    if (id === reroute) return true;
    seen.add(id);
  }
  return false;
}
