/** Where a loose wire may go: which sockets take it, which one is meant, and why another does not. */

import { bestSocket, fits, whyNot } from "../../core/match";
import type { LinkId, NodeId, Point, Socket, SocketId } from "../../core/types";
import { t } from "../../ui/texts";
import type { GraphModel, NodeShape } from "../model";
import { pick, topNode } from "../picking";

export interface Anchor {
  readonly node: NodeId;
  readonly socket: Socket;
  readonly output: boolean;
}

export interface Target {
  readonly node: NodeId;
  readonly socket: Socket;
  readonly point: Point;
}

/** What the pointer is over while a wire is loose. */
export interface Aim {
  readonly target?: Target;
  /** A socket that is meant but does not fit. */
  readonly refused?: Target;
  readonly reason?: string;
  /** Over no node at all. */
  readonly empty: boolean;
}

/** A wire that starts at one socket and looks for another on the other side. */
export class Wire {
  /** Sockets that take the wire, by node. */
  readonly fitting = new Map<NodeId, Socket[]>();
  readonly #circle: ReadonlySet<NodeId>;

  constructor(
    readonly model: GraphModel,
    readonly anchor: Anchor,
    readonly lifted: ReadonlySet<LinkId> = new Set(),
  ) {
    this.#circle = beyond(model, anchor, lifted);
    for (const shape of model.nodes.values()) {
      const sockets = this.#side(shape).filter((socket) => this.reason(shape.node.id, socket) === undefined);
      if (sockets.length > 0) this.fitting.set(shape.node.id, sockets);
    }
  }

  /** Sockets of a node that face the wire and are shown. */
  #side(shape: NodeShape): readonly Socket[] {
    const { output } = this.anchor;
    const points = output ? shape.layout.inputs : shape.layout.outputs;
    return (output ? shape.inputs : shape.outputs).filter((socket) => points.has(socket.id));
  }

  /** Why a socket does not take the wire; nothing when it does. */
  reason(node: NodeId, socket: Socket): string | undefined {
    if (node === this.anchor.node) return t("canvas.sameNode");
    const [from, to] = this.anchor.output ? [this.anchor.socket, socket] : [socket, this.anchor.socket];
    if (!fits(from.type, to.type)) return whyNot(from, to);
    return this.circles(node) ? t("canvas.circle") : undefined;
  }

  /** Whether a way from here to the node would lead round in a circle, over a conversion too. */
  circles(node: NodeId): boolean {
    return this.#circle.has(node);
  }

  /** What is meant by a point: the socket there, or the best one of the node whose body is there. */
  aim(at: Point, zoom: number, touch: boolean): Aim {
    const hit = pick(this.model, at, zoom, touch);
    if (hit.kind === "socket" && hit.output !== this.anchor.output) {
      const found = this.#target(hit.node, hit.socket);
      if (found === undefined) return { empty: false };
      const reason = this.reason(found.node, found.socket);
      return reason === undefined ? { target: found, empty: false } : { refused: found, reason, empty: false };
    }
    const shape = topNode(this.model, at);
    if (shape === undefined) return { empty: hit.kind !== "socket" };
    const best = this.#best(shape);
    const target = best && this.#target(shape.node.id, best.id);
    if (target !== undefined) return { target, empty: false };
    if (shape.node.id === this.anchor.node) return { empty: false };
    return { reason: t(this.anchor.output ? "canvas.noInput" : "canvas.noOutput", { type: this.anchor.socket.type }), empty: false };
  }

  #best(shape: NodeShape): Socket | undefined {
    const { socket, output } = this.anchor;
    const fitting = this.fitting.get(shape.node.id) ?? [];
    const isTaken = (each: Socket): boolean => output && this.model.linksAt(shape.node.id, each.id).length > 0;
    // A drop should do something: sockets that have this very wire already come last.
    const fresh = fitting.filter((each) => !this.#isWired(shape.node.id, each));
    return bestSocket({ type: socket.type, name: socket.name, side: output ? "output" : "input" }, fresh.length > 0 ? fresh : fitting, isTaken);
  }

  #isWired(node: NodeId, socket: Socket): boolean {
    const { anchor } = this;
    return this.model.linksAt(node, socket.id).some((link) => !this.lifted.has(link.id) && (anchor.output ? link.from === anchor.node && link.fromSocket === anchor.socket.id : link.to === anchor.node && link.toSocket === anchor.socket.id));
  }

  #target(node: NodeId, id: SocketId): Target | undefined {
    const socket = this.model.socket(node, id)?.socket;
    const point = this.model.socketPoint(node, id);
    return socket === undefined || point === undefined ? undefined : { node, socket, point };
  }

  /** The ends in the order source, target. */
  ends(target: Target): { from: NodeId; fromSocket: SocketId; to: NodeId; toSocket: SocketId } {
    const { node, socket, output } = this.anchor;
    return output
      ? { from: node, fromSocket: socket.id, to: target.node, toSocket: target.socket.id }
      : { from: target.node, fromSocket: target.socket.id, to: node, toSocket: socket.id };
  }
}

/** Nodes that a wire would close a circle with: those before its source, or after its target. */
function beyond(model: GraphModel, anchor: Anchor, lifted: ReadonlySet<LinkId>): Set<NodeId> {
  const found = new Set<NodeId>([anchor.node]);
  for (const id of found) {
    for (const linkId of model.linksOf(id)) {
      const link = lifted.has(linkId) ? undefined : model.links.get(linkId)?.link;
      if (link === undefined) continue;
      if (anchor.output && link.to === id) found.add(link.from);
      if (!anchor.output && link.from === id) found.add(link.to);
    }
  }
  return found;
}
