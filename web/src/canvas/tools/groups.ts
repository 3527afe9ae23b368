/** Frames: dragging one by its title carries what stands in it; its corner sizes it. */

import { setGroup } from "../../core/edits";
import { GRID, snapped } from "../../core/geometry";
import type { Size } from "../../core/types";
import { t as text } from "../../ui/texts";
import { inGraph } from "../paint/brush";
import { paintGroup } from "../paint/groups";
import { carriedBy } from "../picking";
import { Carrying } from "./carrying";
import { CLICK_PIXELS, type Gesture, type GestureKind } from "./tool";

const LEAST: Size = [96, 64];

export const movingGroup: GestureKind = {
  name: "move group",
  wants: ({ button, hit }) => button === 0 && hit.kind === "group",
  begin(press, desk): Gesture {
    const id = press.hit.kind === "group" ? press.hit.id : "";
    const found = carriedBy(desk.model, id);
    const nodes = new Set([...found.nodes].filter((each) => desk.model.nodes.get(each)?.node.pinned === false));
    const anchor = desk.model.graph.groups.get(id)?.pos ?? press.graph;
    const carrying = new Carrying(desk, { ...found, nodes }, press.graph, anchor);
    let moved = false;
    return {
      name: "move group",
      cursor: "grabbing",
      drifts: true,
      move(pointer) {
        if (pointer.travelled < CLICK_PIXELS) return;
        moved = true;
        carrying.to(pointer);
      },
      release() {
        carrying.back();
        if (moved) desk.edit(text("gesture.edit.moveGroup"), (t, graph) => carrying.write(t, graph));
        else desk.editor.select(nodes);
      },
      cancel: () => carrying.back(),
      paint: (brush) => {
        if (moved) carrying.paint(brush);
      },
    };
  },
};

export const sizingGroup: GestureKind = {
  name: "resize group",
  wants: ({ button, hit }) => button === 0 && hit.kind === "groupCorner",
  begin(press, desk): Gesture {
    const id = press.hit.kind === "groupCorner" ? press.hit.id : "";
    const group = desk.model.graph.groups.get(id);
    let size: Size | undefined;
    return {
      name: "resize group",
      cursor: "nwse-resize",
      move({ graph, shift, travelled }) {
        if (group === undefined || travelled < CLICK_PIXELS) return;
        if (size === undefined) desk.lift({ groups: new Set([id]) });
        const grid = shift ? GRID : 1;
        const side = (axis: 0 | 1): number => Math.max(LEAST[axis], snapped(group.size[axis] + graph[axis] - press.graph[axis], grid));
        size = [side(0), side(1)];
        desk.redraw();
      },
      release() {
        desk.lift({});
        const wanted = size;
        if (wanted !== undefined) desk.edit(text("gesture.edit.resizeGroup"), (t, graph) => setGroup(t, graph, id, { size: wanted }));
      },
      cancel: () => desk.lift({}),
      paint(brush) {
        if (group === undefined || size === undefined) return;
        inGraph(brush);
        paintGroup(brush, { ...group, size });
      },
    };
  },
};
