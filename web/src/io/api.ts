/** From API JSON, as pictures without a workflow carry it, to a document whose nodes are arranged. */

import { arranged } from "../core/arrange";
import { isFields } from "../core/entries";
import { defaultNode, withIds, type Bare } from "../core/schema";
import { ROOT, type Definitions, type Fields, type Graph, type GraphNode, type Json, type Link, type NodeId } from "../core/types";
import { widgetsFor } from "../core/widgets";
import { parseJson, unmarked } from "./json";
import type { Reading } from "./read";

interface Entry {
  readonly id: NodeId;
  readonly type: string;
  readonly title: string | undefined;
  readonly settings: Fields;
  readonly wires: ReadonlyMap<string, { readonly from: NodeId; readonly slot: number }>;
}

/** Whether JSON is a prompt in API form: node ids to classes and their inputs. */
export function isApi(json: Json): boolean {
  if (!isFields(json) || Array.isArray(json["nodes"])) return false;
  const entries = Object.values(json);
  return entries.length > 0 && entries.some((each) => isFields(each) && typeof each["class_type"] === "string");
}

/** The document of a prompt. Throws an Error with words for its user where it is no prompt. */
export function readApi(source: string | Json, definitions: Definitions): Reading {
  const json = typeof source === "string" ? parseJson(source) : source;
  if (!isFields(json) || !isApi(json)) throw new Error("This is no prompt in API form: it has no nodes with a class_type.");
  const warnings: string[] = [];
  const entries = Object.entries(json).flatMap(([id, raw]) => {
    if (isFields(raw) && typeof raw["class_type"] === "string") return [entryOf(id, raw["class_type"], raw)];
    warnings.push(`Entry ${id} has no class_type; it was left out.`);
    return [];
  });
  const nodes = new Map<NodeId, GraphNode>();
  const used = slotsUsed(entries);
  for (const entry of entries) nodes.set(entry.id, nodeOf(entry, used, definitions));
  const links = linksOf(entries, nodes, warnings);
  const graph: Graph = { id: ROOT, name: "", nodes, links, groups: new Map(), reroutes: new Map(), rest: {} };
  for (const [id, pos] of arranged(graph, definitions)) {
    const node = nodes.get(id);
    if (node) nodes.set(id, { ...node, pos });
  }
  return { state: { graphs: new Map([[ROOT, graph]]), rest: { version: 0.4, config: {}, extra: {} } }, warnings };
}

function entryOf(id: NodeId, type: string, raw: Fields): Entry {
  const settings = new Map<string, Json>();
  const wires = new Map<string, { from: NodeId; slot: number }>();
  for (const [name, value] of Object.entries(isFields(raw["inputs"]) ? raw["inputs"] : {})) {
    const [from, slot] = Array.isArray(value) && value.length === 2 ? value : [];
    if (typeof from === "string" && typeof slot === "number") wires.set(name, { from, slot });
    else settings.set(name, unmarked(isFields(value) && Array.isArray(value["__value__"]) ? value["__value__"] : value));
  }
  const meta = raw["_meta"];
  const title = isFields(meta) && typeof meta["title"] === "string" ? meta["title"] : undefined;
  return { id, type, title, settings: Object.fromEntries(settings), wires };
}

/** How many outputs of each node are used. */
function slotsUsed(entries: readonly Entry[]): ReadonlyMap<NodeId, number> {
  const used = new Map<NodeId, number>();
  for (const { wires } of entries) for (const { from, slot } of wires.values()) used.set(from, Math.max(used.get(from) ?? 0, slot + 1));
  return used;
}

function nodeOf(entry: Entry, used: ReadonlyMap<NodeId, number>, definitions: Definitions): GraphNode {
  const def = definitions.get(entry.type);
  const fresh = def ? defaultNode(def, entry.id, [0, 0]) : unknownNode(entry);
  const values: Record<string, Json> = { ...fresh.values, ...entry.settings };
  const names = new Set(def ? widgetsFor(def, values).map((each) => each.name) : Object.keys(values));
  const wired: Bare[] = fresh.inputs.map(({ id: _, ...socket }) => socket);
  const known = new Set(wired.map((each) => each.name));
  for (const name of entry.wires.keys()) {
    if (known.has(name)) continue;
    const type = def?.widgets.find((each) => each.name === name)?.type ?? "*";
    wired.push({ name, type, ...(names.has(name) ? { widget: name } : {}), rest: {} });
  }
  const outputs: Bare[] = fresh.outputs.map(({ id: _, ...socket }) => socket);
  while (outputs.length < Math.min(used.get(entry.id) ?? 0, 64)) outputs.push({ name: `output ${outputs.length}`, type: "*", rest: {} });
  const titled = entry.title !== undefined && entry.title !== "" && entry.title !== (def?.title ?? entry.type);
  return {
    ...fresh,
    ...(titled ? { title: entry.title } : {}),
    inputs: withIds("in", wired),
    outputs: withIds("out", outputs),
    values,
  } as GraphNode;
}

function unknownNode(entry: Entry): GraphNode {
  return {
    id: entry.id,
    type: entry.type,
    pos: [0, 0],
    size: [0, 0],
    mode: 0,
    collapsed: false,
    pinned: false,
    inputs: [],
    outputs: [],
    values: {},
    properties: {},
    rest: {},
  };
}

function linksOf(entries: readonly Entry[], nodes: ReadonlyMap<NodeId, GraphNode>, warnings: string[]): Map<string, Link> {
  const links = new Map<string, Link>();
  for (const { id, wires } of entries) {
    for (const [name, { from, slot }] of wires) {
      const output = nodes.get(from)?.outputs[slot];
      const input = nodes.get(id)?.inputs.find((each) => each.name === name);
      if (!output || !input) {
        warnings.push(`Input ${name} of node ${id} names output ${slot} of node ${from}, which is not there.`);
        continue;
      }
      const link = String(links.size + 1);
      const type = output.type === "*" ? input.type : output.type;
      links.set(link, { id: link, from, fromSocket: output.id, to: id, toSocket: input.id, type, rest: {} });
    }
  }
  return links;
}
