/** What differs between the graph that made a picture and the one at hand: node by node, setting by setting. Pure. */

import { definitionOf } from "../../core/instances";
import { setMode, setValue } from "../../core/edits";
import type { Transaction } from "../../core/document";
import { isStored } from "../../core/schema";
import type { Definitions, DocumentState, Graph, GraphId, GraphNode, Json, Mode, NodeId } from "../../core/types";

/** name: of the setting; "" is the mode (on, muted, bypassed) */
export interface Difference {
  readonly name: string;
  /** In the graph at hand, and in the one that made the picture. */
  readonly now: Json;
  readonly then: Json;
}

export interface NodeDifference {
  readonly graph: GraphId;
  readonly node: NodeId;
  readonly title: string;
  readonly differences: readonly Difference[];
}

export interface Comparison {
  readonly nodes: readonly NodeDifference[];
  /** Titles of nodes that only one of the two has. */
  readonly onlyNow: readonly string[];
  readonly onlyThen: readonly string[];
}

export const MODE = "";

/** Compares the document at hand with the one of a picture. */
export function compared(now: DocumentState, then: DocumentState, definitions: Definitions): Comparison {
  const nodes: NodeDifference[] = [];
  const onlyNow: string[] = [];
  const onlyThen: string[] = [];
  for (const id of new Set([...now.graphs.keys(), ...then.graphs.keys()])) {
    const [here, there] = [now.graphs.get(id), then.graphs.get(id)];
    const pairs = paired(here, there);
    for (const [mine, theirs] of pairs.both) {
      const differences = differencesOf(now, definitions, here, mine, theirs);
      if (differences.length) nodes.push({ graph: id, node: mine.id, title: titleOf(now, definitions, mine), differences });
    }
    onlyNow.push(...pairs.onlyNow.map((node) => titleOf(now, definitions, node)));
    onlyThen.push(...pairs.onlyThen.map((node) => titleOf(then, definitions, node)));
  }
  return { nodes, onlyNow, onlyThen };
}

/** Sets what a difference had when the picture was made. */
export function applyDifference(t: Transaction, { graph, node }: NodeDifference, { name, then }: Difference): void {
  if (name === MODE) setMode(t, graph, [node], then as Mode);
  else setValue(t, graph, node, name, then);
}

interface Pairs {
  readonly both: readonly (readonly [GraphNode, GraphNode])[];
  readonly onlyNow: readonly GraphNode[];
  readonly onlyThen: readonly GraphNode[];
}

/** Nodes of the same id and type belong together; of those left, the only ones of their type, or those in the same order. */
function paired(now: Graph | undefined, then: Graph | undefined): Pairs {
  const both: (readonly [GraphNode, GraphNode])[] = [];
  const mine = new Map(now?.nodes ?? []);
  const theirs = new Map(then?.nodes ?? []);
  for (const [id, node] of [...mine]) {
    const other = theirs.get(id);
    if (other?.type !== node.type) continue;
    both.push([node, other]);
    mine.delete(id);
    theirs.delete(id);
  }
  for (const node of [...mine.values()]) {
    const alike = [...mine.values()].filter((each) => each.type === node.type);
    const others = [...theirs.values()].filter((each) => each.type === node.type);
    const [other] = others;
    if (!other || alike.length !== others.length) continue;
    both.push([node, other]);
    mine.delete(node.id);
    theirs.delete(other.id);
  }
  return { both, onlyNow: [...mine.values()].filter(counts), onlyThen: [...theirs.values()].filter(counts) };
}

/** Notes and the ends of subgraphs are no settings. */
function counts({ type, id }: GraphNode): boolean {
  return !["Note", "MarkdownNote", "Reroute"].includes(type) && !id.startsWith("-");
}

function differencesOf(state: DocumentState, definitions: Definitions, graph: Graph | undefined, mine: GraphNode, theirs: GraphNode): Difference[] {
  if (!counts(mine)) return [];
  const def = definitionOf(state, definitions, mine.type, mine);
  const linked = new Set([...(graph?.links.values() ?? [])].filter((link) => link.to === mine.id).map((link) => link.toSocket));
  const wired = new Set(mine.inputs.filter((input) => linked.has(input.id)).map((input) => input.widget ?? input.name));
  const found: Difference[] = [];
  for (const widget of def?.widgets ?? []) {
    if (!widget.isInput || !isStored(widget) || wired.has(widget.name)) continue;
    const [now, then] = [mine.values[widget.name] ?? widget.default, theirs.values[widget.name] ?? widget.default];
    if (!same(now, then)) found.push({ name: widget.name, now, then });
  }
  if (mine.mode !== theirs.mode) found.push({ name: MODE, now: mine.mode, then: theirs.mode });
  return found;
}

/** 7 and "7" are one seed: beyond 2^53 whole numbers are text. */
function same(a: Json, b: Json): boolean {
  if (typeof a !== typeof b && ["number", "string"].includes(typeof a) && ["number", "string"].includes(typeof b)) return String(a) === String(b);
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function titleOf(state: DocumentState, definitions: Definitions, node: GraphNode): string {
  return node.title ?? definitionOf(state, definitions, node.type, node)?.title ?? node.type;
}
