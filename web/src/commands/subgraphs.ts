/** Subgraphs: make, enter, leave, unpack, name, reshape, and keep for other files. */

import { blueprintText } from "../core/blueprints";
import { formOf, repointForm } from "../core/form";
import { isBoundary } from "../core/ids";
import { promote, promotedAs, throughPorts } from "../core/promote";
import { makeSubgraph, renameSubgraph, unpackSubgraph } from "../core/subgraphs";
import { ROOT, type GraphId, type NodeId } from "../core/types";
import type { Transaction } from "../core/document";
import { keepSubgraph } from "../ui/subgraphs/kept.svelte";
import { t } from "../ui/texts";
import { always, graphOf, inEditor, onSelection, selectedNodes, type Command, type EditorContext } from "./command";

/** Puts the selected nodes into a subgraph; lines of the form go with their settings. */
function make({ editor }: EditorContext, ids: readonly NodeId[]): void {
  const title = t("graph.inner");
  let made: { readonly instance: NodeId; readonly graph: GraphId } | undefined;
  editor.document.transact(t("command.node.subgraph"), (change) => {
    made = makeSubgraph(change, editor.graph, ids, editor.definitions, { name: title });
    if (made && editor.graph === ROOT) takeFormIn(change, editor, new Set(ids), made.instance, made.graph);
  });
  if (made) editor.select([made.instance]);
}

function takeFormIn(change: Transaction, editor: EditorContext["editor"], ids: ReadonlySet<NodeId>, instance: NodeId, inner: GraphId): void {
  if (!formOf(change.state).some((item) => item.kind === "setting" && ids.has(item.node))) return;
  repointForm(change, ({ node, setting }) => {
    if (!ids.has(node)) return undefined;
    const shown = promote(change, inner, node, setting, editor.definitions) ?? promotedAs(change.state, inner, node, setting);
    return shown === undefined ? undefined : { node: instance, setting: shown };
  });
}

function unpack({ editor }: EditorContext, ids: readonly NodeId[]): void {
  const made: NodeId[] = [];
  editor.document.transact(t("command.node.unpack"), (change) => {
    for (const id of ids) made.push(...unpackOne(change, editor, id));
  });
  editor.select(made);
}

/** Unpacks an instance; lines of the form go on to the nodes that were inside. */
function unpackOne(change: Transaction, editor: EditorContext["editor"], id: NodeId): NodeId[] {
  const node = change.state.graphs.get(editor.graph)?.nodes.get(id);
  const inner = node && change.state.graphs.get(node.type);
  if (!node || !inner) return [];
  const within = throughPorts(change.state, inner.id, node);
  const before = [...inner.nodes.keys()].filter((each) => !isBoundary({ id: each }));
  const made = unpackSubgraph(change, editor.graph, id, editor.definitions);
  const moved = new Map(before.map((each, place) => [each, made[place]]));
  if (editor.graph === ROOT) {
    repointForm(change, (item) => {
      const inside = item.node === id ? within.get(item.setting) : undefined;
      const target = inside && moved.get(inside.node);
      return inside && target !== undefined ? { node: target, setting: inside.setting } : undefined;
    });
  }
  return made;
}

/** The only selected node, where it is an instance of a subgraph. */
function instanceOf(context: EditorContext): { readonly id: NodeId; readonly graph: GraphId } | undefined {
  const [node, second] = selectedNodes(context);
  return node && !second && node.type !== ROOT && context.editor.document.state.graphs.has(node.type) ? { id: node.id, graph: node.type } : undefined;
}

/** The subgraph that is meant: of the selected instance, else the shown one. */
function meant(context: EditorContext): GraphId | undefined {
  return instanceOf(context)?.graph ?? (context.editor.graph === ROOT ? undefined : context.editor.graph);
}

function enter(context: EditorContext): void {
  const found = instanceOf(context);
  if (found) context.editor.enterInstance(found.id);
}

function leave({ editor, view }: EditorContext): void {
  const instance = editor.leave();
  if (instance !== undefined) view?.reveal(instance);
}

function rename(context: EditorContext): void {
  const { app, editor } = context;
  const id = meant(context);
  const graph = id === undefined ? undefined : editor.document.state.graphs.get(id);
  if (!graph) return;
  app.asking = {
    label: t("subgraph.name"),
    value: graph.name,
    answer: (name) => name && editor.document.transact(t("command.subgraph.rename"), (change) => renameSubgraph(change, graph.id, name)),
  };
}

/** Asks for a name and keeps the subgraph on the server for every file. */
function keep(context: EditorContext): void {
  const { app, editor } = context;
  const found = instanceOf(context);
  const node = found && graphOf(context).nodes.get(found.id);
  if (!found || !node) return;
  app.asking = {
    label: t("subgraph.keepName"),
    value: node.title ?? editor.document.state.graphs.get(found.graph)?.name ?? "",
    answer: (name) => {
      const text = blueprintText(editor.document.state, editor.graph, found.id, editor.definitions, name);
      if (text !== undefined) void keepSubgraph(app, name, text);
    },
  };
}

const isInstance = (context: EditorContext): boolean => instanceOf(context) !== undefined;
const isMeant = (context: EditorContext): boolean => meant(context) !== undefined;

export const SUBGRAPHS: readonly Command[] = [
  onSelection("Nodes", { id: "node.subgraph", label: t("command.node.subgraph"), keys: ["Mod+Shift+G"] }, make),
  inEditor("Nodes", { id: "graph.enter", label: t("command.graph.enter"), keys: ["Enter"] }, enter, isInstance),
  inEditor("Nodes", { id: "graph.leave", label: t("command.graph.leave"), keys: ["Escape"] }, leave, ({ editor }) => editor.graph !== ROOT),
  inEditor("Nodes", { id: "node.unpack", label: t("command.node.unpack") }, (context) => unpack(context, selectedNodes(context).map((node) => node.id)), (context) =>
    selectedNodes(context).some((node) => node.type !== ROOT && context.editor.document.state.graphs.has(node.type)),
  ),
  inEditor("Nodes", { id: "subgraph.rename", label: t("command.subgraph.rename") }, rename, isMeant),
  inEditor("Nodes", { id: "subgraph.ports", label: t("command.subgraph.ports") }, (context) => void (context.app.form.ports = meant(context)), isMeant),
  inEditor("Nodes", { id: "subgraph.keep", label: t("command.subgraph.keep") }, keep, isInstance),
  always("Nodes", { id: "subgraph.kept", label: t("command.subgraph.kept") }, ({ app }) => void (app.form.keeping = true)),
];
