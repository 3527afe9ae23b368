/** Models that a workflow names and this server does not have, with the file that comes nearest. Pure. */

import { definitionOf } from "../../core/instances";
import type { Definitions, DocumentState, GraphId, NodeId } from "../../core/types";

const WEIGHTS = /\.(safetensors|sft|ckpt|pth?|bin|gguf)$/i;
/** Below this likeness nothing is offered: a wrong model is worse than none. */
const ALIKE = 0.35;

export interface MissingModel {
  readonly graph: GraphId;
  readonly node: NodeId;
  readonly title: string;
  readonly setting: string;
  readonly name: string;
  readonly nearest: string | undefined;
  /** Anything to choose from at all. */
  readonly choices: number;
}

/** The settings that name a weight file which is not among their choices. */
export function missingModels(state: DocumentState, definitions: Definitions): MissingModel[] {
  const found: MissingModel[] = [];
  for (const graph of state.graphs.values()) {
    for (const node of graph.nodes.values()) {
      const def = state.graphs.has(node.type) ? undefined : definitionOf(state, definitions, node.type, node);
      for (const widget of def?.widgets ?? []) {
        const value = node.values[widget.name];
        if (widget.kind !== "choice" || typeof value !== "string" || widget.choices?.includes(value) !== false) continue;
        const choices = widget.choices.filter((each) => typeof each === "string");
        if (!WEIGHTS.test(value) && !choices.some((each) => WEIGHTS.test(each))) continue;
        found.push({
          graph: graph.id,
          node: node.id,
          title: node.title ?? def?.title ?? node.type,
          setting: widget.name,
          name: value,
          nearest: nearest(value, choices),
          choices: choices.length,
        });
      }
    }
  }
  return found;
}

/** The name most like another, folders and endings aside; undefined where none is. */
export function nearest(name: string, choices: readonly string[]): string | undefined {
  let best: string | undefined;
  let most = ALIKE;
  for (const choice of choices) {
    const alike = likeness(plain(name), plain(choice));
    if (alike > most) [best, most] = [choice, alike];
  }
  return best;
}

function plain(name: string): string {
  const file = name.replaceAll("\\", "/").split("/").at(-1) ?? name;
  return file.replace(WEIGHTS, "").toLowerCase().replace(/[^a-z0-9]+/g, "");
}

/** Share of pairs of letters that both have, 0 to 1. */
function likeness(a: string, b: string): number {
  if (a === b) return 1;
  const pairs = (text: string): Map<string, number> => {
    const counts = new Map<string, number>();
    for (let at = 0; at + 1 < text.length; at++) counts.set(text.slice(at, at + 2), (counts.get(text.slice(at, at + 2)) ?? 0) + 1);
    return counts;
  };
  const [first, second] = [pairs(a), pairs(b)];
  let common = 0;
  for (const [pair, count] of first) common += Math.min(count, second.get(pair) ?? 0);
  const all = Math.max(0, a.length - 1) + Math.max(0, b.length - 1);
  return all === 0 ? 0 : (2 * common) / all;
}
