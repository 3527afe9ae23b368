/** Which outputs carry several pictures or values at once, as far as wires and settings tell before anything runs. */

import { adjacency } from "./order";
import type { Graph, GraphNode, Json, NodeId, SocketId } from "./types";

/** Settings that say how many; several nodes of ComfyUI have each of them. */
export const COUNTS: readonly string[] = ["batch_size", "length", "amount"];
const PICTURES = /^(IMAGE|LATENT|MASK)$/;

let known: { readonly nodes: Graph["nodes"]; readonly links: Graph["links"]; readonly found: ReadonlySet<string> } | undefined;

/** How a set of outputs names one. */
export function outputKey(node: NodeId, socket: SocketId): string {
  return `${node} ${socket}`;
}

/** The outputs with batches or lists: where a setting or the type says so, and what is made from them. Kept for the newest graph. */
export function batchedOutputs(graph: Graph): ReadonlySet<string> {
  if (known?.nodes === graph.nodes && known.links === graph.links) return known.found;
  const found = new Set<string>();
  const waiting: NodeId[] = [];
  const several = new Set<NodeId>();
  for (const node of graph.nodes.values()) {
    for (const output of node.outputs) if (output.isList) found.add(outputKey(node.id, output.id));
    if (!makesSeveral(graph, node)) continue;
    several.add(node.id);
    waiting.push(node.id);
  }
  const { out } = adjacency(graph);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const output of graph.nodes.get(id)?.outputs ?? []) if (PICTURES.test(output.type)) found.add(outputKey(id, output.id));
    for (const link of out.get(id) ?? []) {
      const next = graph.nodes.get(link.to);
      if (!next || several.has(next.id) || !PICTURES.test(link.type) || takesOne(next)) continue;
      several.add(next.id);
      waiting.push(next.id);
    }
  }
  known = { nodes: graph.nodes, links: graph.links, found };
  return found;
}

function makesSeveral(graph: Graph, node: GraphNode): boolean {
  if (!node.outputs.some((each) => PICTURES.test(each.type))) return false;
  // The amount of other nodes is in pixels.
  const named = COUNTS.filter((name) => name !== "amount" || /^Repeat/.test(node.type));
  return named.some((name) => atLeastTwo(node.values[name])) || joins(graph, node);
}

function atLeastTwo(value: Json | undefined): boolean {
  return typeof value === "number" && value > 1;
}

/** Whether a node takes a single one out of a batch. */
function takesOne(node: GraphNode): boolean {
  return /FromBatch$/.test(node.type) && node.values["length"] === 1;
}

/** Whether a node puts several wired pictures behind each other. */
function joins(graph: Graph, node: GraphNode): boolean {
  if (!/batch/i.test(node.type)) return false;
  const links = adjacency(graph).into.get(node.id) ?? [];
  return links.filter((link) => PICTURES.test(link.type)).length > 1;
}
