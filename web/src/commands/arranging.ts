/** Where nodes stand: nudging, lining up, tidying. */

import { arranged } from "../core/arrange";
import { moveNodes, placeNodes } from "../core/edits";
import { GRID, layout } from "../core/geometry";
import { definitionOf } from "../core/instances";
import { adjacency } from "../core/order";
import type { GraphNode, NodeId, Point } from "../core/types";
import { t } from "../ui/texts";
import { graphOf, inEditor, onSelection, selectedNodes, type Command, type EditorContext } from "./command";

const FAR = 8;

type Direction = "left" | "right" | "up" | "down";
type Side = "left" | "right" | "top" | "bottom";

interface Box {
  readonly id: NodeId;
  readonly pos: Point;
  readonly width: number;
  readonly height: number;
}

function boxes(context: EditorContext): Box[] {
  const { editor } = context;
  return selectedNodes(context).filter((node) => !node.pinned).map((node) => boxOf(editor, node));
}

function boxOf(editor: EditorContext["editor"], node: GraphNode): Box {
  const { width, height } = layout(node, definitionOf(editor.document.state, editor.definitions, node.type, node));
  return { id: node.id, pos: node.pos, width, height };
}

function place({ editor }: EditorContext, label: string, places: ReadonlyMap<NodeId, Point>): void {
  editor.document.transact(label, (t) => placeNodes(t, editor.graph, places));
}

/** Sets one coordinate of each box. */
function line(context: EditorContext, label: string, to: (all: readonly Box[]) => (box: Box) => Point): void {
  const all = boxes(context);
  const where = to(all);
  place(context, label, new Map(all.map((box) => [box.id, where(box)])));
}

const least = (all: readonly Box[], of: (box: Box) => number): number => Math.min(...all.map(of));
const most = (all: readonly Box[], of: (box: Box) => number): number => Math.max(...all.map(of));

/** Equal gaps between boxes along one axis; the first and the last stay. */
export function distributed(all: readonly Box[], axis: 0 | 1): Map<NodeId, Point> {
  const size = (box: Box): number => (axis === 0 ? box.width : box.height);
  const row = [...all].sort((a, b) => a.pos[axis] - b.pos[axis]);
  const [first, last] = [row[0], row.at(-1)];
  const places = new Map<NodeId, Point>();
  if (!first || !last || row.length < 3) return places;
  const free = last.pos[axis] + size(last) - first.pos[axis] - row.reduce((sum, box) => sum + size(box), 0);
  let at = first.pos[axis];
  for (const box of row) {
    places.set(box.id, axis === 0 ? [at, box.pos[1]] : [box.pos[0], at]);
    at += size(box) + free / (row.length - 1);
  }
  return places;
}

/** Moves each selected node so that its first link from the left is level. */
function straighten(context: EditorContext): void {
  const { editor } = context;
  const graph = graphOf(context);
  const { into } = adjacency(graph);
  const chosen = new Set(selectedNodes(context).map((node) => node.id));
  const moved = new Map<NodeId, Point>();
  const socketY = (id: NodeId, socket: string, side: "inputs" | "outputs"): number | undefined => {
    const node = graph.nodes.get(id);
    if (!node) return undefined;
    const point = layout(node, definitionOf(editor.document.state, editor.definitions, node.type, node))[side].get(socket);
    return point && (moved.get(id)?.[1] ?? node.pos[1]) + point[1];
  };
  for (const node of selectedNodes(context).sort((a, b) => a.pos[0] - b.pos[0])) {
    const link = (into.get(node.id) ?? []).find((each) => chosen.has(each.from)) ?? (chosen.size === 1 ? into.get(node.id)?.[0] : undefined);
    const [from, to] = [link && socketY(link.from, link.fromSocket, "outputs"), link && socketY(link.to, link.toSocket, "inputs")];
    if (from !== undefined && to !== undefined && !node.pinned) moved.set(node.id, [node.pos[0], node.pos[1] + from - to]);
  }
  place(context, t("command.arrange.straighten"), moved);
}

function tidy(context: EditorContext): void {
  const { editor } = context;
  const ids = [...editor.selection];
  const types = { get: (type: string) => definitionOf(editor.document.state, editor.definitions, type) };
  place(context, t("command.arrange.tidy"), arranged(graphOf(context), types, ids.length > 1 ? ids : undefined));
}

const NUDGES: readonly [Direction, string, number, number][] = [
  ["left", "ArrowLeft", -1, 0],
  ["right", "ArrowRight", 1, 0],
  ["up", "ArrowUp", 0, -1],
  ["down", "ArrowDown", 0, 1],
];

function nudges(): Command[] {
  return NUDGES.flatMap(([word, key, x, y]) =>
    [1, FAR].map((count) =>
      onSelection("Arrange", { id: `arrange.nudge.${word}${count > 1 ? ".far" : ""}`, label: t(`command.arrange.nudge.${word}${count > 1 ? ".far" : ""}`), keys: [count > 1 ? `Shift+${key}` : key] }, ({ editor }, ids) => {
        const free = ids.filter((id) => !editor.document.graph(editor.graph).nodes.get(id)?.pinned);
        editor.document.transact(t("edit.nudge"), (edit) => moveNodes(edit, editor.graph, free, x * count * GRID, y * count * GRID));
      }),
    ),
  );
}

const align = (id: Side, to: (all: readonly Box[]) => (box: Box) => Point): Command => {
  const label = t(`command.arrange.align.${id}`);
  return onSelection("Arrange", { id: `arrange.align.${id}`, label }, (context) => line(context, label, to), 2);
};

export const ARRANGING: readonly Command[] = [
  inEditor("Arrange", { id: "arrange.tidy", label: t("command.arrange.tidy"), keys: ["L"] }, tidy),
  onSelection("Arrange", { id: "arrange.straighten", label: t("command.arrange.straighten"), keys: ["Q"] }, straighten),
  align("left", (all) => ({ pos }) => [least(all, (box) => box.pos[0]), pos[1]]),
  align("right", (all) => ({ pos, width }) => [most(all, (box) => box.pos[0] + box.width) - width, pos[1]]),
  align("top", (all) => ({ pos }) => [pos[0], least(all, (box) => box.pos[1])]),
  align("bottom", (all) => ({ pos, height }) => [pos[0], most(all, (box) => box.pos[1] + box.height) - height]),
  onSelection("Arrange", { id: "arrange.distribute.across", label: t("command.arrange.distribute.across") }, (context) => place(context, t("command.arrange.distribute.across"), distributed(boxes(context), 0)), 3),
  onSelection("Arrange", { id: "arrange.distribute.down", label: t("command.arrange.distribute.down") }, (context) => place(context, t("command.arrange.distribute.down"), distributed(boxes(context), 1)), 3),
  ...nudges(),
];
