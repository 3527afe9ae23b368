/** Commands on sockets: a wire by lists, none, and the way out of a subgraph. */

import { connect, disconnect, setUnusedHidden } from "../core/edits";
import { INPUT_NODE, isBoundary, OUTPUT_NODE } from "../core/ids";
import { hiddenSockets } from "../core/geometry";
import { addPort } from "../core/promote";
import { ROOT, type LinkId } from "../core/types";
import { openConnector } from "../ui/connecting";
import { togglePromoted } from "../ui/form/promoting";
import { t } from "../ui/texts";
import { graphOf, inEditor, onSelection, selectedNodes, type Command, type EditorContext } from "./command";
import { socketMeant } from "./targets";

function startWiring(context: EditorContext): void {
  const meant = socketMeant(context);
  if (meant) openConnector(context.app, meant.node, meant.socket === undefined ? undefined : context.pointer.screen, meant.socket);
}

/** The links of the socket, or of the whole node. */
function linksThere(context: EditorContext): LinkId[] {
  const meant = socketMeant(context);
  if (!meant) return [];
  const { node, socket } = meant;
  const at = (id: string, end: string): boolean => id === node && (socket === undefined || end === socket);
  return [...graphOf(context).links.values()].filter((link) => at(link.from, link.fromSocket) || at(link.to, link.toSocket)).map((link) => link.id);
}

/** What can be shown outside: a setting, or a socket of a node inside of a subgraph. */
function promotable(context: EditorContext): { readonly node: string; readonly id: string; readonly name: string; readonly type: string; readonly output: boolean; readonly setting: boolean } | undefined {
  const meant = socketMeant(context);
  const found = meant?.socket === undefined ? undefined : context.view?.model.socket(meant.node, meant.socket);
  if (!meant || !found || isBoundary({ id: meant.node })) return undefined;
  const { socket, output } = found;
  const setting = !output && socket.widget !== undefined;
  if (!setting && context.editor.graph === ROOT) return undefined;
  return { node: meant.node, id: socket.id, name: socket.widget ?? socket.name, type: socket.type, output, setting };
}

function promote(context: EditorContext): void {
  const { app, editor } = context;
  const found = promotable(context);
  if (!found) return;
  const { node, id, name, type, output } = found;
  if (found.setting) return togglePromoted(app, editor, node, name);
  editor.document.transact(t("command.socket.promote"), (change) => {
    const port = addPort(change, editor.graph, output ? "output" : "input", name, type);
    if (port === undefined) return;
    if (output) connect(change, editor.graph, node, id, OUTPUT_NODE, port, editor.definitions);
    else connect(change, editor.graph, INPUT_NODE, port, node, id, editor.definitions);
  });
  app.notify(t("sockets.promoted", { name }));
}

/** Adds a node that fits the socket. */
function addFor({ app, pointer, target }: EditorContext): void {
  if (target?.kind !== "socket") return;
  app.openAdd({ at: [pointer.at[0] + 64, pointer.at[1]], screen: pointer.screen, from: { node: target.node, socket: target.socket } });
}

export const SOCKETS: readonly Command[] = [
  inEditor("Nodes", { id: "socket.connect", label: t("command.socket.connect"), keys: ["C"] }, startWiring, (context) => socketMeant(context) !== undefined),
  inEditor("Nodes", { id: "socket.add", label: t("command.socket.add") }, addFor, ({ target }) => target?.kind === "socket"),
  inEditor("Nodes", { id: "socket.promote", label: t("command.socket.promote") }, promote, (context) => promotable(context) !== undefined),
  inEditor(
    "Nodes",
    { id: "socket.disconnect", label: t("command.socket.disconnect") },
    (context) => {
      const links = linksThere(context);
      context.editor.document.transact(t("edit.unlinkAll"), (change) => disconnect(change, context.editor.graph, links));
    },
    (context) => linksThere(context).length > 0,
  ),
  onSelection("Nodes", { id: "node.hideSockets", label: t("command.node.hideSockets"), keys: ["H"] }, (context, ids) => {
    const { editor } = context;
    const hidden = selectedNodes(context).some((node) => hiddenSockets(node).length > 0);
    editor.document.transact(t("command.node.hideSockets"), (change) => setUnusedHidden(change, editor.graph, ids, !hidden, editor.definitions));
  }),
];
