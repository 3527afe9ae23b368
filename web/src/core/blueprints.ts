/** Subgraphs kept for every file, in the form that ComfyUI keeps its blueprints: a workflow with one instance and its definitions. */

import { paste } from "./clipboard";
import type { Transaction } from "./document";
import { isFields } from "./entries";
import { definitionOf } from "./instances";
import { newGraphId } from "./subgraphs";
import { parseJson, printJson } from "../io/json";
import { readWorkflow } from "../io/read";
import { writeWorkflow } from "../io/write";
import { ROOT, type Definitions, type DocumentState, type Graph, type GraphId, type GraphNode, type Json, type NodeDef, type NodeId, type Point } from "./types";

/** The module of node types that stand for a kept subgraph. */
export const BLUEPRINT = "blueprint";
/** What ComfyUI calls the types of kept subgraphs, before their names. */
const PREFIX = "SubgraphBlueprint.";

/** A subgraph that can be put into any file. */
export interface Blueprint {
  readonly name: string;
  /** Where it came from: a pack's name, "" of one's own. */
  readonly pack: string;
  readonly text: string;
  readonly def: NodeDef;
}

/** The text that keeps an instance with all that is inside of it; undefined where the node is none. */
export function blueprintText(state: DocumentState, graphId: GraphId, id: NodeId, definitions: Definitions, name: string): string | undefined {
  const node = state.graphs.get(graphId)?.nodes.get(id);
  const inner = node && node.type !== ROOT ? state.graphs.get(node.type) : undefined;
  if (!node || !inner) return undefined;
  const { title: _, ...untitled } = node;
  const alone: GraphNode = { ...untitled, id: "1", pos: [0, 0], mode: 0, collapsed: false, pinned: false, rest: {} };
  const graphs = new Map<GraphId, Graph>([[ROOT, { id: ROOT, name: "", nodes: new Map([["1", alone]]), links: new Map(), groups: new Map(), reroutes: new Map(), rest: {} }]]);
  const waiting = [inner];
  for (let graph = waiting.pop(); graph; graph = waiting.pop()) {
    if (graphs.has(graph.id)) continue;
    graphs.set(graph.id, graph === inner ? { ...graph, name } : graph);
    for (const each of graph.nodes.values()) {
      const nested = state.graphs.get(each.type);
      if (nested && each.type !== ROOT) waiting.push(nested);
    }
  }
  return printJson(writeWorkflow({ graphs, rest: { revision: 0, last_link_id: 0, version: 0.4 } }, definitions), 2);
}

/** What the add-node box knows of a kept subgraph; undefined where the text holds none. */
export function readBlueprint(name: string, pack: string, text: string, definitions: Definitions): Blueprint | undefined {
  try {
    const { state } = readWorkflow(text, definitions);
    const [node, second] = [...(state.graphs.get(ROOT)?.nodes.values() ?? [])];
    const def = node && !second && state.graphs.has(node.type) ? definitionOf(state, definitions, node.type, node) : undefined;
    if (!def) return undefined;
    const category = pack === "" ? "Subgraphs" : `Subgraphs/${pack}`;
    return { name, pack, text, def: { ...def, id: `${PREFIX}${pack === "" ? "" : `${pack}.`}${name}`, title: name, category, module: BLUEPRINT } };
  } catch {
    // What somebody else put into the folder is no reason to show nothing.
    return undefined;
  }
}

/** Puts a kept subgraph into a graph. What the file has already is shared; a definition that was changed since stays as it is beside a new one. */
export function insertBlueprint(t: Transaction, graphId: GraphId, text: string, at: Point, definitions: Definitions): NodeId | undefined {
  const json = parseJson(text);
  if (!isFields(json)) return undefined;
  const renamed = withFreshIds(json, taken(t.state, json, definitions));
  return paste(t, graphId, printJson(renamed), at, definitions)[0];
}

/** The definitions of a text that the document has with another content. */
function taken(state: DocumentState, json: { readonly [key: string]: Json }, definitions: Definitions): ReadonlyMap<GraphId, GraphId> {
  const theirs = readWorkflow(json as Json, definitions).state;
  const ids = [...theirs.graphs.keys()].filter((id) => id !== ROOT && state.graphs.has(id));
  const ours = writtenGraphs(state, ids, definitions);
  const written = writtenGraphs(theirs, ids, definitions);
  const differ = ids.some((id) => ours.get(id) !== written.get(id));
  // Definitions refer to each other, so they are shared all or not at all.
  return new Map(differ ? [...theirs.graphs.keys()].filter((id) => id !== ROOT).map((id) => [id, newGraphId()]) : []);
}

function writtenGraphs(state: DocumentState, ids: readonly GraphId[], definitions: Definitions): ReadonlyMap<GraphId, string> {
  const root: Graph = { id: ROOT, name: "", nodes: new Map(), links: new Map(), groups: new Map(), reroutes: new Map(), rest: {} };
  const file = writeWorkflow({ graphs: new Map([...state.graphs, [ROOT, root]]), rest: {} }, definitions);
  const listed = isFields(file) && isFields(file["definitions"]) ? file["definitions"]["subgraphs"] : [];
  const wanted = new Set(ids);
  return new Map((Array.isArray(listed) ? listed : []).flatMap((each) => (isFields(each) && wanted.has(String(each["id"])) ? [[String(each["id"]), printJson({ ...each, name: "" })] as const] : [])));
}

/** The workflow with other ids for some of its subgraphs. */
function withFreshIds(json: { readonly [key: string]: Json }, fresh: ReadonlyMap<GraphId, GraphId>): Json {
  if (fresh.size === 0) return json as Json;
  const nodes = (list: Json | undefined): Json =>
    (Array.isArray(list) ? list : []).map((node) => (isFields(node) && typeof node["type"] === "string" ? { ...node, type: fresh.get(node["type"]) ?? node["type"] } : node));
  const definitions = isFields(json["definitions"]) ? json["definitions"] : {};
  const subgraphs = (Array.isArray(definitions["subgraphs"]) ? definitions["subgraphs"] : []).map((each): Json => {
    if (!isFields(each) || typeof each["id"] !== "string") return each;
    return { ...each, id: fresh.get(each["id"]) ?? each["id"], nodes: nodes(each["nodes"]) };
  });
  return { ...json, nodes: nodes(json["nodes"]), definitions: { ...definitions, subgraphs } };
}
