/** Wiring: dragging from a socket, or clicking it and then another; picking up the wire of a connected input. */

import { connect, disconnect } from "../../core/edits";
import type { Link, Point } from "../../core/types";
import { t as text } from "../../ui/texts";
import { paintWire } from "../paint/links";
import { paintDot, paintRefusal, paintWiring } from "../paint/wiring";
import type { Brush } from "../paint/brush";
import { conversionFor, convert } from "./converting";
import { CLICK_PIXELS, type Desk, type Gesture, type GestureKind, type Pointer, type Press } from "./tool";
import { Wire, type Aim, type Anchor, type Target } from "./wire";

export const linking: GestureKind = {
  name: "link",
  wants: ({ button, hit, alt, mod }) => button === 0 && hit.kind === "socket" && !alt && !mod,
  begin(press, desk) {
    const start = press.hit.kind === "socket" ? anchorAt(desk, press.hit.node, press.hit.socket) : undefined;
    if (start === undefined) throw new Error("A link starts at a socket.");
    const taken = start.output ? undefined : desk.model.linksAt(start.node, start.socket.id)[0];
    const source = taken && anchorAt(desk, taken.from, taken.fromSocket);
    return source === undefined ? new Linking(press, desk, start) : new Linking(press, desk, source, taken);
  },
};

/** Alt and the right button, from one node to another: the best pair of sockets is wired. */
export const lazyLinking: GestureKind = {
  name: "lazy link",
  wants: ({ button, alt, hit }) => button === 2 && alt && hit.kind === "node",
  begin: (press, desk) => new LazyLinking(press, desk, press.hit.kind === "node" ? press.hit.id : ""),
};

function anchorAt(desk: Desk, node: string, id: string): Anchor | undefined {
  const found = desk.model.socket(node, id);
  return found && { node, ...found };
}

class Linking implements Gesture {
  readonly name = "link";
  readonly drifts = true;
  readonly cursor = "crosshair";
  readonly #wire: Wire;
  readonly #start: Point;
  #end: Point;
  #aim: Aim = { empty: false };
  /** The conversion at the socket that was last asked for one, which takes a look at every node type. */
  #asked: { readonly refused: Target; readonly title: string | undefined } | undefined;
  #out = false;
  /** Released without a drag: the next press ends it. */
  #clicked = false;

  /** taken: the link that has been picked up from its input */
  constructor(
    readonly press: Press,
    readonly desk: Desk,
    readonly anchor: Anchor,
    readonly taken?: Link,
  ) {
    this.#wire = new Wire(desk.model, anchor, new Set(taken === undefined ? [] : [taken.id]));
    this.#start = desk.model.socketPoint(anchor.node, anchor.socket.id) ?? press.graph;
    this.#end = press.graph;
    desk.layer.held = new Set([anchor.node]);
  }

  move({ graph, screen, travelled, touch }: Pointer): void {
    this.#end = graph;
    if (travelled >= CLICK_PIXELS && !this.#out) {
      this.#out = true;
      if (this.taken !== undefined) this.desk.lift({ links: new Set([this.taken.id]) });
    }
    this.#aim = this.#wire.aim(graph, this.desk.camera.zoom, touch);
    this.desk.hint(this.#words(), screen);
    this.desk.redraw();
  }

  /** Why the wire does not fit here, and what would be put between. */
  #words(): string | undefined {
    const { reason, refused } = this.#aim;
    if (refused === undefined) return reason;
    if (refused !== this.#asked?.refused && (refused.node !== this.#asked?.refused.node || refused.socket !== this.#asked.refused.socket)) {
      this.#asked = { refused, title: conversionFor(this.desk.model, this.#wire, refused)?.def.title };
    }
    return this.#asked?.title === undefined ? reason : text("canvas.converts", { title: this.#asked.title });
  }

