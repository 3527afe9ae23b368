/** From the document to workflow JSON: the root graph in the form that its file had (0.4 for new ones), subgraphs as objects. */

import { isFields } from "../core/entries";
import { naturalSize } from "../core/geometry";
import { highest, INPUT_NODE, INPUT_NODE_TYPE, isBoundary, OUTPUT_NODE, OUTPUT_NODE_TYPE } from "../core/ids";
import { definitionOf } from "../core/instances";
import { ROOT, type Definitions, type DocumentState, type Fields, type Graph, type GraphNode, type Group, type Json, type Link, type NodeDef, type Reroute, type Socket } from "../core/types";
import { withHidden } from "./hidden";
import { printJson } from "./json";
import { idForFile, LARGEST, offsetOf, pairOf, placesOf } from "./nodes";
import { NAMES, writeValues } from "./widgets";

type Out = { [key: string]: Json };

const FIRST = ["id", "revision", "last_node_id", "last_link_id", "state", "nodes", "links", "reroutes", "groups", "definitions", "config", "extra"];

/** The workflow JSON of a document. Print it with `printJson`: large whole numbers are marked in it. */
export function writeWorkflow(state: DocumentState, definitions: Definitions): Json {
  const root = state.graphs.get(ROOT);
  if (!root) throw new Error("the document has no root graph");
  const version = state.rest["version"];
  const modern = typeof version === "number" && version >= 1;
  const tables = tablesOf(root, state, definitions, modern);
  const out: Out = { ...state.rest, ...counters(state, root), nodes: tables.nodes, links: tables.links, groups: tables.groups };
  const marked = withHidden(state.rest["extra"], root.links);
  if (marked) out["extra"] = marked;
  if (!modern) {
    const extra: Out = { ...marked };
    if (tables.reroutes.length) extra["reroutes"] = tables.reroutes;
    const extensions = [...root.links.values()].flatMap((link) => (link.reroute === undefined ? [] : { id: idForFile(link.id), parentId: idForFile(link.reroute) }));
    if (extensions.length) extra["linkExtensions"] = extensions;
    if (Object.keys(extra).length || "extra" in state.rest) out["extra"] = extra;
  } else if (tables.reroutes.length) out["reroutes"] = tables.reroutes;
  const subgraphs = [...state.graphs.values()].filter((graph) => graph.id !== ROOT).map((graph) => subgraph(graph, state, definitions));
  const kept = isFields(state.rest["definitions"]) ? state.rest["definitions"] : undefined;
  const unread = Array.isArray(kept?.["subgraphs"]) ? kept["subgraphs"] : [];
  if (kept || subgraphs.length) out["definitions"] = { ...kept, subgraphs: [...subgraphs, ...unread] };
  if (!("version" in out)) out["version"] = 0.4;
  return inOrder(out);
}

/** The fields in the order in which ComfyUI writes them, unknown ones in front of the version. */
function inOrder(fields: Out): Out {
  const { version = 0.4, ...rest } = fields;
  const first = FIRST.flatMap((name) => (name in rest ? [[name, rest[name] ?? null] as const] : []));
  return { ...Object.fromEntries(first), ...rest, version };
}

/** The workflow as text of a file. */
export function printWorkflow(state: DocumentState, definitions: Definitions, indent?: number): string {
  return printJson(writeWorkflow(state, definitions), indent);
}

/** The file's counters, raised where the root graph uses higher ids; files made before subgraphs shared them are let alone. */
function counters(state: DocumentState, root: Graph): Out {
  const { rest } = state;
  const [node, link] = [root.nodes, root.links].map((table) => highest(table.keys())) as [number, number];
  const modern = rest["state"];
  if (isFields(modern) && !("last_node_id" in rest)) {
    return { state: { ...modern, lastNodeId: raised(modern["lastNodeId"], node), lastLinkId: raised(modern["lastLinkId"], link) } };
  }
  return { last_node_id: raised(rest["last_node_id"], node), last_link_id: raised(rest["last_link_id"], link) };
}

function raised(counter: Json | undefined, used: number): Json {
  return typeof counter === "number" ? Math.max(counter, used) : used;
}

interface Written {
  readonly nodes: Json[];
  readonly links: Json[];
  readonly groups: Json[];
  readonly reroutes: Json[];
}

