/** Where we look: fitting, zoom, bookmarks, walking along links, viewers. */

import { isFields } from "../core/entries";
import { isBoundary } from "../core/ids";
import { neighbours } from "../core/order";
import type { Camera, GraphNode, NodeId } from "../core/types";
import type { Picture } from "../ui/state.svelte";
import { keep, kept } from "../ui/memory";
import { t } from "../ui/texts";
import { graphOf, inEditor, onSelection, selectedNodes, type Command, type EditorContext } from "./command";

const ZOOM_STEP = 1.2;
const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const BOOKMARKS = "darkroom.bookmarks";

interface Bookmark {
  readonly graph: string;
  readonly camera: Camera;
}

/** Nodes of the shown graph in a direction; up and down go to the next one of the same column. */
function walk(context: EditorContext, direction: "left" | "right" | "up" | "down"): void {
  const { editor, view } = context;
  const graph = graphOf(context);
  const [from] = selectedNodes(context);
  const next = from ? nextNode(context, from, direction) : [...graph.nodes.keys()].find((id) => !isBoundary({ id }));
  if (next === undefined) return;
  editor.select([next]);
  view?.reveal(next);
  view?.focusNode(next);
}

function nextNode(context: EditorContext, from: GraphNode, direction: "left" | "right" | "up" | "down"): NodeId | undefined {
  const graph = graphOf(context);
  if (direction === "left") return neighbours(graph, from.id, "inputs")[0];
  if (direction === "right") return neighbours(graph, from.id, "outputs")[0];
  const sign = direction === "up" ? -1 : 1;
  let best: NodeId | undefined;
  let distance = Infinity;
  for (const node of graph.nodes.values()) {
    const down = (node.pos[1] - from.pos[1]) * sign;
    if (node.id === from.id || down <= 0) continue;
    const far = down + 2 * Math.abs(node.pos[0] - from.pos[0]);
    if (far < distance) [best, distance] = [node.id, far];
  }
  return best;
}

/** A view that was kept; undefined where there is none, or nothing that is a view. */
function bookmark(key: string): Bookmark | undefined {
  const marks = kept(BOOKMARKS);
  const found = Object.hasOwn(marks, key) ? marks[key] : undefined;
  if (!isFields(found) || typeof found["graph"] !== "string" || !isFields(found["camera"])) return undefined;
  const { x, y, zoom } = found["camera"];
  if (typeof x !== "number" || typeof y !== "number" || typeof zoom !== "number" || !(zoom > 0)) return undefined;
  return { graph: found["graph"], camera: { x, y, zoom } };
}

function setBookmark({ app, editor }: EditorContext, digit: number): void {
  const key = `${app.active?.name ?? ""}/${digit}`;
  const mark = { graph: editor.graph, camera: { ...editor.camera } };
  if (keep(BOOKMARKS, { ...kept(BOOKMARKS), [key]: mark })) app.notify(t("bookmark.kept", { digit }), "info");
  else app.notify(t("bookmark.notKept"), "warning");
}

function goToBookmark({ app, editor, view }: EditorContext, digit: number): void {
  const mark = bookmark(`${app.active?.name ?? ""}/${digit}`);
  if (!mark || !editor.document.state.graphs.has(mark.graph)) return app.notify(t("bookmark.none", { digit }), "info");
  editor.enter(mark.graph);
  view?.flyTo(mark.camera);
}

/** Pictures that a node shows after a run. */
export function picturesOf({ app, editor }: EditorContext, id: NodeId): Picture[] {
  const images = editor.shownRun(id).output?.["images"];
  const job = app.history.find((item) => item.pictures.some((picture) => picture.node === id))?.id ?? "";
  return (Array.isArray(images) ? images : []).flatMap((each) => {
    if (!isFields(each) || typeof each["filename"] !== "string") return [];
    const [subfolder, type] = [each["subfolder"], each["type"]];
    return [{ filename: each["filename"], subfolder: typeof subfolder === "string" ? subfolder : "", type: typeof type === "string" ? type : "output", job, node: id }];
  });
}

function viewLarge(context: EditorContext): void {
  const pictures = selectedNodes(context).flatMap((node) => picturesOf(context, node.id));
  if (pictures.length === 0) return context.app.notify(t("viewer.selectPicture"), "info");
  // Beside the graph the same key takes it away again.
  if (context.app.results.docked && context.app.viewing) context.app.closeViewer();
  else context.app.show(pictures, 0);
}

