/** What the instances of a subgraph look like from outside: their sockets and the settings they promote (interface 4.6). */

import { text } from "./entries";
import { INPUT_NODE, OUTPUT_NODE } from "./ids";
import { givenValue } from "./schema";
import { widgetsFor } from "./widgets";
import type { Definitions, DocumentState, Graph, GraphId, GraphNode, NodeDef, Socket, SocketDef, WidgetDef } from "./types";

type Graphs = DocumentState["graphs"];

interface Known {
  readonly graphs: Graphs;
  readonly used: readonly (readonly [GraphId, Graph | undefined])[];
  readonly def: NodeDef;
}

const known = new WeakMap<Definitions, Map<string, Known>>();

/** The definition of a node's type, be it the server's, the editor's or a subgraph of this document. */
export function definitionOf(state: DocumentState, definitions: Definitions, type: string, node?: GraphNode): NodeDef | undefined {
  const graph = state.graphs.get(type);
  if (!graph || type === "root") return definitions.get(type);
  const proxies = node ? proxyWidgets(node) : [];
  const key = proxies.length ? `${type} ${JSON.stringify(proxies)}` : type;
  let defs = known.get(definitions);
  if (!defs) known.set(definitions, (defs = new Map()));
  const earlier = defs.get(key);
  if (earlier && (earlier.graphs === state.graphs || earlier.used.every(([id, each]) => state.graphs.get(id) === each))) return earlier.def;
  const used = new Map<GraphId, Graph | undefined>();
  const def = instanceDefinition(new Inside(state.graphs, definitions, used), graph, proxies);
  defs.set(key, { graphs: state.graphs, used: [...used], def });
  return def;
}

/** The inner settings that an instance shows, as [inner node, setting]; "-1" stands for the instance's own input. */
export function proxyWidgets(node: GraphNode): (readonly [inner: string, widget: string])[] {
  const given = node.properties["proxyWidgets"];
  if (!Array.isArray(given)) return [];
  return given.flatMap((each) => {
    if (!Array.isArray(each)) return [];
    const [inner, widget] = each;
    return (typeof inner === "string" || typeof inner === "number") && typeof widget === "string" ? [[String(inner), widget] as const] : [];
  });
}

/** The graphs of a document as instances see them, and which of them were looked at. */
class Inside {
  constructor(
    readonly graphs: Graphs,
    readonly definitions: Definitions,
    readonly used: Map<GraphId, Graph | undefined>,
  ) {}

  graph(id: GraphId): Graph | undefined {
    const found = this.graphs.get(id);
    this.used.set(id, found);
    return found;
  }

  /** The setting that an input of a subgraph stands for. */
  promoted(id: GraphId, port: Socket): WidgetDef | undefined {
    const waiting: [Graph, string][] = [];
    const seen = new Set<string>();
    const start = this.graph(id);
    if (start) waiting.push([start, port.id]);
    for (let here = waiting.pop(); here; here = waiting.pop()) {
      const [graph, socket] = here;
      if (seen.has(`${graph.id} ${socket}`)) continue;
      seen.add(`${graph.id} ${socket}`);
      for (const link of graph.links.values()) {
        if (link.from !== INPUT_NODE || link.fromSocket !== socket) continue;
        const target = graph.nodes.get(link.to);
        const input = target?.inputs.find((each) => each.id === link.toSocket);
        if (!target || !input) continue;
        const nested = target.type === graph.id ? undefined : this.graph(target.type);
        const inner = nested?.nodes.get(INPUT_NODE)?.outputs.find((each) => each.name === input.name);
        if (nested && inner) waiting.push([nested, inner.id]);
        const widget = nested ? undefined : this.setting(target, input.widget ?? input.name, input);
        if (widget) return { ...widget, name: port.name };
      }
    }
    return undefined;
  }

  setting(node: GraphNode, name: string, socket?: Socket): WidgetDef | undefined {
    const def = this.definitions.get(node.type);
    const widget = def && widgetsFor(def, node.values).find((each) => each.name === name);
    if (widget || socket?.widget === undefined) return widget;
    return { name, kind: "unknown", type: socket.type, default: null, options: {}, isInput: true };
  }
}

function instanceDefinition(inside: Inside, graph: Graph, proxies: readonly (readonly [string, string])[]): NodeDef {
  inside.graph(graph.id);
  const ports = graph.nodes.get(INPUT_NODE)?.outputs ?? [];
  const settings = new Map(ports.flatMap((port) => {
    const widget = inside.promoted(graph.id, port);
    return widget ? [[port.name, port.label === undefined ? widget : { ...widget, options: { ...widget.options, label: port.label } }] as const] : [];
  }));
  return {
    id: graph.id,
    title: graph.name,
    category: text(graph.rest["category"]),
    description: text(graph.rest["description"]),
    module: "subgraph",
    isOutput: false,
    deprecated: false,
    experimental: false,
    inputs: ports.filter((port) => !settings.has(port.name)).map(asDef),
    outputs: (graph.nodes.get(OUTPUT_NODE)?.inputs ?? []).map(asDef),
    widgets: instanceWidgets(inside, graph, settings, proxies),
  };
}

/** In the order of their values in the file: `proxyWidgets` gives it where it lists the instance's own settings too. */
function instanceWidgets(
  inside: Inside,
  graph: Graph,
  settings: ReadonlyMap<string, WidgetDef>,
  proxies: readonly (readonly [string, string])[],
): WidgetDef[] {
  const proxied = proxies.map(([id, name]): WidgetDef => {
    const own = id === "-1" ? settings.get(name) : undefined;
    if (id === "-1") return own ?? { name, kind: "unknown", type: "*", default: null, options: {}, isInput: true };
    const inner = graph.nodes.get(id);
    const found = inner && inside.setting(inner, name);
    const shown = inner ? (givenValue(inner, name) ?? found?.default ?? null) : null;
    const base: WidgetDef = found ?? { name, kind: "unknown", type: "*", default: null, options: {}, isInput: true };
    return { ...base, name: `${id}.${name}`, default: shown, isInput: false, options: { ...base.options, inner: id, setting: name } };
  });
  if (proxies.some(([id]) => id === "-1")) return proxied;
  const inner = new Set(proxies.map(([, name]) => name));
  return [...[...settings.values()].filter((each) => !inner.has(each.name)), ...proxied];
}

function asDef(socket: Socket): SocketDef {
  return { name: socket.name, type: socket.type, optional: false, isList: socket.isList === true };
}

/** Whether a subgraph holds an instance of itself, at any depth; making such an instance is refused. */
export function contains(state: DocumentState, outer: GraphId, inner: GraphId): boolean {
  const seen = new Set<GraphId>();
  const waiting = [outer];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (id === inner) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    for (const node of state.graphs.get(id)?.nodes.values() ?? []) if (state.graphs.has(node.type)) waiting.push(node.type);
  }
  return false;
}

