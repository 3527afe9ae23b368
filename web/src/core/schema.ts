/** Node types as /object_info describes them, and a fresh node of a type. */

import { entriesOf, isFields, tag, text, type InputEntry } from "./entries";
import type { Definitions, Fields, GraphNode, Json, NodeDef, NodeId, Point, Socket, SocketDef, SocketId, WidgetDef } from "./types";
import { VIRTUAL_DEFINITIONS } from "./virtual";
import { isWidget, widgetsOf } from "./widgets";

/** The node types of a server, each worked out when first asked for, with those that only the editor knows. */
export function readDefinitions(objectInfo: Fields): Definitions {
  const found = new Map<string, NodeDef | undefined>();
  for (const each of VIRTUAL_DEFINITIONS) if (!(each.id in objectInfo)) found.set(each.id, each);
  const get = (type: string): NodeDef | undefined => {
    if (found.has(type)) return found.get(type);
    const entry = Object.hasOwn(objectInfo, type) ? objectInfo[type] : undefined;
    const def = isFields(entry) ? readDefinition(type, entry) : undefined;
    if (def) found.set(type, def);
    return def;
  };
  return {
    get,
    *all() {
      for (const type of Object.keys(objectInfo)) {
        const def = get(type);
        if (def) yield def;
      }
      for (const each of VIRTUAL_DEFINITIONS) if (!(each.id in objectInfo)) yield each;
    },
  };
}

/** One entry of /object_info. What is malformed in it is left out. */
export function readDefinition(id: string, entry: Fields): NodeDef {
  const inputs = entriesOf(entry);
  const wires = inputs.filter((each) => !isWidget(each));
  const listInput = entry["is_input_list"] === true;
  const def: NodeDef = {
    id,
    title: text(entry["display_name"]) || id,
    category: text(entry["category"]),
    description: text(entry["description"]),
    module: text(entry["python_module"]),
    isOutput: entry["output_node"] === true,
    deprecated: entry["deprecated"] === true,
    experimental: entry["experimental"] === true,
    inputs: wires.map((each): SocketDef => {
      const tooltip = text(each.options["tooltip"]);
      const base = { name: each.name, type: each.type, optional: each.optional, isList: listInput };
      return tooltip ? { ...base, tooltip } : base;
    }),
    outputs: outputsOf(entry),
    widgets: widgetsOf(id, inputs),
  };
  forced.set(def, forcedOf(inputs));
  return def;
}

/** An input that is a socket by force; old files hold a value for it before that of the setting `before`. */
export interface ForcedInput {
  readonly name: string;
  /** "" behind all settings. */
  readonly before: string;
}

const forced = new WeakMap<NodeDef, readonly ForcedInput[]>();

/** The inputs of a type that are sockets by force, in their order. */
export function forcedInputs(def: NodeDef): readonly ForcedInput[] {
  return forced.get(def) ?? [];
}

function forcedOf(inputs: readonly InputEntry[]): ForcedInput[] {
  return inputs.flatMap((each, index) => {
    if (each.options["forceInput"] !== true) return [];
    return { name: each.name, before: inputs.slice(index).find(isWidget)?.name ?? "" };
  });
}

function outputsOf(entry: Fields): SocketDef[] {
  const types = Array.isArray(entry["output"]) ? entry["output"] : [];
  const names = Array.isArray(entry["output_name"]) ? entry["output_name"] : [];
  const lists = Array.isArray(entry["output_is_list"]) ? entry["output_is_list"] : [];
  const tooltips = Array.isArray(entry["output_tooltips"]) ? entry["output_tooltips"] : [];
  return types.map((type, index) => {
    const base = { name: text(names[index]) || tag(type), type: tag(type), optional: false, isList: lists[index] === true };
    const tooltip = text(tooltips[index]);
    return tooltip ? { ...base, tooltip } : base;
  });
}

/** A fresh node with the type's sockets and default settings. Its size is the smallest that holds them. */
export function defaultNode(def: NodeDef, id: NodeId, pos: Point): GraphNode {
  const values = Object.fromEntries(def.widgets.filter(isStored).map((widget) => [widget.name, widget.default]));
  return {
    id,
    type: def.id,
    pos,
    size: [0, 0],
    mode: 0,
    collapsed: false,
    pinned: false,
    inputs: withIds("in", def.inputs.map(freshInput)),
    outputs: withIds("out", def.outputs.map(freshOutput)),
    values,
    properties: { "Node name for S&R": def.id },
    rest: {},
  };
}

/** Whether a widget has a place in a file's widgets_values. */
export function isStored(widget: WidgetDef): boolean {
  return widget.options["stored"] !== false;
}

/** Whether a widget is drawn; upload buttons and previews only keep their place in the file. */
export function isDrawn(widget: WidgetDef): boolean {
  return widget.options["hidden"] !== true;
}

/** The value of a setting, or its default where the node has none. */
export function valueOf(node: GraphNode, widget: WidgetDef): Json {
  const value = givenValue(node, widget.name);
  return value === undefined || value === null ? widget.default : value;
}

/** The value that a node has under a name; undefined where it has none, also for names that every object knows. */
export function givenValue(node: GraphNode, name: string): Json | undefined {
  return Object.hasOwn(node.values, name) ? node.values[name] : undefined;
}

/** The inputs of a node: those it has, then those of its type that its file did not know yet, then its settings'. */
export function inputsOf(node: GraphNode, def: NodeDef | undefined, widgets: readonly WidgetDef[] = def?.widgets ?? []): readonly Socket[] {
  if (!def) return node.inputs;
  const names = new Set(node.inputs.map((each) => each.name));
  const missing = def.inputs.filter((each) => !names.has(each.name)).map(freshInput);
  const settings = widgets
    .filter((each) => each.isInput && !names.has(each.name) && each.options["socketless"] !== true)
    .map((each): Bare => ({ name: each.name, type: each.type, widget: each.name, rest: {} }));
  return missing.length || settings.length ? [...node.inputs, ...withIds("in", [...missing, ...settings])] : node.inputs;
}

/** The outputs of a node: those it has, then those of its type that its file did not know yet. */
export function outputsOfNode(node: GraphNode, def: NodeDef | undefined): readonly Socket[] {
  if (!def || def.outputs.length <= node.outputs.length) return node.outputs;
  const counts = new Map<string, number>();
  for (const each of node.outputs) counts.set(each.name, (counts.get(each.name) ?? 0) + 1);
  const all = withIds("out", def.outputs.map(freshOutput));
  const known = new Set(node.outputs.map((each) => each.id));
  return [...node.outputs, ...all.filter((each) => !known.has(each.id))];
}

export type Bare = Omit<Socket, "id">;

function freshInput(def: SocketDef): Bare {
  return { name: def.name, type: def.type, optional: def.optional, isList: def.isList, rest: def.optional ? { shape: 7 } : {} };
}

function freshOutput(def: SocketDef): Bare {
  return { name: def.name, type: def.type, isList: def.isList, rest: def.isList ? { shape: 6 } : {} };
}

/** Sockets with ids: "in:NAME", and "in:NAME#2" for the second of a name. */
export function withIds(side: "in" | "out", sockets: readonly Bare[]): Socket[] {
  const counts = new Map<string, number>();
  return sockets.map((socket) => {
    const count = (counts.get(socket.name) ?? 0) + 1;
    counts.set(socket.name, count);
    return { id: socketId(side, socket.name, count), ...socket };
  });
}

export function socketId(side: "in" | "out", name: string, count = 1): SocketId {
  return count === 1 ? `${side}:${name}` : `${side}:${name}#${count}`;
}
