/** The way into nested subgraphs: the instances that were entered, outermost first. */

import { ROOT, type DocumentState, type Graph, type GraphId, type NodeId } from "./types";

export type Path = readonly NodeId[];

/** The graph that a way leads to; undefined where an instance on it is gone. */
export function graphAt(state: DocumentState, path: Path): GraphId | undefined {
  let graph: Graph | undefined = state.graphs.get(ROOT);
  for (const id of path) {
    const type: string | undefined = graph?.nodes.get(id)?.type;
    graph = type === undefined || type === ROOT ? undefined : state.graphs.get(type);
  }
  return graph?.id;
}

/** The shortest way to a graph; undefined where nothing leads there. */
export function pathTo(state: DocumentState, wanted: GraphId): Path | undefined {
  const seen = new Set<GraphId>([ROOT]);
  let level: { readonly graph: GraphId; readonly path: Path }[] = [{ graph: ROOT, path: [] }];
  while (level.length) {
    const found = level.find((each) => each.graph === wanted);
    if (found) return found.path;
    const next: typeof level = [];
    for (const { graph, path } of level) {
      for (const node of state.graphs.get(graph)?.nodes.values() ?? []) {
        if (seen.has(node.type) || !state.graphs.has(node.type)) continue;
        seen.add(node.type);
        next.push({ graph: node.type, path: [...path, node.id] });
      }
    }
    level = next;
  }
  return undefined;
}

/** The id that a node inside of these instances has in a run: "12:3". */
export function runIdOf(path: Path, id: NodeId): NodeId {
  return path.length === 0 ? id : [...path, id].join(":");
}

/** The node of the graph at a way that a run's id is of, or is inside of; undefined where it runs elsewhere. */
export function idOnPath(path: Path, runId: NodeId): { readonly id: NodeId; readonly inside: boolean } | undefined {
  const prefix = path.length === 0 ? "" : `${path.join(":")}:`;
  if (!runId.startsWith(prefix)) return undefined;
  const own = runId.slice(prefix.length);
  const at = own.indexOf(":");
  return at < 0 ? { id: own, inside: false } : { id: own.slice(0, at), inside: true };
}
