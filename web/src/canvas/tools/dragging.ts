/** Dragging nodes: moving, copying (Alt), dropping one into a link, shaking one out of its chain, joining or leaving a frame (F). */

import { duplicate, insertOnLink, moveNodes, pullOut, setGroup } from "../../core/edits";
import type { Transaction } from "../../core/document";
import type { GraphId, GroupId, LinkId, NodeId } from "../../core/types";
import { insertionSockets } from "../../core/wires";
import { t as text } from "../../ui/texts";
import { inGraph, type Brush } from "../paint/brush";
import { paintWire } from "../paint/links";
import { paintNode } from "../paint/nodes";
import { linkAt } from "../picking";
import { frameAt, frameOf, frameWith, frameWithout } from "../framing";
import { middle, moved, type Rect } from "../rect";
import { Carrying, cargoOf } from "./carrying";
import { Shake } from "./shake";
import { CLICK_PIXELS, type Desk, type Gesture, type GestureKind, type Pointer, type Press } from "./tool";

/** Room that a frame keeps around what it takes in, and that a node inserted into a link gets before the next. */
const ROOM = 24;
const DROP_REACH = 24;

export const dragging: GestureKind = {
  name: "move nodes",
  wants: ({ button, hit, shift, mod }) => button === 0 && hit.kind === "node" && !(shift && mod),
  begin(press, desk) {
    const id = press.hit.kind === "node" ? press.hit.id : "";
    const { selection } = desk.editor;
    const before = [...selection];
    if (!selection.has(id) && !press.shift && !press.mod) desk.editor.select([id]);
    const ids = desk.editor.selection.has(id) ? [...desk.editor.selection] : [...before, id];
    return press.alt ? new Copying(press, desk, ids, before, id) : new Dragging(press, desk, ids, before, id);
  },
};

/** What copying and moving share: the selection's behaviour, and carrying. */
class Held {
  readonly cursor = "grabbing";
  protected readonly carrying: Carrying;

  constructor(
    protected readonly press: Press,
    protected readonly desk: Desk,
    readonly ids: readonly NodeId[],
    readonly before: readonly NodeId[],
    readonly grabbed: NodeId,
  ) {
    this.carrying = new Carrying(desk, cargoOf(desk, ids), press.graph, desk.model.nodes.get(grabbed)?.node.pos ?? press.graph);
  }

  /** A click selects; with Shift or Mod it adds or takes away. */
  protected click(): void {
    const { desk, before, grabbed } = this;
    if (this.press.shift || this.press.mod) {
      desk.editor.select(before.includes(grabbed) ? before.filter((id) => id !== grabbed) : [...before, grabbed]);
    } else if (before.length > 1 || before[0] !== grabbed) desk.editor.select([grabbed]);
  }
}

/** Alt and drag: copies follow the pointer, the nodes stay. Alt and a click asks for something to connect. */
class Copying extends Held implements Gesture {
  readonly name = "copy nodes";
  #moved = false;

  move(pointer: Pointer): void {
    if (pointer.travelled < CLICK_PIXELS) return;
    this.#moved = true;
    this.carrying.dx = pointer.graph[0] - this.press.graph[0];
    this.carrying.dy = pointer.graph[1] - this.press.graph[1];
    this.desk.redraw();
  }

  release(): void {
    if (!this.#moved) {
      this.desk.ui.connectFrom?.(this.grabbed, this.press.screen);
      return;
    }
    let copies: NodeId[] = [];
    const offset = [Math.round(this.carrying.dx), Math.round(this.carrying.dy)] as const;
    this.desk.edit(text("gesture.edit.duplicate"), (t, graph) => {
      copies = [...duplicate(t, graph, this.ids, { offset }).values()];
    });
    this.desk.editor.select(copies);
  }

  cancel(): void {
    this.desk.editor.select(this.before);
  }

  paint(brush: Brush): void {
    if (!this.#moved) return;
    brush.ctx.globalAlpha = 0.7;
    for (const id of this.ids) {
      const shape = this.desk.model.nodes.get(id);
      if (shape !== undefined) paintNode(brush, shape, this.carrying.dx, this.carrying.dy);
    }
    brush.ctx.globalAlpha = 1;
  }
}

class Dragging extends Held implements Gesture {
  readonly name = "move nodes";
  readonly drifts = true;
  readonly #shake = new Shake();
  #last: Pointer | undefined;
  #target: LinkId | undefined;
  #pulledOut = false;
  #framing = false;

  move(pointer: Pointer): void {
    if (pointer.travelled < CLICK_PIXELS) return;
    this.#last = pointer;
    this.carrying.to(pointer);
    if (this.ids.length === 1 && this.#shake.feel(pointer.screen[0], pointer.time)) {
      this.#pulledOut = true;
      this.desk.hint(text("canvas.pulledOut"), pointer.screen);
    }
    this.#target = pointer.alt ? undefined : this.#linkBelow();
  }

