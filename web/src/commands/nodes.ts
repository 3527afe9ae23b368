/** Commands on selected nodes: modes, looks, wires, frames and subgraphs. */

import { addGroup, connectSelected, setCollapsed, setMode, setPinned, swapInputs } from "../core/edits";
import { boundsOf } from "../core/geometry";
import { isBoundary } from "../core/ids";
import { makeSubgraph, unpackSubgraph } from "../core/subgraphs";
import { ROOT, type GraphId, type Mode, type NodeId } from "../core/types";
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
  editor.document.transact("Frame", (t) => {
    const pos = [box.x - FRAME_PADDING, box.y - FRAME_HEADER] as const;
    addGroup(t, editor.graph, "Group", pos, [box.width + 2 * FRAME_PADDING, box.height + FRAME_HEADER + FRAME_PADDING]);
  });
}

function subgraph({ editor }: EditorContext, ids: readonly NodeId[]): void {
  let made: { readonly instance: NodeId } | undefined;
  editor.document.transact("Make subgraph", (t) => {
    made = makeSubgraph(t, editor.graph, ids, editor.definitions);
  });
  if (made) editor.select([made.instance]);
}

/** The subgraph of the only selected node, where it is an instance of one. */
function enterable(context: EditorContext): GraphId | undefined {
  const [node, second] = selectedNodes(context);
  return node && !second && context.editor.document.state.graphs.has(node.type) ? node.type : undefined;
}

function enter(context: EditorContext): void {
  const id = enterable(context);
  if (id === undefined) return;
  context.editor.enter(id);
  context.view?.fit();
}

/** One level out: to the first graph that has an instance of the shown one. */
function leave({ editor, view }: EditorContext): void {
  const inner = editor.graph;
  for (const graph of editor.document.state.graphs.values()) {
    const instance = [...graph.nodes.values()].find((node) => node.type === inner);
    if (!instance || graph.id === inner) continue;
    editor.enter(graph.id);
    editor.select([instance.id]);
    view?.reveal(instance.id);
    return;
  }
  editor.enter(ROOT);
}

function unpack(context: EditorContext, ids: readonly NodeId[]): void {
  const { editor } = context;
  const made: NodeId[] = [];
  editor.document.transact("Unpack subgraph", (t) => {
    for (const id of ids) made.push(...unpackSubgraph(t, editor.graph, id, editor.definitions));
  });
  editor.select(made);
}

/** Opens the add-node box where the mouse is. */
function addAtPointer({ app, pointer }: Context): void {
  app.openAdd(pointer);
}

export const NODES: readonly Command[] = [
  inEditor("Nodes", { id: "node.add", label: "Add node", keys: ["Tab"] }, addAtPointer),
  onSelection("Nodes", { id: "node.bypass", label: "Bypass", keys: ["Mod+B"] }, (context, ids) => mode(context, ids, 4, "Bypass")),
  onSelection("Nodes", { id: "node.mute", label: "Mute", keys: ["M", "Ctrl+M"] }, (context, ids) => mode(context, ids, 2, "Mute")),
  onSelection("Nodes", { id: "node.pin", label: "Pin", keys: ["P"] }, ({ editor, ...context }, ids) => {
    const all = selectedNodes({ ...context, editor }).every((node) => node.pinned);
    editor.document.transact(all ? "Unpin" : "Pin", (t) => setPinned(t, editor.graph, ids, !all));
  }),
  onSelection("Nodes", { id: "node.collapse", label: "Collapse", keys: ["Alt+C"] }, (context, ids) => {
    const all = selectedNodes(context).every((node) => node.collapsed);
    context.editor.document.transact(all ? "Expand" : "Collapse", (t) => setCollapsed(t, context.editor.graph, ids, !all));
  }),
  onSelection("Nodes", { id: "node.connect", label: "Connect in order of selection", keys: ["F"] }, ({ editor, app }, ids) => {
    let made = 0;
    editor.document.transact("Connect", (t) => {
      made = connectSelected(t, editor.graph, ids, editor.definitions);
    });
    if (made === 0) app.notify("No outputs and free inputs of these nodes fit each other.", "info");
  }, 2),
  onSelection("Nodes", { id: "node.swapInputs", label: "Swap the two inputs", keys: ["Alt+S"] }, ({ editor }, ids) => {
    editor.document.transact("Swap inputs", (t) => ids.forEach((id) => swapInputs(t, editor.graph, id)));
  }),
  onSelection("Nodes", { id: "node.frame", label: "Frame", keys: ["Mod+G"] }, frame),
  onSelection("Nodes", { id: "node.subgraph", label: "Make subgraph", keys: ["Mod+Shift+G"] }, subgraph),
  inEditor("Nodes", { id: "graph.enter", label: "Enter subgraph", keys: ["Enter"] }, enter, (context) => enterable(context) !== undefined),
  inEditor("Nodes", { id: "graph.leave", label: "Leave subgraph", keys: ["Escape"] }, leave, ({ editor }) => editor.graph !== ROOT),
  onSelection("Nodes", { id: "node.unpack", label: "Unpack subgraph" }, unpack),
  inEditor("Nodes", { id: "node.selectConnected", label: "Select connected nodes" }, (context) => {
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
