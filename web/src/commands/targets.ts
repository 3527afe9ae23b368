/** What a command is about: what its menu was opened on, else what the pointer was over, else what is selected. */

import { groupHolds } from "../core/geometry";
import type { Group, LinkId, NodeId, SocketId } from "../core/types";
import { graphOf, selected, selectedNodes, type EditorContext } from "./command";

/** The links: one that is meant, else those between the selected nodes, else all of the only selected node. */
export function linksMeant(context: EditorContext): LinkId[] {
  const { links } = graphOf(context);
  const { target, editor } = context;
  const one = target?.kind === "link" ? target.id : target === undefined ? editor.hoveredLink : undefined;
  if (one !== undefined && links.has(one)) return [one];
  if (target !== undefined) return [];
  const chosen = new Set(selected(context));
  const touching = [...links.values()].filter((link) => (chosen.size > 1 ? chosen.has(link.from) && chosen.has(link.to) : chosen.has(link.from) || chosen.has(link.to)));
  return touching.map((link) => link.id);
}

/** The frame: one that is meant, else the smallest around the first selected node. */
export function groupMeant(context: EditorContext): Group | undefined {
  const { groups } = graphOf(context);
  const { target, view } = context;
  if (target !== undefined) return target.kind === "group" ? groups.get(target.id) : undefined;
  const hit = view?.hovered;
  if (hit?.kind === "group" || hit?.kind === "groupCorner") return groups.get(hit.id);
  const [node] = selectedNodes(context);
  const around = node ? [...groups.values()].filter((group) => groupHolds(group, node)) : [];
  return around.sort((a, b) => a.size[0] * a.size[1] - b.size[0] * b.size[1])[0];
}

/** The socket that is meant, without a socket the node whose sockets are. */
export function socketMeant(context: EditorContext): { readonly node: NodeId; readonly socket?: SocketId } | undefined {
  const { nodes } = graphOf(context);
  const { target, view } = context;
  if (target?.kind === "socket") return nodes.has(target.node) ? { node: target.node, socket: target.socket } : undefined;
  if (target?.kind === "node") return nodes.has(target.id) ? { node: target.id } : undefined;
  if (target !== undefined) return undefined;
  const hit = view?.hovered;
  if (hit?.kind === "socket" && nodes.has(hit.node)) return { node: hit.node, socket: hit.socket };
  const [node] = selected(context);
  return node === undefined ? undefined : { node };
}
