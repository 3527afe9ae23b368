/** Commands on selected nodes: modes, looks, wires, frames and subgraphs. */

import { addGroup, connectSelected, setCollapsed, setMode, setPinned, swapInputs } from "../core/edits";
import { boundsOf } from "../core/geometry";
import { isBoundary } from "../core/ids";
import type { Mode, NodeId } from "../core/types";
import { t } from "../ui/texts";
import { graphOf, inEditor, onSelection, selectedNodes, type Command, type Context, type EditorContext } from "./command";

const FRAME_PADDING = 24;
const FRAME_HEADER = 40;

function mode(context: EditorContext, ids: readonly NodeId[], wanted: Mode, label: string): void {
  const { editor } = context;
  editor.document.transact(label, (t) => setMode(t, editor.graph, ids, wanted, { toggle: true }));
}

function frame(context: EditorContext): void {
  const { editor } = context;
  const box = boundsOf(selectedNodes(context), (type) => editor.definitions.get(type));
  if (!box) return;
  const title = t("frame.fresh");
  editor.document.transact(t("command.node.frame"), (t) => {
    const pos = [box.x - FRAME_PADDING, box.y - FRAME_HEADER] as const;
    addGroup(t, editor.graph, title, pos, [box.width + 2 * FRAME_PADDING, box.height + FRAME_HEADER + FRAME_PADDING]);
  });
}

const SETTING = "input, textarea, [role=spinbutton], .row button";

/** Gives the keyboard to the first setting of the only selected node; Tab goes on, Escape comes back. */
function enterSettings(context: EditorContext): void {
  const [node] = selectedNodes(context);
  if (!node || !context.view) return;
  context.view.focusNode(node.id);
  const all = context.view.layer.element(node.id)?.querySelectorAll<HTMLElement>(SETTING) ?? [];
  [...all].find((each) => each.tabIndex >= 0)?.focus({ preventScroll: true });
}

/** Opens the add-node box where the mouse is. */
function addAtPointer({ app, pointer }: Context): void {
  app.openAdd(pointer);
}

export const NODES: readonly Command[] = [
  inEditor("Nodes", { id: "node.settings", label: t("command.node.settings"), keys: ["F2"] }, enterSettings, (context) => selectedNodes(context).length === 1),
  inEditor("Nodes", { id: "node.add", label: t("command.node.add"), keys: ["Tab"] }, addAtPointer),
  onSelection("Nodes", { id: "node.bypass", label: t("command.node.bypass"), keys: ["Mod+B"] }, (context, ids) => mode(context, ids, 4, t("command.node.bypass"))),
  onSelection("Nodes", { id: "node.mute", label: t("command.node.mute"), keys: ["M", "Ctrl+M"] }, (context, ids) => mode(context, ids, 2, t("command.node.mute"))),
  onSelection("Nodes", { id: "node.pin", label: t("command.node.pin"), keys: ["P"] }, ({ editor, ...context }, ids) => {
    const all = selectedNodes({ ...context, editor }).every((node) => node.pinned);
    editor.document.transact(t(all ? "edit.unpin" : "command.node.pin"), (t) => setPinned(t, editor.graph, ids, !all));
  }),
  onSelection("Nodes", { id: "node.collapse", label: t("command.node.collapse"), keys: ["Alt+C"] }, (context, ids) => {
    const all = selectedNodes(context).every((node) => node.collapsed);
    context.editor.document.transact(t(all ? "edit.expand" : "command.node.collapse"), (t) => setCollapsed(t, context.editor.graph, ids, !all));
  }),
  onSelection("Nodes", { id: "node.connect", label: t("command.node.connect"), keys: ["F"] }, ({ editor, app }, ids) => {
    let made = 0;
    editor.document.transact(t("edit.connect"), (t) => {
      made = connectSelected(t, editor.graph, ids, editor.definitions);
    });
    if (made === 0) app.notify(t("connect.nothingFits"), "info");
  }, 2),
  onSelection("Nodes", { id: "node.swapInputs", label: t("command.node.swapInputs"), keys: ["Alt+S"] }, ({ editor }, ids) => {
    editor.document.transact(t("command.node.swapInputs"), (t) => ids.forEach((id) => swapInputs(t, editor.graph, id)));
  }),
  onSelection("Nodes", { id: "node.frame", label: t("command.node.frame"), keys: ["Mod+G"] }, frame),
  inEditor("Nodes", { id: "node.selectConnected", label: t("command.node.selectConnected") }, (context) => {
    const { links } = graphOf(context);
    const found = new Set(context.editor.selection);
    for (let size = -1; size !== found.size; ) {
      size = found.size;
      for (const link of links.values()) {
        if (found.has(link.from) || found.has(link.to)) for (const id of [link.from, link.to]) if (!isBoundary({ id })) found.add(id);
      }
    }
    context.editor.select(found);
  }, ({ editor }) => editor.selection.size > 0),
];
