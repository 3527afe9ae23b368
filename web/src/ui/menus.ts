/** Which commands the context menus offer, in families; those that the table does not hold are left out. */

import type { MenuTarget } from "./state.svelte";

export const MENUS: Readonly<Record<MenuTarget["kind"], readonly (readonly string[])[]>> = {
  canvas: [
    ["edit.paste", "edit.pasteConnected", "edit.selectAll"],
    ["view.fit", "view.100"],
    ["arrange.tidy", "graph.leave", "subgraph.ports"],
    ["run.all", "run.cancel"],
  ],
  node: [
    ["run.toNode", "run.selection", "run.onward", "run.why", "view.large", "mask.open"],
    ["node.bypass", "node.mute", "node.pin", "node.collapse"],
    ["edit.copy", "edit.duplicate", "edit.duplicateConnected"],
    ["socket.connect", "node.hideSockets", "socket.disconnect"],
    ["node.connect", "node.swapInputs", "node.selectConnected", "arrange.tidy", "arrange.straighten"],
    ["node.frame", "node.subgraph", "graph.enter", "node.unpack"],
    ["node.promote", "subgraph.rename", "subgraph.ports", "subgraph.keep"],
    ["edit.deleteHeal", "edit.delete"],
  ],
  link: [["link.reroute", "link.insert"], ["link.hide", "view.links"], ["link.delete"]],
  group: [["group.rename", "group.color"], ["group.fit", "group.select"], ["group.delete"]],
  socket: [["socket.connect", "socket.add"], ["socket.promote"], ["socket.disconnect"]],
};
