/** What a command is: one row of the table that menus, palette, keys, the shortcut sheet and tests read. */

import type { CanvasView } from "../canvas/view";
import type { Editor } from "../core/editor";
import type { Graph, GraphNode, NodeId, Point } from "../core/types";
import type { AppState, MenuTarget } from "../ui/state.svelte";

export interface Context {
  readonly app: AppState;
  readonly editor: Editor | undefined;
  readonly view: CanvasView | undefined;
  /** Where the mouse is, or was last, in screen and graph coordinates. */
  readonly pointer: { readonly screen: Point; readonly at: Point };
  /** What the menu was opened on from which the command was chosen. */
  readonly target?: MenuTarget;
}

/** A context with a file open. */
export interface EditorContext extends Context {
  readonly editor: Editor;
}

export type CommandGroup = "Edit" | "Nodes" | "Arrange" | "View" | "Run" | "File" | "Panels" | "Mask";

export interface Command {
  /** Stable: menus, remapped keys and tests name it. */
  readonly id: string;
  readonly label: string;
  readonly group: CommandGroup;
  /** Key strokes such as "Mod+Shift+Z", "Alt+ArrowLeft", or two in a row: "B 1". */
  readonly keys: readonly string[];
  when(context: Context): boolean;
  run(context: Context): void | Promise<void>;
}

interface Row {
  readonly id: string;
  readonly label: string;
  readonly keys?: readonly string[];
}

/** A command that is always there. */
export function always(group: CommandGroup, row: Row, run: (context: Context) => void | Promise<void>): Command {
  return { ...row, group, keys: row.keys ?? [], when: () => true, run };
}

/** A command that needs an open file. */
export function inEditor(
  group: CommandGroup,
  row: Row,
  run: (context: EditorContext) => void | Promise<void>,
  when: (context: EditorContext) => boolean = () => true,
): Command {
  return {
    ...row,
    group,
    keys: row.keys ?? [],
    when: (context) => hasEditor(context) && when(context),
    run: (context) => (hasEditor(context) ? run(context) : undefined),
  };
}

/** A command for selected nodes. */
export function onSelection(
  group: CommandGroup,
  row: Row,
  run: (context: EditorContext, ids: readonly NodeId[]) => void | Promise<void>,
  least = 1,
): Command {
  return inEditor(group, row, (context) => run(context, selected(context)), (context) => selected(context).length >= least);
}

/** The graph that is shown. */
export function graphOf(context: EditorContext): Graph {
  return context.editor.document.graph(context.editor.graph);
}

/** The selected nodes that are in the shown graph, in the order in which they were selected. */
export function selected(context: EditorContext): NodeId[] {
  const { nodes } = graphOf(context);
  return [...context.editor.selection].filter((id) => nodes.has(id));
}

/** The selected nodes themselves. */
export function selectedNodes(context: EditorContext): GraphNode[] {
  const { nodes } = graphOf(context);
  return selected(context).flatMap((id) => nodes.get(id) ?? []);
}

function hasEditor(context: Context): context is EditorContext {
  return context.editor !== undefined;
}
