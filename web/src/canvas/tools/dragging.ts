/** Dragging nodes: moving, copying (Alt), dropping one into a link, shaking one out of its chain, joining a frame (F). */

import { duplicate, insertOnLink, moveNodes, pullOut, setGroup } from "../../core/edits";
import type { Transaction } from "../../core/document";
import type { GraphId, GroupId, LinkId, NodeId } from "../../core/types";
import { insertionSockets } from "../../core/wires";
import { t as text } from "../../ui/texts";
import { inGraph, type Brush } from "../paint/brush";
import { paintWire } from "../paint/links";
import { paintNode } from "../paint/nodes";
import { linkAt } from "../picking";
import { around, grown, holds, middle, moved, rectAt } from "../rect";
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
    this.desk.edit("Duplicate", (t, graph) => {
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
  #joins = false;

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
    this.#joins = !this.#joins;
    this.desk.hint(this.#joins ? text("canvas.joins") : undefined, this.#last?.screen);
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
    const frame = this.#joins ? this.#frameBelow(pointer) : undefined;
    this.desk.edit(target === undefined ? "Move" : "Insert into link", (t, graph) => {
      if (this.#pulledOut) pullOut(t, graph, [this.grabbed]);
      this.carrying.write(t, graph);
      if (target !== undefined && insertOnLink(t, graph, this.grabbed, target, this.desk.editor.definitions)) this.#makeRoom(t, graph, target);
      if (frame !== undefined) this.#take(t, graph, frame);
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

  #frameBelow({ graph }: Pointer): GroupId | undefined {
    const under = [...this.desk.model.groups].filter((group) => holds(rectAt(group.pos, group.size), graph));
    return under.sort((a, b) => a.size[0] * a.size[1] - b.size[0] * b.size[1])[0]?.id;
  }

  /** The frame grows around what joins it. */
  #take(t: Transaction, graph: GraphId, id: GroupId): void {
    const { model } = this.desk;
    const group = model.graph.groups.get(id);
    const boxes = this.ids.flatMap((each) => model.nodes.get(each)?.rect ?? []).map((rect) => grown(moved(rect, this.carrying.dx, this.carrying.dy), ROOM));
    const box = group && around([rectAt(group.pos, group.size), ...boxes]);
    if (box !== undefined) setGroup(t, graph, id, { pos: [Math.round(box.x), Math.round(box.y)], size: [Math.round(box.width), Math.round(box.height)] });
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
    if (this.#joins) this.#paintFrame(brush);
    this.carrying.paint(brush, !this.#pulledOut);
  }

  #paintFrame(brush: Brush): void {
    const id = this.#last && this.#frameBelow(this.#last);
    const group = id === undefined ? undefined : this.desk.model.graph.groups.get(id);
    if (group === undefined) return;
    inGraph(brush);
    brush.ctx.strokeStyle = brush.theme.accent;
    brush.ctx.lineWidth = 2 / brush.zoom;
    brush.ctx.strokeRect(group.pos[0], group.pos[1], group.size[0], group.size[1]);
  }
}
