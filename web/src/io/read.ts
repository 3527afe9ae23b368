/** From workflow JSON, 0.4 or 1.0, to the document. What is broken is told and left out; what is unknown is kept. */

import { isFields } from "../core/entries";
import { INPUT_NODE, OUTPUT_NODE } from "../core/ids";
import { definitionOf } from "../core/instances";
import { ROOT, type Definitions, type DocumentState, type Fields, type Graph, type GraphId, type GraphNode, type Json } from "../core/types";
import { markHidden, withoutHidden } from "./hidden";
import { parseJson } from "./json";
import { readGroups, readLinks, readReroutes } from "./lines";
import { boundaryNodes, readNodes, type Note } from "./nodes";
import { readValues } from "./widgets";

/** What reading a file gives. */
export interface Reading {
  readonly state: DocumentState;
  /** What was odd in the file, in words for its user. */
  readonly warnings: string[];
}

/** Fields of a graph that are tables here; everything else of it is kept as it is. */
const TABLES = ["nodes", "links", "groups", "reroutes"];
const PORTS = ["inputs", "outputs", "inputNode", "outputNode"];
/** A graph this broken tells its user no more than this. */
const MOST_WARNINGS = 100;

/** The document of a workflow file. Throws an Error with words for its user where it is no workflow. */
export function readWorkflow(source: string | Json, definitions: Definitions): Reading {
  const json = typeof source === "string" ? parsed(source) : source;
  if (!isFields(json) || !Array.isArray(json["nodes"])) throw new Error("This is no workflow: it has no list of nodes.");
  const warnings: string[] = [];
  const note: Note = (text) => {
    if (warnings.length < MOST_WARNINGS) warnings.push(text);
    else if (warnings.length === MOST_WARNINGS) warnings.push("… and more of the like");
  };
  const graphs = new Map<GraphId, Graph>();
  const extra = isFields(json["extra"]) ? json["extra"] : {};
  // The older format keeps bends where unknown programs leave them alone.
  const old = { reroutes: json["reroutes"] ?? extra["reroutes"], extensions: extra["linkExtensions"] };
  graphs.set(ROOT, readGraph(ROOT, json, old, note));
  const unread: Json[] = [];
  const listed = isFields(json["definitions"]) ? json["definitions"]["subgraphs"] : undefined;
  for (const raw of Array.isArray(listed) ? listed : []) {
    const graph = readSubgraph(raw, graphs, note);
    if (graph) graphs.set(graph.id, graph);
    else unread.push(raw);
  }
  const state = { graphs, rest: fileRest(json, withoutHidden(extra, graphs.get(ROOT)?.links ?? new Map()), unread) };
  return { state: withSettings(state, definitions), warnings };
}

function parsed(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    throw new Error(`This is no JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

interface Bends {
  readonly reroutes: Json | undefined;
  readonly extensions?: Json | undefined;
}

function readGraph(id: GraphId, raw: Fields, bends: Bends, note: Note): Graph {
  const { nodes, slots } = readNodes(raw["nodes"], note);
  for (const [key, node] of id === ROOT ? [] : boundaryNodes(raw)) nodes.set(key, node);
  const reroutes = readReroutes(bends.reroutes, note);
  const links = markHidden(readLinks(raw, { nodes, slots, extensions: bends.extensions, reroutes, note }), raw["extra"]);
  return {
    id,
    name: typeof raw["name"] === "string" ? raw["name"] : "",
    nodes,
    links,
    groups: readGroups(raw["groups"], note),
    reroutes,
    rest: id === ROOT ? {} : innerRest(raw, links),
  };
}

function innerRest(raw: Fields, links: Graph["links"]): Fields {
  const rest = without(raw, [...TABLES, ...PORTS, "id", "name"]);
  return isFields(rest["extra"]) ? { ...rest, extra: withoutHidden(rest["extra"], links) } : rest;
}

function readSubgraph(raw: Json, graphs: ReadonlyMap<GraphId, Graph>, note: Note): Graph | undefined {
  if (!isFields(raw) || typeof raw["id"] !== "string" || raw["id"] === "" || !Array.isArray(raw["nodes"])) {
    note("A subgraph of the file has no id or no nodes; it is kept but not shown.");
    return undefined;
  }
  const id = raw["id"];
  if (graphs.has(id)) {
    note(`Two subgraphs have the id ${id}; the first one counts.`);
    return undefined;
  }
  return readGraph(id, raw, { reroutes: raw["reroutes"] }, note);
}

/** Everything of the file that is no graph. Subgraphs that could not be read stay in `definitions`. */
function fileRest(json: Fields, extra: Fields, unread: Json[]): Fields {
  const rest: Record<string, Json> = { ...without(json, TABLES) };
  if (isFields(json["extra"])) rest["extra"] = { ...without(extra, ["linkExtensions", ...(json["reroutes"] === undefined ? ["reroutes"] : [])]) };
  if (isFields(json["definitions"])) {
    const definitions: Record<string, Json> = { ...without(json["definitions"], ["subgraphs"]) };
    if (unread.length) definitions["subgraphs"] = unread;
    rest["definitions"] = definitions;
  }
  return rest;
}

/** With the settings of every node by name, which needs all graphs: an instance's are those of nodes inside. */
function withSettings(state: DocumentState, definitions: Definitions): DocumentState {
  const graphs = new Map<GraphId, Graph>();
  // Only widgets inside matter to an instance's names, so reading in any order finds the same.
  for (const [id, graph] of state.graphs) {
    const nodes = new Map<string, GraphNode>();
    for (const [key, node] of graph.nodes) nodes.set(key, isPort(key) && id !== ROOT ? node : named(node, state, definitions));
    graphs.set(id, { ...graph, nodes });
  }
  return { ...state, graphs };
}

function isPort(id: string): boolean {
  return id === INPUT_NODE || id === OUTPUT_NODE;
}

function named(node: GraphNode, state: DocumentState, definitions: Definitions): GraphNode {
  const { rawValues, ...plain } = node;
  const settings = readValues(rawValues, node.properties, node.inputs, definitionOf(state, definitions, node.type, node));
  if (!("widget_names" in node.properties)) return { ...plain, ...settings };
  // The names are worked out anew when the file is written; an odd list stays to be looked at.
  const kept = settings.rawValues !== undefined;
  return { ...plain, ...settings, properties: kept ? node.properties : without(node.properties, ["widget_names"]) };
}

function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
