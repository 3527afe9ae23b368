/** Nodes of a workflow file. */

import { isFields, tag } from "../core/entries";
import { HEADER } from "../core/geometry";
import { INPUT_NODE, INPUT_NODE_TYPE, OUTPUT_NODE, OUTPUT_NODE_TYPE } from "../core/ids";
import { withIds, type Bare } from "../core/schema";
import type { Fields, GraphNode, Json, Mode, NodeId, Point, Size, Socket, SocketId } from "../core/types";

/** Told what is odd. */
export type Note = (text: string) => void;

/** Of each node: the link that each of its sockets names, in their order. */
export interface Slots {
  readonly inputs: readonly (string | undefined)[];
  readonly outputs: readonly (readonly string[])[];
}

const NODE_FIELDS = new Set(["type", "title", "pos", "size", "mode", "inputs", "outputs", "widgets_values", "color", "bgcolor", "properties"]);
/** The offset of a node's body below our `pos`: files give the body's corner, we that of the header. */
const OFFSET = HEADER;

/** The nodes by their id. `rawValues` holds the file's widgets_values until names are found for them. */
export function readNodes(list: Json | undefined, note: Note): { nodes: Map<NodeId, GraphNode>; slots: Map<NodeId, Slots> } {
  const nodes = new Map<NodeId, GraphNode>();
  const slots = new Map<NodeId, Slots>();
  for (const raw of Array.isArray(list) ? list : []) {
    const id = isFields(raw) ? idOf(raw["id"]) : undefined;
    if (!isFields(raw) || id === undefined || typeof raw["type"] !== "string") {
      note(`A node without ${id === undefined ? "an id" : "a type"} was left out.`);
      continue;
    }
    let key = id;
    for (let count = 2; nodes.has(key); count += 1) key = `${id}#${count}`;
    if (key !== id) note(`Two nodes have the id ${id}; links go to the first.`);
    nodes.set(key, readNode(key, raw["type"], raw));
    slots.set(key, slotsOf(raw));
  }
  return { nodes, slots };
}

function readNode(id: NodeId, type: string, raw: Fields): GraphNode {
  const flags = isFields(raw["flags"]) ? raw["flags"] : {};
  const { title, color, bgcolor, mode } = raw;
  const place = placeOf(raw);
  return {
    id,
    type,
    ...(typeof title === "string" && title !== "" ? { title } : {}),
    pos: place.pos,
    size: place.size,
    mode: isMode(mode) ? mode : 0,
    collapsed: flags["collapsed"] === true,
    pinned: flags["pinned"] === true,
    inputs: withIds("in", listOf(raw["inputs"]).map(readInput)),
    outputs: withIds("out", listOf(raw["outputs"]).map(readOutput)),
    values: {},
    rawValues: raw["widgets_values"] ?? null,
    ...(typeof color === "string" ? { color } : {}),
    ...(typeof bgcolor === "string" ? { bgcolor } : {}),
    properties: isFields(raw["properties"]) ? raw["properties"] : {},
    rest: restOf(id, raw, place.rest),
  };
}

/** What the fields above do not say: unknown fields, and known ones of an unusual form. */
function restOf(id: NodeId, raw: Fields, place: Fields): Fields {
  // Not by assignment: a field may be called __proto__.
  const rest: Record<string, Json> = Object.fromEntries(Object.entries(raw).filter(([name]) => !NODE_FIELDS.has(name) && name !== "id"));
  const written = idForFile(id);
  if (raw["id"] !== undefined && raw["id"] !== written) rest["id"] = raw["id"];
  for (const name of ["title", "color", "bgcolor"]) {
    const value = raw[name];
    if (value !== undefined && (typeof value !== "string" || (name === "title" && value === ""))) rest[name] = value;
  }
  return { ...rest, ...place };
}

/** Beyond this a number is no place on a desk, and what is drawn in steps would never end; the file's own stays in the file. */
const FARTHEST = 1e7;
/** Width and height of a node. */
export const LARGEST = 1e5;

function kept(value: Json | undefined, seen: readonly number[]): Json {
  const [x, y] = numbersOf(value);
  return [x ?? seen[0] ?? 0, y ?? seen[1] ?? 0];
}

interface Place {
  readonly pos: Point;
  readonly size: Size;
  /** The file's own numbers where moving by the header's height and back would round them. */
  readonly rest: Fields;
}

function placeOf(raw: Fields): Place {
  const pos = pairOf(raw["pos"]) ?? [0, 0];
  const size = pairOf(raw["size"], LARGEST) ?? [0, 0];
  const offset = offsetOf(raw["type"]);
  const top = pos[1] - offset;
  const height = size[1] > 0 ? size[1] + offset : 0;
  const rest: Record<string, Json> = {};
  if (top + offset !== pos[1] || Math.max(...pos.map(Math.abs)) === FARTHEST) rest["pos"] = kept(raw["pos"], pos);
  if (size[1] !== (height > 0 ? height - offset : 0) || Math.max(...size.map(Math.abs)) === LARGEST) rest["size"] = kept(raw["size"], size);
  return { pos: [pos[0], top], size: [size[0], height], rest };
}

/** A reroute node has no header. */
export function offsetOf(type: Json | undefined): number {
  return type === "Reroute" ? 0 : OFFSET;
}

