/** What comes into a setting over a wire, as far as the drawing tells. */

import { definitionOf } from "./instances";
import { adjacency } from "./order";
import { inputsOf, valueOf } from "./schema";
import type { Definitions, DocumentState, Graph, GraphNode, Json, Link, NodeId } from "./types";

/** Where a wire begins, past all bends; constant: the value of a node that only holds one. */
export interface Incoming {
  readonly node: NodeId;
  /** The place of the output. */
  readonly output: number;
  readonly constant?: Json;
}

/** Nodes that only hold a value are in this part of the menu. */
const HOLDERS = /^utils\/primitive$/;

/** The beginning of a wire; undefined where it hangs in the air or goes in a circle. */
export function incomingOf(state: DocumentState, definitions: Definitions, graph: Graph, link: Link): Incoming | undefined {
  const { into } = adjacency(graph);
  const seen = new Set<NodeId>();
  for (let wire: Link | undefined = link; wire && !seen.has(wire.from); ) {
    const node = graph.nodes.get(wire.from);
    if (!node) return undefined;
    seen.add(node.id);
    if (node.type === "Reroute") {
      wire = into.get(node.id)?.[0];
      continue;
    }
    const from = wire.fromSocket;
    const found: Incoming = { node: node.id, output: Math.max(0, node.outputs.findIndex((each) => each.id === from)) };
    const held = heldBy(state, definitions, node);
    if (!held || node.mode !== 0) return found;
    const fed: Link | undefined = (into.get(node.id) ?? []).find((each) => each.toSocket === held.socket);
    if (!fed) return { ...found, constant: held.value };
    wire = fed;
  }
  return undefined;
}

function heldBy(state: DocumentState, definitions: Definitions, node: GraphNode): { readonly value: Json; readonly socket: string | undefined } | undefined {
  const def = definitionOf(state, definitions, node.type, node);
  if (!def || !(node.type === "PrimitiveNode" || HOLDERS.test(def.category))) return undefined;
  const widget = def.widgets[0];
  if (!widget || def.inputs.length > 0) return undefined;
  const socket = inputsOf(node, def).find((each) => (each.widget ?? each.name) === widget.name)?.id;
  return { value: valueOf(node, widget), socket };
}

/** A value in one line, as a row shows it. */
export function plainText(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