  /** The link that the only dragged node would be put into. */
  #linkBelow(): LinkId | undefined {
    const { model, editor } = this.desk;
    const shape = this.ids.length === 1 ? model.nodes.get(this.grabbed) : undefined;
    if (shape === undefined) return undefined;
    const own = this.#pulledOut ? new Set<LinkId>() : model.linksOf(this.grabbed);
    const at = middle(moved({ ...shape.rect, height: Math.min(shape.rect.height, 56) }, this.carrying.dx, this.carrying.dy));
    return linkAt(model, at, DROP_REACH, (id) => {
      const link = model.links.get(id)?.link;
      return link !== undefined && !own.has(id) && insertionSockets(model.graph, shape.node, link, (type) => editor.definitions.get(type)) !== undefined;
    });
  }

  key(code: string): boolean {
    if (code !== "KeyF") return false;
    this.#framing = !this.#framing;
    this.desk.hint(this.#framing ? this.#framed()?.says : undefined, this.#last?.screen);
    this.desk.redraw();
    return true;
  }

  release(pointer: Pointer): void {
    this.desk.hint(undefined);
    if (this.#last === undefined) {
      this.click();
      return;
    }
    this.carrying.back();
    const target = pointer.alt ? undefined : this.#target;
    const framed = this.#framing ? this.#framed() : undefined;
    this.desk.edit(text(target === undefined ? "gesture.edit.move" : "gesture.edit.insertIntoLink"), (t, graph) => {
      if (this.#pulledOut) pullOut(t, graph, [this.grabbed]);
      this.carrying.write(t, graph);
      if (target !== undefined && insertOnLink(t, graph, this.grabbed, target, this.desk.editor.definitions)) this.#makeRoom(t, graph, target);
      if (framed !== undefined) setGroup(t, graph, framed.id, { pos: [Math.round(framed.x), Math.round(framed.y)], size: [Math.round(framed.width), Math.round(framed.height)] });
    });
  }

  /** Slides what follows an inserted node to the right, as far as it is in the way. */
  #makeRoom(t: Transaction, graph: GraphId, target: LinkId): void {
    const { model } = this.desk;
    const shape = model.nodes.get(this.grabbed);
    const next = model.nodes.get(model.links.get(target)?.link.to ?? "");
    if (shape === undefined || next === undefined) return;
    const right = shape.rect.x + Math.round(this.carrying.dx) + shape.rect.width + ROOM;
    if (right <= next.rect.x || next.rect.x + next.rect.width < shape.rect.x + this.carrying.dx) return;
    const sliding = new Set<NodeId>([next.node.id]);
    for (const id of sliding) {
      for (const linkId of model.linksOf(id)) {
        const link = model.links.get(linkId)?.link;
        const after = link === undefined || link.from !== id ? undefined : model.nodes.get(link.to);
        if (after !== undefined && !after.node.pinned && after.node.id !== this.grabbed) sliding.add(after.node.id);
      }
    }
    moveNodes(t, graph, sliding, Math.ceil(right - next.rect.x), 0);
  }

  /** What F does here: the frame below the pointer grows around the nodes, or the one they stand in closes behind them. */
  #framed(): (Rect & { readonly id: GroupId; readonly says: string }) | undefined {
    const { model } = this.desk;
    if (this.#last === undefined) return undefined;
    const home = frameOf(model, this.ids);
    const below = frameAt(model, this.#last.graph);
    const joins = below !== undefined && below !== home;
    const id = joins ? below : home;
    const box = id === undefined ? undefined : joins ? frameWith(model, id, this.ids, [this.carrying.dx, this.carrying.dy]) : frameWithout(model, id, this.ids);
    return id === undefined || box === undefined ? undefined : { ...box, id, says: text(joins ? "canvas.joins" : "canvas.leaves") };
  }

  cancel(): void {
    this.desk.hint(undefined);
    this.carrying.back();
    this.desk.editor.select(this.before);
  }

  paint(brush: Brush): void {
    if (this.#last === undefined) return;
    const shape = this.#target === undefined ? undefined : this.desk.model.links.get(this.#target);
    if (shape !== undefined) paintWire(brush, shape.chain, brush.theme.accent, 4, this.desk.model.linkStyle);
    if (this.#framing) this.#paintFrame(brush);
    this.carrying.paint(brush, !this.#pulledOut);
  }

  #paintFrame(brush: Brush): void {
    const frame = this.#framed();
    if (frame === undefined) return;
    inGraph(brush);
    brush.ctx.strokeStyle = brush.theme.accent;
    brush.ctx.lineWidth = 2 / brush.zoom;
    brush.ctx.strokeRect(frame.x, frame.y, frame.width, frame.height);
  }
}
