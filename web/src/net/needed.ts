/** Which nodes a run visits, by the ids that runs give them: what is asked for, and all that leads there, through subgraphs. */

import { INPUT_NODE, isBoundary, OUTPUT_NODE } from "../core/ids";
import { runIdOf, type Path } from "../core/paths";
import { ROOT, type Definitions, type DocumentState, type Graph, type GraphNode, type NodeId, type SocketId } from "../core/types";
import { isVirtual } from "../core/virtual";
import { linksInto } from "../core/wires";

const DEEPEST = 32;

/** A node at its place among the instances. */
interface Placed {
  readonly graph: Graph;
  readonly path: Path;
  readonly node: GraphNode;
}

/** The nodes that a run visits. goals: run ids, also of instances; all that give results when undefined */
export function neededNodes(state: DocumentState, definitions: Definitions, goals?: Iterable<NodeId>): Set<NodeId> {
  const flat = new Flat(state);
  const waiting = goals === undefined ? flat.results(definitions) : [...goals].flatMap((id) => flat.at(id));
  const found = new Set<NodeId>();
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    const id = runIdOf(at.path, at.node.id);
    if (found.has(id)) continue;
    found.add(id);
    waiting.push(...flat.sources(at));
  }
  return found;
}

/** What to compute so that the results of these nodes are there: themselves; where one does not run, what feeds it. */
export function goalsAt(state: DocumentState, path: Path, ids: Iterable<NodeId>): NodeId[] {
  const flat = new Flat(state);
  const graph = flat.graphAt(path);
  const found = new Set<NodeId>();
  for (const id of ids) {
    const node = graph?.nodes.get(id);
    if (!graph || !node) continue;
    if (runs(node)) found.add(runIdOf(path, id));
    else for (const source of flat.sources({ graph, path, node })) found.add(runIdOf(source.path, source.node.id));
  }
  return [...found];
}

/** The outputs that these nodes lead to, themselves where they are some. */
export function outputsAfter(state: DocumentState, definitions: Definitions, path: Path, ids: Iterable<NodeId>): NodeId[] {
  const starts = new Set(neededStarts(new Flat(state), path, ids));
  const flat = new Flat(state);
  return flat
    .results(definitions)
    .map((each) => runIdOf(each.path, each.node.id))
    .filter((output) => [...neededNodes(state, definitions, [output])].some((id) => starts.has(id)));
}

function neededStarts(flat: Flat, path: Path, ids: Iterable<NodeId>): NodeId[] {
  return goalsAt(flat.state, path, ids).flatMap((id) => flat.at(id).map((each) => runIdOf(each.path, each.node.id)));
}

/** A document with its instances unfolded, as the server sees it. */
class Flat {
  constructor(readonly state: DocumentState) {}

  graphAt(path: Path): Graph | undefined {
    let graph = this.state.graphs.get(ROOT);
    for (const id of path) graph = this.inner(graph?.nodes.get(id));
    return graph;
  }

  inner(node: GraphNode | undefined): Graph | undefined {
    return node && node.type !== ROOT ? this.state.graphs.get(node.type) : undefined;
  }

  /** The nodes that give results. */
  results(definitions: Definitions): Placed[] {
    const root = this.state.graphs.get(ROOT);
    return root ? [...this.within(root, [])].filter(({ node }) => definitions.get(node.type)?.isOutput === true) : [];
  }

  /** The node of a run id; all that is inside where it is an instance. */
  at(id: NodeId): Placed[] {
    const steps = id.split(":");
    const path = steps.slice(0, -1);
    const graph = this.graphAt(path);
    const node = graph?.nodes.get(steps.at(-1) ?? "");
    if (!graph || !node) return [];
    const inner = this.inner(node);
    return inner ? [...this.within(inner, [...path, node.id])] : [{ graph, path, node }];
  }

  /** Every node that runs, in a graph and below it. */
  *within(graph: Graph, path: Path): Iterable<Placed> {
    if (path.length > DEEPEST) return;
    for (const node of graph.nodes.values()) {
      const inner = this.inner(node);
      if (!isOn(node)) continue;
      if (inner) yield* this.within(inner, [...path, node.id]);
      else if (runs(node)) yield { graph, path, node };
    }
  }

  /** The nodes that run whose values a node takes. */
  sources({ graph, path, node }: Placed): Placed[] {
    const found: Placed[] = [];
    const seen = new Set<string>();
    for (const link of linksInto(graph, node.id).values()) this.#follow(graph, path, link.from, link.fromSocket, found, seen);
    return found;
  }

  /** Goes from an output to the node that makes its value: up and down through subgraphs, and through what is passed over. */
  #follow(graph: Graph, path: Path, from: NodeId, socket: SocketId, found: Placed[], seen: Set<string>): void {
    const key = `${runIdOf(path, from)} ${socket}`;
    const node = graph.nodes.get(from);
    if (!node || seen.has(key) || path.length > DEEPEST) return;
    seen.add(key);
    if (from === INPUT_NODE) return this.#up(path, socket, found, seen);
    const inner = isOn(node) ? this.inner(node) : undefined;
    if (inner) return this.#into(inner, [...path, from], OUTPUT_NODE, socket.replace(/^out:/, "in:"), found, seen);
    if (runs(node)) found.push({ graph, path, node });
    else if (node.mode !== 2) this.#into(graph, path, from, undefined, found, seen);
  }

  #up(path: Path, socket: SocketId, found: Placed[], seen: Set<string>): void {
    const outer = this.graphAt(path.slice(0, -1));
    const instance = path.at(-1);
    if (outer && instance !== undefined) this.#into(outer, path.slice(0, -1), instance, socket.replace(/^out:/, "in:"), found, seen);
  }

  /** Follows the links into a node; into one input where that is named. */
  #into(graph: Graph, path: Path, to: NodeId, input: SocketId | undefined, found: Placed[], seen: Set<string>): void {
    for (const link of linksInto(graph, to).values()) {
      if (input === undefined || link.toSocket === input) this.#follow(graph, path, link.from, link.fromSocket, found, seen);
    }
  }
}

function isOn(node: GraphNode): boolean {
  return node.mode !== 2 && node.mode !== 4;
}

function runs(node: GraphNode): boolean {
  return isOn(node) && !isVirtual(node.type) && !isBoundary(node);
}
