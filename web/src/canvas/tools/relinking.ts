/** All links of one socket at once: Mod and drag moves them to another socket, Alt and a click breaks them. */

import { disconnect, moveLinks } from "../../core/edits";
import { fits } from "../../core/match";
import type { Link, NodeId, Point, SocketId } from "../../core/types";
import { t as text } from "../../ui/texts";
import { paintWire } from "../paint/links";
import { CLICK_PIXELS, clicking, type Desk, type Gesture, type GestureKind } from "./tool";

export const breaking: GestureKind = {
  name: "break links",
  wants: ({ button, hit, alt }) => button === 0 && alt && hit.kind === "socket",
  begin: (press, desk) =>
    clicking("break links", () => {
      const links = press.hit.kind === "socket" ? desk.model.linksAt(press.hit.node, press.hit.socket) : [];
      desk.edit(text("gesture.edit.breakLinks"), (t, graph) => disconnect(t, graph, links.map((link) => link.id)));
    }),
};

export const relinking: GestureKind = {
  name: "move links",
  wants: ({ button, hit, mod }) => button === 0 && mod && hit.kind === "socket",
  begin(press, desk): Gesture {
    const [node, socket, output] = press.hit.kind === "socket" ? [press.hit.node, press.hit.socket, press.hit.output] : ["", "", false];
    const links = desk.model.linksAt(node, socket);
    let end: Point = press.graph;
    let target: { node: NodeId; socket: SocketId } | undefined;
    const finish = (): void => {
      desk.lift({});
      desk.hint(undefined);
    };
    return {
      name: "move links",
      cursor: "grabbing",
      move(pointer) {
        if (pointer.travelled < CLICK_PIXELS) return;
        if (end === press.graph) desk.lift({ links: new Set(links.map((link) => link.id)) });
        const hit = desk.pick(pointer.graph, pointer.touch);
        const same = hit.kind === "socket" && hit.output === output ? hit : undefined;
        target = same !== undefined && links.every((link) => takes(desk, link, same.node, same.socket, output)) ? same : undefined;
        desk.hint(same !== undefined && target === undefined ? text("canvas.notAll") : undefined, pointer.screen);
        end = (target && desk.model.socketPoint(target.node, target.socket)) ?? pointer.graph;
        desk.redraw();
      },
      release() {
        finish();
        const to = target;
        if (to === undefined) return;
        const side = output ? "output" : "input";
        desk.edit(text("gesture.edit.moveLinks"), (t, graph) => {
          moveLinks(t, graph, side, node, socket, to.node, to.socket, desk.editor.definitions);
        });
      },
      cancel: finish,
      paint(brush) {
        for (const link of links) {
          const other = output ? desk.model.socketPoint(link.to, link.toSocket) : desk.model.socketPoint(link.from, link.fromSocket);
          if (other !== undefined) paintWire(brush, output ? [end, other] : [other, end], brush.theme.socket(link.type), 3);
        }
      },
    };
  },
};

/** Whether a link could have this socket as its new end. */
function takes(desk: Desk, link: Link, node: NodeId, socket: SocketId, output: boolean): boolean {
  const type = desk.model.socket(node, socket)?.socket.type ?? "";
  const other = output ? desk.model.socket(link.to, link.toSocket) : desk.model.socket(link.from, link.fromSocket);
  const otherType = other?.socket.type ?? link.type;
  return (output ? link.to : link.from) !== node && (output ? fits(type, otherType) : fits(otherType, type));
}
