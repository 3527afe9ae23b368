/** What a click on a model does. */

import { setValue } from "../../core/edits";
import { snapped } from "../../core/geometry";
import type { NodeId, Point } from "../../core/types";
import { newFile, type AppState } from "../state.svelte";
import { t } from "../texts";
import { middleOf } from "./actions";
import { holderOf, insertLoader, loaderOf } from "./loaders";

/** Between a panel and a new node, in pixels of the screen. */
const MARGIN = 24;

/** Sets the file in the chosen loader, or puts its loader into the graph. onto: the node that it was dropped on */
export function putModel(app: AppState, model: { readonly folder: string; readonly name: string }, where: { readonly at?: Point; readonly onto?: NodeId } = {}): void {
  const loader = loaderOf(model.folder, model.name, app.definitions);
  if (!loader) return app.notify(t("models.noLoader", { folder: model.folder }), "warning");
  const { editor } = app.active ?? newFile(app);
  const graph = editor.document.graph(editor.graph);
  const chosen = where.onto !== undefined ? [where.onto] : where.at ? [] : [...editor.selection].filter((id) => graph.nodes.has(id));
  const holder = holderOf(graph, chosen, loader);
  if (holder !== undefined) {
    editor.document.transact(t("edit.setting", { name: loader.setting }), (change) => setValue(change, editor.graph, holder, loader.setting, model.name));
    app.announcement = t("models.set", { title: loader.def.title, name: model.name });
    return;
  }
  const [x, y] = where.at ?? middleOf(editor);
  let id: NodeId = "";
  editor.document.transact(t("models.inserted", { title: loader.def.title }), (change) => {
    id = insertLoader(change, loader, model.name, {
      graph: editor.graph,
      definitions: editor.definitions,
      selection: chosen,
      at: [snapped(x), snapped(y)],
      dropped: where.at !== undefined,
    });
  });
  editor.select([id]);
  app.usedNode(loader.def.id);
  if (where.at === undefined) bringOut(app, id);
}

/** Shows a new node where no panel lies over it. */
function bringOut(app: AppState, id: NodeId): void {
  const { view, active } = app;
  view?.reveal(id);
  const node = active?.editor.document.graph(active.editor.graph).nodes.get(id);
  const panel = document.querySelector(".panel.left")?.getBoundingClientRect();
  if (!active || !node || !panel) return;
  const { camera } = active.editor;
  const least = camera.x + (panel.width + MARGIN) / camera.zoom;
  if (node.pos[0] < least) view?.flyTo({ ...camera, x: camera.x - (least - node.pos[0]) });
}
