/** Numbers for new things. A number is used once in a file, so that nothing remembered of an old node sticks to a new one. */

import { isFields } from "./entries";
import type { Transaction } from "./document";
import type { DocumentState, Fields, GraphId, Json } from "./types";

export const INPUT_NODE = "-10";
export const OUTPUT_NODE = "-20";
/** The types of the two nodes that stand for a subgraph's own inputs and outputs. */
export const INPUT_NODE_TYPE = "subgraph:inputs";
export const OUTPUT_NODE_TYPE = "subgraph:outputs";

/** Whether a node stands for its subgraph's own inputs or outputs, and so cannot be removed or copied. */
export function isBoundary(node: { readonly id: string }): boolean {
  return node.id === INPUT_NODE || node.id === OUTPUT_NODE;
}

const COUNTERS = { nodes: ["last_node_id", "lastNodeId"], links: ["last_link_id", "lastLinkId"] } as const;

/** By transaction: the ids it gave last, as finding the highest of a large file takes its time. */
const given = new WeakMap<Transaction, { nodes?: number; links?: number }>();

/** The next free id of a node or a link; the file remembers that it is used. */
export function freshId(t: Transaction, table: keyof typeof COUNTERS): string {
  let last = given.get(t);
  if (!last) given.set(t, (last = {}));
  const next = (last[table] ?? lastId(t.state, table)) + 1;
  last[table] = next;
  t.putRest(undefined, withCounter(t.state.rest, table, next));
  return String(next);
}

/** The next free id of a group or reroute of a graph. */
export function freshLocalId(t: Transaction, graph: GraphId, table: "groups" | "reroutes"): string {
  return String(highest(t.state.graphs.get(graph)?.[table].keys() ?? []) + 1);
}

/** The file's highest number of a table; where the file's counter is behind, the highest that is used. */
export function lastId(state: DocumentState, table: keyof typeof COUNTERS): number {
  const [old, current] = COUNTERS[table];
  const { rest } = state;
  const inState = isFields(rest["state"]) ? rest["state"][current] : undefined;
  let last = Math.max(whole(rest[old]), whole(inState));
  for (const graph of state.graphs.values()) last = Math.max(last, highest(graph[table].keys()));
  return last;
}

/** The highest of the ids that are numbers, 0 where none is. */
export function highest(ids: Iterable<string>): number {
  let last = 0;
  for (const id of ids) last = Math.max(last, numberOf(id));
  return last;
}

function withCounter(rest: Fields, table: keyof typeof COUNTERS, value: number): Fields {
  const [old, current] = COUNTERS[table];
  if (!(old in rest) && isFields(rest["state"])) return { ...rest, state: { ...rest["state"], [current]: value } as { [key: string]: Json } };
  return { ...rest, [old]: value };
}

function whole(value: Json | undefined): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function numberOf(id: string): number {
  return /^\d{1,15}$/.test(id) ? Number(id) : 0;
}