  release(pointer: Pointer): boolean {
    if (!this.#clicked && pointer.travelled < CLICK_PIXELS) {
      this.#clicked = true;
      return true;
    }
    this.#end = pointer.graph;
    this.#aim = this.#wire.aim(pointer.graph, this.desk.camera.zoom, pointer.touch);
    this.#finish();
    const { target, refused, empty } = this.#aim;
    if (target !== undefined) this.#connect(target);
    else if (refused !== undefined) this.#convert(refused);
    else if (empty && this.taken !== undefined && !this.#clicked) this.#drop(this.taken);
    else if (empty) this.desk.ui.addNodeAt(pointer.graph, pointer.screen, { node: this.anchor.node, socket: this.anchor.socket.id });
    return false;
  }

  #finish(): void {
    this.desk.lift({});
    this.desk.hint(undefined);
    this.desk.layer.held = new Set();
    this.desk.redraw();
  }

  #connect(target: Target): void {
    const { taken } = this;
    if (taken !== undefined && taken.to === target.node && taken.toSocket === target.socket.id) return;
    const { from, fromSocket, to, toSocket } = this.#wire.ends(target);
    this.desk.edit(text("gesture.edit.connect"), (t, graph) => {
      if (taken !== undefined) disconnect(t, graph, [taken.id]);
      connect(t, graph, from, fromSocket, to, toSocket, this.desk.editor.definitions);
    });
  }

  #drop(link: Link): void {
    this.desk.edit(text("gesture.edit.disconnect"), (t, graph) => disconnect(t, graph, [link.id]));
  }

  /** Puts a node between two sockets whose types almost fit, where one is known. */
  #convert(refused: Target): void {
    const { desk } = this;
    const between = conversionFor(desk.model, this.#wire, refused);
    if (between === undefined) {
      if (this.#aim.reason !== undefined) desk.ui.tell(this.#aim.reason);
      return;
    }
    const middle: Point = [(this.#start[0] + refused.point[0]) / 2, (this.#start[1] + refused.point[1]) / 2];
    desk.edit(text("canvas.convert"), (t, graph) => {
      if (this.taken !== undefined) disconnect(t, graph, [this.taken.id]);
      convert(t, graph, desk.model, this.#wire, refused, between, middle);
    });
    desk.ui.tell(text("canvas.converted", { title: between.def.title }));
  }

  cancel(): void {
    this.#finish();
  }

  paint(brush: Brush): void {
    if (!this.#out && !this.#clicked) return;
    const { target, refused } = this.#aim;
    paintWiring(brush, this.#wire, target?.node);
    const end = target?.point ?? this.#end;
    const colour = brush.theme.socket(this.anchor.socket.type);
    paintWire(brush, this.anchor.output ? [this.#start, end] : [end, this.#start], colour, 3);
    for (const at of [this.#start, end]) paintDot(brush, at, colour);
    if (refused !== undefined) paintRefusal(brush, refused.point);
  }
}

class LazyLinking implements Gesture {
  readonly name = "lazy link";
  readonly cursor = "crosshair";
  readonly #start: Point;
  #end: Point;
  #found: { wire: Wire; target: Target } | undefined;

  constructor(
    press: Press,
    readonly desk: Desk,
    readonly node: string,
  ) {
    this.#start = press.graph;
    this.#end = press.graph;
  }

  move({ graph, touch }: Pointer): void {
    this.#end = graph;
    this.#found = this.#best(graph, touch);
    this.desk.redraw();
  }

  /** The output that fits best into the node below, free ones of the same type first. */
  #best(at: Point, touch: boolean): { wire: Wire; target: Target } | undefined {
    for (const socket of this.desk.model.nodes.get(this.node)?.outputs ?? []) {
      const wire = new Wire(this.desk.model, { node: this.node, socket, output: true });
      const { target } = wire.aim(at, this.desk.camera.zoom, touch);
      if (target !== undefined && target.node !== this.node) return { wire, target };
    }
    return undefined;
  }

  release(): void {
    if (this.#found === undefined) return;
    const { from, fromSocket, to, toSocket } = this.#found.wire.ends(this.#found.target);
    this.desk.edit(text("gesture.edit.connect"), (t, graph) => {
      connect(t, graph, from, fromSocket, to, toSocket, this.desk.editor.definitions);
    });
  }

  cancel(): void {}

  paint(brush: Brush): void {
    const socket = this.#found?.wire.anchor.socket;
    paintWire(brush, [this.#start, this.#found?.target.point ?? this.#end], socket === undefined ? brush.theme.muted : brush.theme.socket(socket.type), 2, "straight");
  }
}
