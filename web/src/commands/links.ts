/** Commands on wires: a bend, a node between, a tag instead, and none. */

import { distance, halfway } from "../canvas/curves";
import { legOf } from "../canvas/tools/bends";
import { pagePoint } from "../canvas/desk";
import { toScreen } from "../canvas/camera";
import { addReroute, disconnect, setLinksHidden } from "../core/edits";
import type { LinkId, Point } from "../core/types";
import { t } from "../ui/texts";
import { graphOf, inEditor, type Command, type EditorContext } from "./command";
import { linksMeant } from "./targets";

/** So near the pointer is on the wire. */
const REACH_PIXELS = 12;

const onLinks = (row: { id: string; label: string; keys?: readonly string[] }, run: (context: EditorContext, ids: readonly LinkId[]) => void): Command =>
  inEditor("Nodes", row, (context) => run(context, linksMeant(context)), (context) => linksMeant(context).length > 0);

/** Where a wire is bent or opened: where the pointer is on it, else in its middle. */
function placeOn({ view, editor, pointer }: EditorContext, id: LinkId): Point {
  const shape = view?.model.links.get(id);
  if (!view || !shape) return pointer.at;
  const points = view.model.points(shape);
  return distance(points, pointer.at) <= REACH_PIXELS / editor.camera.zoom ? pointer.at : halfway(points);
}

function bend(context: EditorContext, ids: readonly LinkId[]): void {
  const { editor, view } = context;
  if (!view) return;
  const places = ids.map((id) => [id, placeOn(context, id)] as const);
  editor.document.transact(t("command.link.reroute"), (change) => {
    for (const [id, at] of places) {
      const shape = view.model.links.get(id);
      if (shape) addReroute(change, editor.graph, id, [Math.round(at[0]), Math.round(at[1])], legOf(view.model, shape, at));
    }
  });
}

/** Opens the add-node box for what is to stand in a wire. */
function insert(context: EditorContext, [id]: readonly LinkId[]): void {
  const { app, view, editor } = context;
  if (id === undefined || !view) return;
  const at = placeOn(context, id);
  app.openAdd({ at: [at[0] - 120, at[1] - 40], screen: pagePoint(view.host, toScreen(editor.camera, at)), into: id });
}

/** Tags instead of wires, or wires again where all are tags. */
function hide(context: EditorContext, ids: readonly LinkId[]): void {
  const { editor } = context;
  const { links } = graphOf(context);
  const all = ids.every((id) => links.get(id)?.hidden);
  editor.document.transact(t(all ? "link.show" : "link.hide"), (change) => setLinksHidden(change, editor.graph, ids, !all));
}

export const LINKS: readonly Command[] = [
  onLinks({ id: "link.reroute", label: t("command.link.reroute") }, bend),
  onLinks({ id: "link.insert", label: t("command.link.insert") }, insert),
  onLinks({ id: "link.hide", label: t("command.link.hide"), keys: ["Shift+K"] }, hide),
  onLinks({ id: "link.delete", label: t("command.link.delete") }, ({ editor }, ids) =>
    editor.document.transact(t("edit.unlink"), (change) => disconnect(change, editor.graph, ids)),
  ),
];
