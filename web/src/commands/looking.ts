/** Where we look: fitting, zoom, bookmarks, walking along links, viewers. */

import { isFields } from "../core/entries";
import { isBoundary } from "../core/ids";
import { neighbours } from "../core/order";
import type { Camera, GraphNode, NodeId } from "../core/types";
import type { Picture } from "../ui/state.svelte";
import { graphOf, inEditor, onSelection, selectedNodes, type Command, type EditorContext } from "./command";

const ZOOM_STEP = 1.2;
const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const BOOKMARKS = "darkroom.bookmarks";

interface Bookmark {
  readonly graph: string;
  readonly camera: Camera;
}

/** Pictures pinned to digits; for this visit only. */
const pinned = new Map<number, readonly Picture[]>();

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

function bookmarks(): Record<string, Bookmark> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(BOOKMARKS) ?? "{}");
    return isFields(kept) ? (kept as unknown as Record<string, Bookmark>) : {};
  } catch {
    return {};
  }
}

function setBookmark({ app, editor }: EditorContext, digit: number): void {
  const key = `${app.active?.name ?? ""}/${digit}`;
  try {
    localStorage.setItem(BOOKMARKS, JSON.stringify({ ...bookmarks(), [key]: { graph: editor.graph, camera: editor.camera } }));
    app.notify(`This view is bookmark ${digit}.`, "info");
  } catch {
    app.notify("This browser keeps no bookmarks.", "warning");
  }
}

function goToBookmark({ app, editor, view }: EditorContext, digit: number): void {
  const mark = bookmarks()[`${app.active?.name ?? ""}/${digit}`];
  if (!mark || !editor.document.state.graphs.has(mark.graph)) return app.notify(`There is no bookmark ${digit} yet: press Shift+B, then ${digit}.`, "info");
  editor.enter(mark.graph);
  view?.flyTo(mark.camera);
}

/** Pictures that a node shows after a run. */
export function picturesOf({ app, editor }: EditorContext, id: NodeId): Picture[] {
  const images = editor.run(id).output?.["images"];
  const job = app.history.find((item) => item.pictures.some((picture) => picture.node === id))?.id ?? "";
  return (Array.isArray(images) ? images : []).flatMap((each) => {
    if (!isFields(each) || typeof each["filename"] !== "string") return [];
    const [subfolder, type] = [each["subfolder"], each["type"]];
    return [{ filename: each["filename"], subfolder: typeof subfolder === "string" ? subfolder : "", type: typeof type === "string" ? type : "output", job, node: id }];
  });
}

function viewLarge(context: EditorContext): void {
  const pictures = selectedNodes(context).flatMap((node) => picturesOf(context, node.id));
  if (pictures.length === 0) return context.app.notify("Select a node that shows a picture.", "info");
  context.app.viewing = { pictures, index: 0 };
  context.app.overlay = "viewer";
}

function showPinned({ app }: EditorContext, digit: number): void {
  const pictures = pinned.get(digit);
  if (!pictures) return app.notify(`Nothing is pinned to ${digit}: select a node with a picture and press Shift+${digit}.`, "info");
  app.viewing = { pictures, index: 0 };
  app.overlay = "viewer";
}

function pin(context: EditorContext, digit: number): void {
  const pictures = selectedNodes(context).flatMap((node) => picturesOf(context, node.id));
  if (pictures.length === 0) return context.app.notify("Select a node that shows a picture.", "info");
  pinned.set(digit, pictures);
  context.app.notify(`Pinned to ${digit}.`, "ok");
}

const zoomBy = ({ editor, view }: EditorContext, factor: number): void => view?.zoomTo(editor.camera.zoom * factor);

const LINKS = ["all", "selected", "none"] as const;
const STYLES = ["curve", "straight", "orthogonal"] as const;
const LINK_WORDS = { all: "All links are shown.", selected: "Links of selected nodes are shown.", none: "Links are hidden." } as const;

/** All links, those of selected nodes, none. */
function cycleLinks({ app, view }: EditorContext): void {
  if (!view) return;
  view.linksShown = after(LINKS, view.linksShown);
  app.notify(LINK_WORDS[view.linksShown], "info");
}

function after<T>(all: readonly T[], now: T): T {
  return all[(all.indexOf(now) + 1) % all.length] ?? now;
}

const WALKS: readonly [string, "left" | "right" | "up" | "down", string][] = [
  ["ArrowLeft", "left", "Go to the node before"],
  ["ArrowRight", "right", "Go to the node after"],
  ["ArrowUp", "up", "Go to the node above"],
  ["ArrowDown", "down", "Go to the node below"],
];

export const LOOKING: readonly Command[] = [
  inEditor("View", { id: "view.fit", label: "Fit all", keys: ["Home"] }, ({ view }) => view?.fit()),
  onSelection("View", { id: "view.fitSelection", label: "Fit selection", keys: ["."] }, ({ view }, ids) => view?.fit(ids)),
  inEditor("View", { id: "view.100", label: "Zoom to 100 %", keys: ["Mod+0"] }, ({ view }) => view?.zoomTo(1)),
  inEditor("View", { id: "view.zoomIn", label: "Zoom in", keys: ["+", "="] }, (context) => zoomBy(context, ZOOM_STEP)),
  inEditor("View", { id: "view.zoomOut", label: "Zoom out", keys: ["-"] }, (context) => zoomBy(context, 1 / ZOOM_STEP)),
  inEditor("View", { id: "view.links", label: "Links: all, of selected nodes, none", keys: ["K"] }, cycleLinks),
  inEditor("View", { id: "view.linkStyle", label: "Links: curved, straight, angled" }, ({ view }) => {
    if (view) view.linkStyle = after(STYLES, view.linkStyle);
  }),
  inEditor("View", { id: "view.nextNode", label: "Next node", keys: ["]"] }, ({ view }) => view?.focusNext(1)),
  inEditor("View", { id: "view.previousNode", label: "Node before", keys: ["["] }, ({ view }) => view?.focusNext(-1)),
  ...WALKS.map(([key, direction, label]) => inEditor("View", { id: `view.walk.${direction}`, label, keys: [`Alt+${key}`] }, (context) => walk(context, direction))),
  ...DIGITS.map((digit) => inEditor("View", { id: `bookmark.go.${digit}`, label: `Go to bookmark ${digit}`, keys: [`B ${digit}`] }, (context) => goToBookmark(context, digit))),
  ...DIGITS.map((digit) => inEditor("View", { id: `bookmark.set.${digit}`, label: `Set bookmark ${digit}`, keys: [`Shift+B ${digit}`] }, (context) => setBookmark(context, digit))),
  onSelection("View", { id: "view.large", label: "View this output large", keys: ["V"] }, viewLarge),
  ...DIGITS.map((digit) => inEditor("View", { id: `viewer.show.${digit}`, label: `Show viewer ${digit}`, keys: [`${digit}`] }, (context) => showPinned(context, digit))),
  ...DIGITS.map((digit) => onSelection("View", { id: `viewer.pin.${digit}`, label: `Pin to viewer ${digit}`, keys: [`Shift+${digit}`] }, (context) => pin(context, digit))),
];
