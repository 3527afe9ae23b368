/** Where everything of a node is, worked out from its type and its values alone: nothing is measured. */

import { inputsOf, isDrawn, outputsOfNode } from "./schema";
import type { GraphNode, Group, NodeDef, Point, Size, Socket, SocketId, WidgetDef } from "./types";
import { widgetsFor } from "./widgets";

/** Pixels at 100 %. */
export const GRID = 8;
export const HEADER = 28;
export const ROW = 24;
/** Rows of imported nodes shrink to this before the node grows: dense files stay dense. */
export const TIGHT_ROW = 20;
export const PADDING = 8;
export const WIDTH = 240;
export const LEAST_WIDTH = 96;
export const LONG_TEXT = 96;
export const PREVIEW = 200;
/** What is left of an imported height counts as room for a picture from here on. */
export const LEAST_PREVIEW = 48;
export const COLLAPSED_WIDTH = 160;

/** One row of a node: sockets left and right, a setting, or the picture below. */
export interface NodeRow {
  readonly kind: "sockets" | "widget" | "preview";
  /** Below the node's top edge. */
  readonly y: number;
  readonly height: number;
  readonly input?: Socket;
  readonly output?: Socket;
  readonly widget?: WidgetDef;
  /** The control of the seed in this row. */
  readonly control?: WidgetDef;
}

/** Sizes and points of one node, relative to its `pos`, which is the top left corner of its header. */
export interface NodeLayout {
  readonly width: number;
  readonly height: number;
  readonly rows: readonly NodeRow[];
  readonly inputs: ReadonlyMap<SocketId, Point>;
  readonly outputs: ReadonlyMap<SocketId, Point>;
}