/** By node and socket: the ids of the links there. */
type Ends = ReadonlyMap<string, readonly Json[]>;

function tablesOf(graph: Graph, state: DocumentState, definitions: Definitions, objects: boolean): Written {
  const into = endsOf(graph, (link) => `${link.to} ${link.toSocket}`);
  const outOf = endsOf(graph, (link) => `${link.from} ${link.fromSocket}`);
  const nodes = [...graph.nodes.values()].filter((node) => graph.id === ROOT || !isBoundary(node));
  return {
    nodes: nodes.map((node) => nodeJson(node, into, outOf, state, definitions)),
    links: linksJson(graph, objects),
    groups: [...graph.groups.values()].map(groupJson),
    reroutes: reroutesJson(graph),
  };
}

function endsOf(graph: Graph, keyOf: (link: Link) => string): Ends {
  const ends = new Map<string, Json[]>();
  for (const link of graph.links.values()) {
    const key = keyOf(link);
    const known = ends.get(key);
    const id = link.rest["id"] ?? idForFile(link.id);
    if (known) known.push(id);
    else ends.set(key, [id]);
  }
  return ends;
}

function nodeJson(node: GraphNode, into: Ends, outOf: Ends, state: DocumentState, definitions: Definitions): Json {
  const def = definitionOf(state, definitions, node.type, node);
  const { values, names } = writeValues(node, def);
  const { id, flags, pos: filePos, size: fileSize, order, ...rest } = node.rest;
  const offset = offsetOf(node.type);
  return {
    id: id ?? idForFile(node.id.replace(/#\d+$/, "")),
    type: node.type,
    pos: exactly(filePos, [node.pos[0], node.pos[1] + offset]),
    size: exactly(fileSize, sizeForFile(node, def, offset), LARGEST),
    flags: flagsJson(flags, node),
    order: order ?? 0,
    mode: node.mode,
    inputs: node.inputs.map((socket, place) => inputJson(socket, place, into.get(`${node.id} ${socket.id}`))),
    outputs: node.outputs.map((socket, place) => outputJson(socket, place, outOf.get(`${node.id} ${socket.id}`))),
    ...rest,
    ...(node.title === undefined ? {} : { title: node.title }),
    properties: names ? { ...node.properties, [NAMES]: [...names] } : { ...node.properties },
    ...(values === undefined ? {} : { widgets_values: values }),
    ...(node.color === undefined ? {} : { color: node.color }),
    ...(node.bgcolor === undefined ? {} : { bgcolor: node.bgcolor }),
  };
}

/** A node that was never sized has the smallest size that holds it; other programs need to be told. */
function sizeForFile(node: GraphNode, def: NodeDef | undefined, offset: number): readonly [number, number] {
  if (node.size[0] > 0 && node.size[1] > offset) return [node.size[0], node.size[1] - offset];
  const [width, height] = naturalSize(node, def);
  return [node.size[0] > 0 ? node.size[0] : width, height - offset];
}

/** The file's own numbers, unless the thing was moved since. */
function exactly(kept: Json | undefined, [x, y]: readonly [number, number], most?: number): Json {
  const seen = Array.isArray(kept) ? pairOf(kept, most) : undefined;
  return seen && Array.isArray(kept) && seen[0] === x && Math.abs(seen[1] - y) < 1e-6 ? kept.slice(0, 2) : [x, y];
}

function flagsJson(kept: Json | undefined, node: GraphNode): Json {
  const flags: Out = isFields(kept) ? { ...kept } : {};
  for (const name of ["collapsed", "pinned"] as const) {
    if (node[name]) flags[name] = true;
    else if (flags[name] === true) delete flags[name];
  }
  return flags;
}

function inputJson(socket: Socket, place: number, links: readonly Json[] | undefined): Json {
  const { broken, widget, ...rest } = socket.rest;
  if (broken !== undefined) return broken;
  const setting = socket.widget === undefined ? widget : { ...(isFields(widget) ? widget : {}), name: socket.widget };
  return { ...slotJson(socket, rest, place), ...(setting === undefined ? {} : { widget: setting }), link: links?.[0] ?? null };
}

function outputJson(socket: Socket, place: number, links: readonly Json[] | undefined): Json {
  const { broken, links: none, ...rest } = socket.rest;
  if (broken !== undefined) return broken;
  return { ...slotJson(socket, rest, place), links: links ? [...links] : none === null ? null : [] };
}

function slotJson(socket: Socket, rest: Fields, place: number): Out {
  return {
    name: socket.name,
    type: socket.type,
    ...(socket.label === undefined ? {} : { label: socket.label }),
    ...rest,
    ...("slot_index" in rest ? { slot_index: place } : {}),
  };
}

function linksJson(graph: Graph, objects: boolean): Json[] {
  const inputs = new Map([...graph.nodes].map(([id, node]) => [id, placesOf(node.inputs)]));
  const outputs = new Map([...graph.nodes].map(([id, node]) => [id, placesOf(node.outputs)]));
  const found: Json[] = [];
  for (const link of graph.links.values()) {
    const first = outputs.get(link.from)?.get(link.fromSocket);
    const second = inputs.get(link.to)?.get(link.toSocket);
    if (first === undefined || second === undefined) continue;
    const { id = idForFile(link.id), type = link.type, more, ...rest } = link.rest;
    const [from, to] = [fileId(graph, link.from), fileId(graph, link.to)];
    if (!objects) found.push([id, from, first, to, second, type, ...(Array.isArray(more) ? more : [])]);
    else {
      const parent = link.reroute === undefined ? {} : { parentId: idForFile(link.reroute) };
      found.push({ ...rest, id, origin_id: from, origin_slot: first, target_id: to, target_slot: second, type, ...parent });
    }
  }
  return found;
}

function fileId(graph: Graph, id: string): Json {
  return graph.nodes.get(id)?.rest["id"] ?? idForFile(id);
}

function groupJson(group: Group): Json {
  return {
    ...(group.id.startsWith("#") ? {} : { id: idForFile(group.id) }),
    title: group.title,
    bounding: [...group.pos, ...group.size],
    ...(group.color === undefined ? {} : { color: group.color }),
    ...group.rest,
  };
}

function reroutesJson(graph: Graph): Json[] {
  const links = new Map<string, Json[]>();
  for (const link of graph.links.values()) {
    const seen = new Set<string>();
    for (let id = link.reroute; id !== undefined && !seen.has(id); id = graph.reroutes.get(id)?.parent) {
      seen.add(id);
      links.set(id, [...(links.get(id) ?? []), idForFile(link.id)]);
    }
  }
  return [...graph.reroutes.values()].map((each: Reroute): Json => ({
    ...each.rest,
    id: idForFile(each.id),
    ...(each.parent === undefined ? {} : { parentId: idForFile(each.parent) }),
    pos: [...each.pos],
    linkIds: links.get(each.id) ?? [],
  }));
}

function subgraph(graph: Graph, state: DocumentState, definitions: Definitions): Json {
  const tables = tablesOf(graph, state, definitions, true);
  const [input, output] = [graph.nodes.get(INPUT_NODE), graph.nodes.get(OUTPUT_NODE)];
  const outOf = endsOf(graph, (link) => `${link.from} ${link.fromSocket}`);
  const into = endsOf(graph, (link) => `${link.to} ${link.toSocket}`);
  const extra = withHidden(graph.rest["extra"], graph.links);
  return {
    ...graph.rest,
    ...(extra ? { extra } : {}),
    id: graph.id,
    name: graph.name,
    ...(input?.type === INPUT_NODE_TYPE ? { inputNode: boundaryJson(input), inputs: portsJson(input.id, input.outputs, outOf) } : {}),
    ...(output?.type === OUTPUT_NODE_TYPE ? { outputNode: boundaryJson(output), outputs: portsJson(output.id, output.inputs, into) } : {}),
    nodes: tables.nodes,
    links: tables.links,
    groups: tables.groups,
    ...(tables.reroutes.length ? { reroutes: tables.reroutes } : {}),
  };
}

function boundaryJson(node: GraphNode): Json {
  return { ...node.rest, id: Number(node.id), bounding: [...node.pos, ...node.size] };
}

function portsJson(node: string, sockets: readonly Socket[], ends: Ends): Json[] {
  return sockets.map((socket): Json => {
    const { broken, ...rest } = socket.rest;
    if (broken !== undefined) return broken;
    return {
      name: socket.name,
      type: socket.type,
      ...(socket.label === undefined ? {} : { label: socket.label }),
      ...rest,
      linkIds: [...(ends.get(`${node} ${socket.id}`) ?? [])],
    };
  });
}
