/** What the context menu offers for things that no command acts on: a link, a socket, a frame. */

import { disconnect, removeGroups, setGroup } from "../../core/edits";
import type { AppState, MenuRequest } from "../state.svelte";
import { t } from "../texts";
import { shownGraph, wires } from "./live.svelte";
import type { MenuEntry } from "./menu.svelte";

/** Entries that act on the target itself. */
export function targetEntries(app: AppState, { target, screen }: MenuRequest): MenuEntry[] {
  const editor = app.active?.editor;
  const graph = editor && shownGraph(editor);
  if (!editor || !graph) return [];
  const unlink = (ids: readonly string[]): void => editor.document.transact(t("edit.unlink"), (change) => disconnect(change, editor.graph, ids));
  if (target.kind === "link") return [{ label: t("edit.unlink"), icon: "trash", run: () => unlink([target.id]) }];
  if (target.kind === "socket") {
    const { into, outOf } = wires(graph, target.node);
    const link = into.get(target.socket);
    const ids = [...(link ? [link] : []), ...(outOf.get(target.socket) ?? [])].map((each) => each.id);
    return [
      { label: t("edit.unlinkAll"), icon: "trash", disabled: ids.length === 0, run: () => unlink(ids) },
      { label: t("add.title"), icon: "plus", run: () => app.openAdd({ at: placeBeside(app, screen), screen, from: { node: target.node, socket: target.socket } }) },
    ];
  }
  if (target.kind !== "group") return [];
  const rename = (title: string): void => editor.document.transact(t("edit.rename"), (change) => setGroup(change, editor.graph, target.id, { title }));
  return [
    { label: t("edit.rename"), icon: "note", run: () => (app.asking = { label: t("group.title"), value: graph.groups.get(target.id)?.title ?? "", at: screen, answer: rename }) },
    { label: t("group.remove"), icon: "trash", run: () => editor.document.transact(t("group.remove"), (change) => removeGroups(change, editor.graph, [target.id])) },
  ];
}

/** Where a node goes that is asked for at a place of the screen: a little to the right of it. */
function placeBeside(app: AppState, [x, y]: readonly [number, number]): readonly [number, number] {
  const host = document.getElementById("canvas")?.getBoundingClientRect();
  const camera = app.active?.editor.camera ?? { x: 0, y: 0, zoom: 1 };
  return [camera.x + (x - (host?.left ?? 0)) / camera.zoom + 64, camera.y + (y - (host?.top ?? 0)) / camera.zoom];
}