function showPinned({ app }: EditorContext, digit: number): void {
  const pictures = app.results.slots.get(digit);
  if (!pictures) return app.notify(t("viewer.nothingPinned", { digit }), "info");
  app.show(pictures, 0);
}

function pin(context: EditorContext, digit: number): void {
  const viewed = context.app.viewing;
  const chosen = selectedNodes(context).flatMap((node) => picturesOf(context, node.id));
  const pictures = chosen.length || !viewed ? chosen : viewed.pictures.slice(viewed.index, viewed.index + 1);
  if (pictures.length === 0) return context.app.notify(t("viewer.selectPicture"), "info");
  context.app.results.pin(digit, pictures);
  context.app.notify(t("viewer.pinned", { digit }), "ok");
}

const zoomBy = ({ editor, view }: EditorContext, factor: number): void => view?.zoomTo(editor.camera.zoom * factor);

const LINKS = ["all", "selected", "none"] as const;
const STYLES = ["curve", "straight", "orthogonal"] as const;

/** All links, those of selected nodes, none. */
function cycleLinks({ app, view }: EditorContext): void {
  if (!view) return;
  app.linksShown = after(LINKS, app.linksShown);
  app.remember();
  app.notify(t(`links.${app.linksShown}`), "info");
}

function after<T>(all: readonly T[], now: T): T {
  return all[(all.indexOf(now) + 1) % all.length] ?? now;
}

const WALKS: readonly [string, "left" | "right" | "up" | "down"][] = [
  ["ArrowLeft", "left"],
  ["ArrowRight", "right"],
  ["ArrowUp", "up"],
  ["ArrowDown", "down"],
];

export const LOOKING: readonly Command[] = [
  inEditor("View", { id: "view.fit", label: t("command.view.fit"), keys: ["Home"] }, ({ view }) => view?.fit()),
  onSelection("View", { id: "view.fitSelection", label: t("command.view.fitSelection"), keys: ["."] }, ({ view }, ids) => view?.fit(ids)),
  inEditor("View", { id: "view.100", label: t("command.view.100"), keys: ["Mod+0"] }, ({ view }) => view?.zoomTo(1)),
  inEditor("View", { id: "view.zoomIn", label: t("command.view.zoomIn"), keys: ["+", "="] }, (context) => zoomBy(context, ZOOM_STEP)),
  inEditor("View", { id: "view.zoomOut", label: t("command.view.zoomOut"), keys: ["-"] }, (context) => zoomBy(context, 1 / ZOOM_STEP)),
  inEditor("View", { id: "view.links", label: t("command.view.links"), keys: ["K"] }, cycleLinks),
  inEditor("View", { id: "view.linkStyle", label: t("command.view.linkStyle") }, ({ app }) => {
    app.linkStyle = after(STYLES, app.linkStyle);
    app.remember();
  }),
  inEditor("View", { id: "view.nextNode", label: t("command.view.nextNode"), keys: ["]"] }, ({ view }) => view?.focusNext(1)),
  inEditor("View", { id: "view.previousNode", label: t("command.view.previousNode"), keys: ["["] }, ({ view }) => view?.focusNext(-1)),
  ...WALKS.map(([key, direction]) => inEditor("View", { id: `view.walk.${direction}`, label: t(`command.view.walk.${direction}`), keys: [`Alt+${key}`] }, (context) => walk(context, direction))),
  ...DIGITS.map((digit) => inEditor("View", { id: `bookmark.go.${digit}`, label: t("command.bookmark.go", { digit }), keys: [`B ${digit}`] }, (context) => goToBookmark(context, digit))),
  ...DIGITS.map((digit) => inEditor("View", { id: `bookmark.set.${digit}`, label: t("command.bookmark.set", { digit }), keys: [`Shift+B ${digit}`] }, (context) => setBookmark(context, digit))),
  onSelection("View", { id: "view.large", label: t("command.view.large"), keys: ["V"] }, viewLarge),
  ...DIGITS.map((digit) => inEditor("View", { id: `viewer.show.${digit}`, label: t("command.viewer.show", { digit }), keys: [`${digit}`] }, (context) => showPinned(context, digit))),
  ...DIGITS.map((digit) => inEditor("View", { id: `viewer.pin.${digit}`, label: t("command.viewer.pin", { digit }), keys: [`Shift+${digit}`] }, (context) => pin(context, digit))),
];