/** A cubic from `from` to `to`. */
export interface Curve {
  readonly from: Point;
  readonly out: Point;
  readonly in: Point;
  readonly to: Point;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const layouts = new WeakMap<GraphNode, { def: NodeDef | undefined; preview: boolean; layout: NodeLayout }>();

/**
 * The layout of a node, kept for as long as the node's value is the same.
 *
 * preview: whether there is a row for a picture; without it, where the type makes or shows pictures
 */
export function layout(node: GraphNode, def: NodeDef | undefined, preview: boolean = showsPictures(def)): NodeLayout {
  const known = layouts.get(node);
  if (known && known.def === def && known.preview === preview) return known.layout;
  const made = isBend(node) ? bend(node) : node.collapsed ? collapsed(node, def) : expanded(node, def, preview);
  layouts.set(node, { def, preview, layout: made });
  return made;
}

/** The property in which a node keeps the sockets that are not shown. */
export const HIDDEN = "hidden_sockets";

/** The sockets of a node that are not shown. */
export function hiddenSockets(node: GraphNode): SocketId[] {
  const listed = node.properties[HIDDEN];
  return Array.isArray(listed) ? listed.filter((each) => typeof each === "string") : [];
}

/** Whether a node type has room for a picture from the start. */
export function showsPictures(def: NodeDef | undefined): boolean {
  if (!def) return false;
  if (def.widgets.some((each) => each.kind === "image")) return true;
  return def.isOutput && def.inputs.some((each) => /^(IMAGE|MASK|VIDEO|LATENT)$/.test(each.type));
}

function isBend(node: GraphNode): boolean {
  return node.type === "Reroute" && node.inputs.length === 1 && node.outputs.length === 1;
}

/** A reroute node is a small box without a header. */
function bend(node: GraphNode): NodeLayout {
  const width = Math.max(node.size[0], 40);
  const height = Math.max(node.size[1], ROW);
  const middle = height / 2;
  return {
    width,
    height,
    rows: [],
    inputs: new Map(node.inputs.map((each) => [each.id, [0, middle]])),
    outputs: new Map(node.outputs.map((each) => [each.id, [width, middle]])),
  };
}

function collapsed(node: GraphNode, def: NodeDef | undefined): NodeLayout {
  const width = Math.min(Math.max(node.size[0], LEAST_WIDTH) || COLLAPSED_WIDTH, COLLAPSED_WIDTH);
  const middle = HEADER / 2;
  const widgets = def ? widgetsFor(def, node.values) : [];
  return {
    width,
    height: HEADER,
    rows: [],
    inputs: new Map(inputsOf(node, def, widgets).map((each) => [each.id, [0, middle]])),
    outputs: new Map(outputsOfNode(node, def).map((each) => [each.id, [width, middle]])),
  };
}

interface Wish {
  readonly row: Omit<NodeRow, "y" | "height">;
  readonly least: number;
  readonly usual: number;
  readonly grows: boolean;
}

function expanded(node: GraphNode, def: NodeDef | undefined, preview: boolean): NodeLayout {
  const wishes = wishesOf(node, def, preview);
  const width = node.size[0] > 0 ? Math.max(node.size[0], LEAST_WIDTH) : WIDTH;
  const fixed = HEADER + (wishes.length ? PADDING : 0);
  const usual = fixed + sum(wishes, (each) => each.usual);
  const least = fixed + sum(wishes, (each) => each.least);
  const height = node.size[1] > 0 ? Math.max(node.size[1], least) : usual;
  const heights = shared(wishes, height - fixed);
  const rows: NodeRow[] = [];
  let y = HEADER + (wishes.length ? PADDING / 2 : 0);
  for (const [index, wish] of wishes.entries()) {
    const rowHeight = heights[index] ?? wish.usual;
    if (rowHeight > 0) rows.push({ ...wish.row, y, height: rowHeight });
    y += rowHeight;
  }
  return { width, height, rows, ...points(rows, width) };
}

/** The height of each row: between least and usual where the room is short, and shared among those that grow where there is more. */
function shared(wishes: readonly Wish[], room: number): number[] {
  const least = sum(wishes, (each) => each.least);
  const usual = sum(wishes, (each) => each.usual);
  if (room < usual) {
    const part = usual === least ? 0 : Math.max(0, room - least) / (usual - least);
    return wishes.map((each) => {
      const height = each.least + part * (each.usual - each.least);
      return each.row.kind === "preview" && height < LEAST_PREVIEW ? 0 : height;
    });
  }
  const growing = wishes.filter((each) => each.grows).length;
  return wishes.map((each) => each.usual + (each.grows ? (room - usual) / growing : 0));
}

function wishesOf(node: GraphNode, def: NodeDef | undefined, preview: boolean): Wish[] {
  const widgets = def ? widgetsFor(def, node.values) : [];
  const drawn = new Set(widgets.filter((each) => isDrawn(each) && each.isInput).map((each) => each.name));
  const inputs = inputsOf(node, def, widgets);
  const hidden = new Set(hiddenSockets(node));
  const wires = inputs.filter((each) => !drawn.has(each.widget ?? each.name) && !hidden.has(each.id));
  const outputs = outputsOfNode(node, def).filter((each) => !hidden.has(each.id));
  const wishes: Wish[] = [];
  for (let index = 0; index < Math.max(wires.length, outputs.length); index += 1) {
    const input = wires[index];
    const output = outputs[index];
    wishes.push(line({ kind: "sockets", ...(input ? { input } : {}), ...(output ? { output } : {}) }));
  }
  const byWidget = new Map(inputs.map((each) => [each.widget ?? each.name, each]));
  for (const [index, widget] of widgets.entries()) {
    if (!isDrawn(widget) || (widget.kind === "control" && widgets[index - 1]?.kind === "seed")) continue;
    const next = widgets[index + 1];
    const input = byWidget.get(widget.name);
    const row = {
      kind: "widget" as const,
      widget,
      ...(input ? { input } : {}),
      ...(widget.kind === "seed" && next?.kind === "control" ? { control: next } : {}),
    };
    wishes.push(widget.kind === "longtext" ? { row, least: 2 * ROW, usual: LONG_TEXT, grows: true } : line(row));
  }
  if (preview) wishes.push({ row: { kind: "preview" }, least: 0, usual: PREVIEW, grows: !wishes.some((each) => each.grows) });
  return wishes;
}

function line(row: Wish["row"]): Wish {
  return { row, least: TIGHT_ROW, usual: ROW, grows: false };
}

function points(rows: readonly NodeRow[], width: number): Pick<NodeLayout, "inputs" | "outputs"> {
  const inputs = new Map<SocketId, Point>();
  const outputs = new Map<SocketId, Point>();
  for (const row of rows) {
    // The socket of a long text stands at its first line.
    const middle = row.y + Math.min(row.height, ROW) / 2;
    if (row.input) inputs.set(row.input.id, [0, middle]);
    if (row.output) outputs.set(row.output.id, [width, middle]);
  }
  return { inputs, outputs };
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  let total = 0;
  for (const each of values) total += of(each);
  return total;
}

/** The smallest size that shows everything of a node in rows of the usual height, at its width. */
export function naturalSize(node: GraphNode, def: NodeDef | undefined, preview: boolean = showsPictures(def)): Size {
  const made = layout({ ...node, size: [node.size[0], 0], collapsed: false }, def, preview);
  return [made.width, made.height];
}

/** The curve of a wire: level where it leaves and arrives, wider the farther apart the ends are. */
export function linkCurve(from: Point, to: Point): Curve {
  const across = to[0] - from[0];
  const reach = across >= 0 ? Math.max(across / 2, 24) : Math.min(24 - across / 2, 200);
  return { from, out: [from[0] + reach, from[1]], in: [to[0] - reach, to[1]], to };
}

/** The smallest box around nodes; undefined where there are none. */
export function boundsOf(nodes: Iterable<GraphNode>, defOf: (type: string) => NodeDef | undefined = () => undefined): Box | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const node of nodes) {
    const { width, height } = layout(node, defOf(node.type));
    left = Math.min(left, node.pos[0]);
    top = Math.min(top, node.pos[1]);
    right = Math.max(right, node.pos[0] + width);
    bottom = Math.max(bottom, node.pos[1] + height);
  }
  return left <= right ? { x: left, y: top, width: right - left, height: bottom - top } : undefined;
}

/** Whether a group carries a node: the node's header stands in it. */
export function groupHolds(group: Group, node: GraphNode): boolean {
  const [x, y] = [node.pos[0] + Math.max(node.size[0], LEAST_WIDTH) / 2, node.pos[1] + HEADER / 2];
  return x >= group.pos[0] && x <= group.pos[0] + group.size[0] && y >= group.pos[1] && y <= group.pos[1] + group.size[1];
}

/** A length on the grid. */
export function snapped(value: number, grid: number = GRID): number {
  return Math.round(value / grid) * grid;
}
