/** Wiring by lists: a socket of a node, then what to wire it with, nearest first. Works however far the graph is zoomed out. */

import { pagePoint } from "../canvas/desk";
import { toScreen } from "../canvas/camera";
import { titleOf, type GraphModel } from "../canvas/model";
import { Wire } from "../canvas/tools/wire";
import type { CanvasView } from "../canvas/view";
import { connect } from "../core/edits";
import type { NodeId, Point, Socket, SocketId } from "../core/types";
import { socketColor } from "./colors";
import type { AppState, Choice } from "./state.svelte";
import { t } from "./texts";

/** A socket that a wire could go to. */
export interface Partner {
  readonly node: NodeId;
  readonly socket: Socket;
  /** In graph units, from socket to socket. */
  readonly away: number;
}

/** The sockets that take a wire from this one, nearest first. */
export function partnersOf(model: GraphModel, node: NodeId, id: SocketId): Partner[] {
  const found = model.socket(node, id);
  if (!found) return [];
  const start = model.socketPoint(node, id) ?? [0, 0];
  const partners: Partner[] = [];
  for (const [other, sockets] of new Wire(model, { node, ...found }).fitting) {
    for (const socket of sockets) {
      const [x, y] = model.socketPoint(other, socket.id) ?? start;
      partners.push({ node: other, socket, away: Math.hypot(x - start[0], y - start[1]) });
    }
  }
  return partners.sort((a, b) => a.away - b.away);
}

/** Opens the list of a node's sockets, or at once that of the partners of one of them. at: on the page */
export function openConnector(app: AppState, node: NodeId, at?: Point, socket?: SocketId): void {
  const { view } = app;
  const shape = view?.model.nodes.get(node);
  if (!view || !shape) return;
  const place = at ?? beside(view, node);
  if (socket !== undefined) return choosePartner(app, view, node, socket, place);
  const items = [...shape.outputs.map((each) => socketChoice(app, view, node, each, place, true)), ...shape.inputs.map((each) => socketChoice(app, view, node, each, place, false))];
  app.choosing = { label: t("connect.title", { title: titleOf(shape) }), at: place, items };
}

/** The page's point beside the upper right corner of a node. */
function beside(view: CanvasView, node: NodeId): Point {
  const rect = view.model.nodes.get(node)?.rect;
  const corner: Point = rect ? [rect.x + rect.width + 12, rect.y] : [0, 0];
  return pagePoint(view.host, toScreen(view.editor.camera, corner));
}

function nameOf(socket: Socket): string {
  return socket.label ?? (socket.name || socket.type);
}

function socketChoice(app: AppState, view: CanvasView, node: NodeId, socket: Socket, at: Point, output: boolean): Choice {
  const family = t(output ? "connect.output" : socket.widget === undefined ? "connect.input" : "connect.setting");
  const pick = (): void => choosePartner(app, view, node, socket.id, at);
  return { id: socket.id, text: nameOf(socket), detail: wiredTo(view.model, node, socket, output) || socket.type, colour: socketColor(socket.type), family, pick };
}

function wiredTo(model: GraphModel, node: NodeId, socket: Socket, output: boolean): string {
  const links = model.linksAt(node, socket.id);
  const [first] = links;
  if (!first) return "";
  if (output) return links.length === 1 ? t("connect.link") : t("connect.links", { count: links.length });
  const source = model.nodes.get(first.from);
  return source ? t("connect.from", { source: titleOf(source) }) : "";
}

function choosePartner(app: AppState, view: CanvasView, node: NodeId, id: SocketId, at: Point): void {
  const { model } = view;
  const found = model.socket(node, id);
  if (!found) return;
  const items = partnersOf(model, node, id).map((partner): Choice => {
    const shape = model.nodes.get(partner.node);
    const title = shape ? titleOf(shape) : partner.node;
    return {
      id: `${partner.node} ${partner.socket.id}`,
      text: `${title} · ${nameOf(partner.socket)}`,
      detail: partnerDetail(model, partner, node, id, found.output),
      colour: socketColor(partner.socket.type === "*" ? found.socket.type : partner.socket.type),
      pick: () => join(app, view, node, id, found.output, partner),
    };
  });
  const socket = nameOf(found.socket);
  app.choosing = { label: t("connect.with", { socket }), at, items, hint: t("connect.noPartner", { socket }), back: () => openConnector(app, node, at) };
}

/** What a wire to this socket would push out. */
function partnerDetail(model: GraphModel, partner: Partner, node: NodeId, id: SocketId, output: boolean): string {
  const input = output ? { node: partner.node, socket: partner.socket.id } : { node, socket: id };
  const [taken] = model.linksAt(input.node, input.socket);
  const [from, fromSocket] = output ? [node, id] : [partner.node, partner.socket.id];
  if (taken?.from === from && taken.fromSocket === fromSocket) return t("connect.wired");
  const source = taken && model.nodes.get(taken.from);
  return source ? t("connect.replaces", { source: titleOf(source) }) : partner.socket.type;
}

function join(app: AppState, view: CanvasView, node: NodeId, id: SocketId, output: boolean, partner: Partner): void {
  const { editor, model } = view;
  const other = partner.socket.id;
  editor.document.transact(t("edit.connect"), (change) => {
    if (output) connect(change, editor.graph, node, id, partner.node, other, editor.definitions);
    else connect(change, editor.graph, partner.node, other, node, id, editor.definitions);
  });
  const [from, to] = output ? [node, partner.node] : [partner.node, node];
  const titles = [from, to].map((each) => {
    const shape = model.nodes.get(each);
    return shape ? titleOf(shape) : each;
  });
  app.announcement = t("connect.made", { from: titles[0] ?? "", to: titles[1] ?? "" });
}
