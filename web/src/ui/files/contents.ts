/** What leaves with a file that is shared, and the same file without some of it. */

import { isFields } from "../../core/entries";
import { HIDDEN } from "../../core/geometry";
import { isBoundary } from "../../core/ids";
import { definitionOf } from "../../core/instances";
import { ROOT, type Definitions, type DocumentState, type Fields, type Graph, type GraphNode, type Json, type NodeDef } from "../../core/types";
import { widgetsFor } from "../../core/widgets";

export type ContentKind = "models" | "prompts" | "pictures" | "notes" | "packs" | "properties" | "paths";
export const CONTENT_KINDS: readonly ContentKind[] = ["models", "prompts", "pictures", "notes", "packs", "properties", "paths"];

/** What can be left out. */
export type Strippable = "prompts" | "notes" | "properties" | "paths";
export const STRIPPABLE: readonly Strippable[] = ["notes", "prompts", "properties", "paths"];

/** By kind, what the file holds, each said once. */
export type Contents = Readonly<Record<ContentKind, readonly string[]>>;

const MODEL = /\.(safetensors|sft|ckpt|pt|pth|bin|gguf|onnx)$/i;
const PICTURE = /\.(png|jpe?g|webp|gif|bmp|tiff?|avif|mp4|webm|mov)( \[\w+\])?$/i;
const NOTES = new Set(["Note", "MarkdownNote"]);
/** A path that names a person's folders: a drive, a share, a home or what is mounted. */
const PERSONAL = /(?:\b[A-Za-z]:[\\/]|\\\\\w|(?<![\w.])~\/|(?<![\w.:/-])\/(?:home|Users|root|mnt|media|Volumes|workspace)\/)[^\s"'<>|*?]*/g;
/** What every node carries, which says nothing about its author. */
const COMMON = new Set(["Node name for S&R", "cnr_id", "aux_id", "ver", "widget_names", "models", "proxyWidgets", "enableTabs", "tabWidth", "tabXOffset", "hasSecondTab", "secondTabText", "secondTabOffset", "secondTabWidth", "widget_ue_connectable", HIDDEN]);
const COMMON_EXTRA = new Set(["ds", "reroutes", "linkExtensions", "frontendVersion", "workflowRendererVersion", "prompt"]);
const MODULE = /^custom_nodes\.([^.]+)/;

/** What a document holds that its reader may learn from. */
export function contentsOf(state: DocumentState, definitions: Definitions): Contents {
  const found = Object.fromEntries(CONTENT_KINDS.map((kind) => [kind, new Set<string>()])) as Record<ContentKind, Set<string>>;
  for (const graph of state.graphs.values()) {
    for (const node of graph.nodes.values()) if (!isBoundary(node)) addNode(found, node, definitionOf(state, definitions, node.type, node));
  }
  const extra = state.rest["extra"];
  for (const name of Object.keys(isFields(extra) ? extra : {})) if (!COMMON_EXTRA.has(name)) found.properties.add(name);
  for (const text of textsIn(state)) for (const path of text.match(PERSONAL) ?? []) found.paths.add(path);
  for (const model of listed(state.rest["models"])) found.models.add(model);
  return Object.fromEntries(CONTENT_KINDS.map((kind) => [kind, [...found[kind]].sort((a, b) => a.localeCompare(b))])) as unknown as Contents;
}

/** The document without these; nothing of the one that is open changes. */
export function stripped(state: DocumentState, definitions: Definitions, without: ReadonlySet<Strippable>): DocumentState {
  if (without.size === 0) return state;
  const graphs = new Map<string, Graph>();
  for (const [id, graph] of state.graphs) {
    const nodes = new Map<string, GraphNode>();
    for (const [key, node] of graph.nodes) {
      if (without.has("notes") && NOTES.has(node.type)) continue;
      nodes.set(key, isBoundary(node) ? node : strippedNode(node, definitionOf(state, definitions, node.type, node), without));
    }
    graphs.set(id, { ...graph, nodes });
  }
  const rest = without.has("properties") ? withoutExtra(state.rest) : state.rest;
  const done = { graphs, rest };
  return without.has("paths") ? withoutPaths(done) : done;
}

function addNode(found: Record<ContentKind, Set<string>>, node: GraphNode, def: NodeDef | undefined): void {
  const pack = packOf(node, def);
  if (pack) found.packs.add(pack);
  for (const model of listed(node.properties["models"])) found.models.add(model);
  for (const name of Object.keys(node.properties)) if (!COMMON.has(name)) found.properties.add(name);
  for (const [name, text] of textsOf(node)) {
    if (NOTES.has(node.type)) found.notes.add(text);
    else if (MODEL.test(text)) found.models.add(text);
    else if (PICTURE.test(text)) found.pictures.add(text);
    else if (isPrompt(node, def, name, text)) found.prompts.add(text);
  }
}

/** The texts among the settings, with their names; those without a name are numbered. */
function textsOf(node: GraphNode): (readonly [string, string])[] {
  const raw = Array.isArray(node.rawValues) ? Object.fromEntries(node.rawValues.map((value, place) => [String(place), value])) : isFields(node.rawValues) ? node.rawValues : {};
  return Object.entries({ ...raw, ...node.values }).flatMap(([name, value]) => (typeof value === "string" && value.trim() !== "" ? [[name, value] as const] : []));
}

/** Whether a setting is something that its author wrote; of unknown types, every text of several words. */
function isPrompt(node: GraphNode, def: NodeDef | undefined, name: string, text: string): boolean {
  const widget = def && widgetsFor(def, node.values).find((each) => each.name === name);
  if (widget) return widget.kind === "longtext";
  return /\S\s+\S+\s+\S/.test(text);
}

function packOf(node: GraphNode, def: NodeDef | undefined): string | undefined {
  for (const key of ["cnr_id", "aux_id"]) {
    const id = node.properties[key];
    if (typeof id === "string" && id !== "" && id !== "comfy-core") return id;
  }
  return def ? MODULE.exec(def.module)?.[1] : undefined;
}

function listed(models: Json | undefined): string[] {
  return (Array.isArray(models) ? models : []).flatMap((each) => (isFields(each) && typeof each["name"] === "string" ? [each["name"]] : []));
}

function strippedNode(node: GraphNode, def: NodeDef | undefined, without: ReadonlySet<Strippable>): GraphNode {
  let next = node;
  if (without.has("properties")) next = { ...next, properties: Object.fromEntries(Object.entries(next.properties).filter(([name]) => COMMON.has(name))) };
  if (!without.has("prompts") || NOTES.has(node.type)) return next;
  const blank = (name: string, value: Json): Json => (typeof value === "string" && !MODEL.test(value) && !PICTURE.test(value) && isPrompt(node, def, name, value) ? "" : value);
  const values = Object.fromEntries(Object.entries(next.values).map(([name, value]) => [name, blank(name, value)]));
  next = { ...next, values };
  if (Array.isArray(next.rawValues)) return { ...next, rawValues: next.rawValues.map((value, place) => blank(String(place), value)) };
  if (isFields(next.rawValues)) return { ...next, rawValues: Object.fromEntries(Object.entries(next.rawValues).map(([name, value]) => [name, blank(name, value)])) };
  return next;
}

function withoutExtra(rest: Fields): Fields {
  const extra = rest["extra"];
  if (!isFields(extra)) return rest;
  return { ...rest, extra: Object.fromEntries(Object.entries(extra).filter(([name]) => COMMON_EXTRA.has(name))) };
}

/** With the last part only of every path that names a person's folders. */
function withoutPaths(state: DocumentState): DocumentState {
  const clean = (text: string): string => text.replace(PERSONAL, (path) => path.split(/[\\/]/).at(-1) ?? "");
  const deep = <T>(value: T): T => {
    if (typeof value === "string") return clean(value) as T;
    if (Array.isArray(value)) return value.map(deep) as T;
    if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, deep(each)])) as T;
    return isFields(value) ? (Object.fromEntries(Object.entries(value).map(([name, each]) => [name, deep(each)])) as T) : value;
  };
  const graphs = new Map([...state.graphs].map(([id, graph]) => [id, { ...deep(graph), id, name: id === ROOT ? graph.name : clean(graph.name) }]));
  return { graphs, rest: deep(state.rest) };
}

/** Every text of a document, wherever it stands. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (value instanceof Map) for (const each of value.values()) yield* textsIn(each);
  else if (typeof value === "object" && value !== null) for (const each of Object.values(value)) yield* textsIn(each);
}