/** Two numbers, from a list or, in older files, an object with the keys 0 and 1. */
export function pairOf(value: Json | undefined, most = FARTHEST): [number, number] | undefined {
  const [x, y] = numbersOf(value);
  return typeof x === "number" && typeof y === "number" && Number.isFinite(x) && Number.isFinite(y) ? [bounded(x, most), bounded(y, most)] : undefined;
}

function numbersOf(value: Json | undefined): readonly (Json | undefined)[] {
  return Array.isArray(value) ? value : isFields(value) ? [value["0"], value["1"]] : [];
}

function bounded(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}

function readInput(raw: Json): Bare {
  if (!isFields(raw)) return { name: "", type: "*", rest: { broken: raw } };
  const { name, type, label, widget, link: _, shape, ...rest } = raw;
  const setting = isFields(widget) && typeof widget["name"] === "string" ? widget["name"] : undefined;
  const { name: __, ...config } = isFields(widget) ? widget : {};
  return {
    name: typeof name === "string" ? name : "",
    type: tag(type),
    ...(typeof label === "string" ? { label } : {}),
    ...(setting === undefined ? {} : { widget: setting }),
    ...(shape === 7 ? { optional: true } : {}),
    rest: {
      ...rest,
      ...oddFields(raw),
      ...(setting === undefined ? (widget === undefined ? {} : { widget }) : Object.keys(config).length ? { widget: config } : {}),
    },
  };
}

function readOutput(raw: Json): Bare {
  if (!isFields(raw)) return { name: "", type: "*", rest: { broken: raw } };
  const { name, type, label, links, shape, ...rest } = raw;
  const base = {
    name: typeof name === "string" ? name : "",
    type: tag(type),
    ...(typeof label === "string" ? { label } : {}),
    ...(shape === 6 ? { isList: true } : {}),
  };
  // Files have null or an empty list where there are no links; they get back what they had.
  const empty = links === null ? { links } : {};
  return { ...base, rest: { ...rest, ...oddFields(raw), ...empty } };
}

/** Fields whose value says more than what is kept of it. */
function oddFields(raw: Fields): Fields {
  const odd: Record<string, Json> = {};
  const { name, type, label, shape } = raw;
  if (name !== undefined && typeof name !== "string") odd["name"] = name;
  if (type !== undefined && tag(type) !== type) odd["type"] = type;
  if (label !== undefined && typeof label !== "string") odd["label"] = label;
  if (shape !== undefined) odd["shape"] = shape;
  return odd;
}

function slotsOf(raw: Fields): Slots {
  return {
    inputs: listOf(raw["inputs"]).map((each) => (isFields(each) ? idOf(each["link"]) : undefined)),
    outputs: listOf(raw["outputs"]).map((each) => (isFields(each) ? listOf(each["links"]).flatMap((id) => idOf(id) ?? []) : [])),
  };
}

/** The two nodes inside a subgraph that stand for its own inputs and outputs. */
export function boundaryNodes(raw: Fields): [NodeId, GraphNode][] {
  return [
    [INPUT_NODE, boundaryNode(INPUT_NODE, raw["inputNode"], raw["inputs"])],
    [OUTPUT_NODE, boundaryNode(OUTPUT_NODE, raw["outputNode"], raw["outputs"])],
  ];
}

function boundaryNode(id: NodeId, node: Json | undefined, ports: Json | undefined): GraphNode {
  const { bounding, id: _, ...rest } = isFields(node) ? node : {};
  const [x, y, width, height] = Array.isArray(bounding) ? bounding : [];
  const sockets = listOf(ports).map(readPort);
  return {
    id,
    type: id === INPUT_NODE ? INPUT_NODE_TYPE : OUTPUT_NODE_TYPE,
    pos: [numberOr(x, 0), numberOr(y, 0)],
    size: [numberOr(width, 0), numberOr(height, 0)],
    mode: 0,
    collapsed: false,
    pinned: false,
    inputs: id === OUTPUT_NODE ? withIds("in", sockets) : [],
    outputs: id === INPUT_NODE ? withIds("out", sockets) : [],
    values: {},
    properties: {},
    rest,
  };
}

function readPort(raw: Json): Bare {
  if (!isFields(raw)) return { name: "", type: "*", rest: { broken: raw } };
  const { name, type, label, linkIds: _, shape: __, ...rest } = raw;
  return {
    name: typeof name === "string" ? name : "",
    type: tag(type),
    ...(typeof label === "string" ? { label } : {}),
    rest: { ...rest, ...oddFields(raw) },
  };
}

/** An id as text: files have whole numbers or text. */
export function idOf(value: Json | undefined): string | undefined {
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** An id as files have it: a number where it is one. */
export function idForFile(id: string): Json {
  return /^(0|-?[1-9]\d{0,14})$/.test(id) ? Number(id) : id;
}

/** The place of a socket of each id. */
export function placesOf(sockets: readonly Socket[]): Map<SocketId, number> {
  return new Map(sockets.map((each, place) => [each.id, place]));
}

function isMode(value: Json | undefined): value is Mode {
  return value === 0 || value === 1 || value === 2 || value === 3 || value === 4;
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function numberOr(value: Json | undefined, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}
