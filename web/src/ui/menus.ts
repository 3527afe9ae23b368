/** Which commands the context menus offer, in families; those that the table does not hold are left out. */

import type { MenuTarget } from "./state.svelte";

export const MENUS: Readonly<Record<MenuTarget["kind"], readonly (readonly string[])[]>> = {
  canvas: [
    ["edit.paste", "edit.pasteConnected", "edit.selectAll"],
    ["view.fit", "view.100"],
    ["arrange.tidy", "graph.leave"],
    ["run.all", "run.cancel"],
  ],
  node: [
    ["run.selection", "view.large"],
    ["node.bypass", "node.mute", "node.pin", "node.collapse"],
    ["edit.copy", "edit.duplicate", "edit.duplicateConnected"],
    ["node.connect", "node.swapInputs", "node.selectConnected", "arrange.tidy", "arrange.straighten"],
    ["node.frame", "node.subgraph", "graph.enter", "node.unpack"],
    ["edit.deleteHeal", "edit.delete"],
  ],
  link: [["link.reroute", "link.insert", "link.delete"], ["view.links"]],
  group: [["group.rename", "group.color", "group.fit", "group.delete"], ["run.selection"]],
  socket: [["socket.connect", "socket.promote", "socket.disconnect"]],
};
