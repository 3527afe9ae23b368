/** Seeds: which settings hold one, which value a run used, and the next by its control (fixed, increment, ...). */

import { updateNode } from "../core/edits";
import type { Transaction } from "../core/document";
import { isFields } from "../core/entries";
import { CONTROL, widgetsFor } from "../core/widgets";
import { ROOT, type Definitions, type DocumentState, type Fields, type GraphId, type GraphNode, type Json, type NodeId, type WidgetDef } from "../core/types";
import { unmarked } from "../io/json";

/** ComfyUI's editor draws below this, so that its users see the numbers they know (interface 4.3). */
const DRAWN_BELOW = 2n ** 50n;
const LARGEST = 2n ** 64n - 1n;

export interface SeedPlace {
  readonly graph: GraphId;
  readonly node: NodeId;
  readonly widget: WidgetDef;
  readonly control: string;
  readonly value: Json;
}

/** The settings with a control beside them that a run would use: not connected, on nodes that are on. */
export function seedsOf(state: DocumentState, definitions: Definitions): SeedPlace[] {
  const found: SeedPlace[] = [];
  for (const graph of state.graphs.values()) {
    const wired = new Set([...graph.links.values()].map((link) => `${link.to}/${link.toSocket}`));
    for (const node of graph.nodes.values()) {
      if (node.mode === 2 || node.mode === 4) continue;
      const def = definitions.get(node.type);
      if (!def) continue;
      for (const [widget, control] of controlled(widgetsFor(def, node.values), node)) {
        const socket = node.inputs.find((each) => each.widget === widget.name);
        if (socket && wired.has(`${node.id}/${socket.id}`)) continue;
        found.push({ graph: graph.id, node: node.id, widget, control, value: node.values[widget.name] ?? widget.default });
      }
    }
  }
  return found;
}

function* controlled(widgets: readonly WidgetDef[], node: GraphNode): Iterable<readonly [WidgetDef, string]> {
  for (const [index, widget] of widgets.entries()) {
    const next = widgets[index + 1];
    if (next?.kind !== "control" || next.isInput) continue;
    yield [widget, wordOf(node.values[next.name] ?? node.values[CONTROL] ?? next.default)];
  }
}

/** Old files have true for randomize and false for fixed. */
function wordOf(value: Json): string {
  if (value === true) return "randomize";
  return typeof value === "string" ? value : "fixed";
}

/** The value after a run. random: 64 random bits. Whole numbers beyond 2^53 are text of digits. */
export function nextValue(place: SeedPlace, random: () => bigint): Json {
  const { widget, control, value } = place;
  if (control === "fixed") return value;
  if (widget.choices) return nextChoice(widget.choices, control, value, random);
  const now = wholeNumber(value);
  if (now === undefined) return value;
  const least = wholeNumber(widget.min ?? 0) ?? 0n;
  const most = wholeNumber(widget.max ?? LARGEST) ?? LARGEST;
  const step = BigInt(Math.max(1, Math.round(widget.step ?? 1)));
  if (control === "increment") return asValue(now + step > most ? least : now + step);
  if (control === "decrement") return asValue(now - step < least ? most : now - step);
  if (control !== "randomize") return value;
  const low = least < -DRAWN_BELOW ? -DRAWN_BELOW : least;
  const high = most > DRAWN_BELOW ? DRAWN_BELOW : most;
  const count = (high - low) / step + 1n;
  return asValue(count > 0n ? low + (random() % count) * step : least);
}

function nextChoice(choices: readonly Json[], control: string, value: Json, random: () => bigint): Json {
  const at = choices.indexOf(value);
  const count = choices.length;
  if (count === 0) return value;
  if (control === "increment" || control === "increment-wrap") return choices[(at + 1) % count] ?? value;
  if (control === "decrement") return choices[(at - 1 + count) % count] ?? value;
  return control === "randomize" ? (choices[Number(random() % BigInt(count))] ?? value) : value;
}

/** The seeds that a prompt holds. Inside of a subgraph, those of its first instance. */
export function usedSeeds(places: readonly SeedPlace[], prompt: Fields): { readonly place: SeedPlace; readonly used: string }[] {
  return places.flatMap((place) => {
    const own = place.graph === ROOT ? place.node : Object.keys(prompt).find((id) => id.endsWith(`:${place.node}`));
    const node = own === undefined ? undefined : prompt[own];
    const inputs = isFields(node) && isFields(node["inputs"]) ? node["inputs"] : {};
    const used = inputs[place.widget.name];
    return typeof used === "number" || typeof used === "string" ? [{ place, used: String(unmarked(used)) }] : [];
  });
}

/** Writes the next values into the document; true where there was one. */
export function advanceSeeds(t: Transaction, places: readonly SeedPlace[], random: () => bigint = random64): boolean {
  let changed = false;
  for (const place of places) {
    const next = nextValue(place, random);
    const now = t.state.graphs.get(place.graph)?.nodes.get(place.node)?.values[place.widget.name] ?? place.widget.default;
    // Somebody who typed a seed while the run was being sent wants that one.
    if (next === place.value || now !== place.value) continue;
    changed = true;
    updateNode(t, place.graph, place.node, (node) => ({ ...node, values: { ...node.values, [place.widget.name]: next } }));
  }
  return changed;
}

/** 64 random bits. */
export function random64(): bigint {
  const [value] = crypto.getRandomValues(new BigUint64Array(1));
  return value ?? 0n;
}

/** A whole number of any length from a setting's value; undefined of anything else. */
export function wholeNumber(value: Json | bigint): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : undefined;
  return typeof value === "string" && /^-?\d+$/.test(value) ? BigInt(value) : undefined;
}

/** The value as the document keeps it: a number where that is exact, else text of digits. */
export function asValue(value: bigint): Json {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}
