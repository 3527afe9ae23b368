/** From positions in widgets_values to names and back: the only place that knows of positions (interface 4.3). */

import { isFields } from "../core/entries";
import { forcedInputs, givenValue, isStored, valueOf, type ForcedInput } from "../core/schema";
import type { Fields, GraphNode, Json, NodeDef, WidgetDef } from "../core/types";
import { widgetsByPlace, widgetsFor, CONTROL } from "../core/widgets";
import { asInteger, isMarked, unmarked } from "./json";

const CONTROL_VALUES = new Set<Json>([true, false, "fixed", "increment", "decrement", "randomize", "increment-wrap"]);
/** Where a node keeps the names of its values, so that a setting that comes later does not shift them. */
export const NAMES = "widget_names";

/** The parts of a node that its settings are. */
export interface Settings {
  readonly values: Fields;
  readonly rawValues?: Json;
}

/**
 * The settings of a node from its `widgets_values`.
 *
 * `rawValues` stays where positions and names do not simply agree, so that what has no name is not lost: the list itself; the
 * object where the file has names instead of positions; null where it has nothing.
 */
export function readValues(raw: Json | undefined, properties: Fields, sockets: readonly SocketHint[], def: NodeDef | undefined): Settings {
  if (isFields(raw)) return { values: mapped(raw), rawValues: raw };
  if (!Array.isArray(raw)) return { values: {}, rawValues: null };
  const names = namesOf(raw, properties, sockets, def);
  const found = new Map<string, Json>();
  let plain = def !== undefined && names.length === raw.length;
  for (const [place, name] of names.entries()) {
    const value = raw[place];
    if (name === "" || value === undefined || found.has(name)) plain = false;
    else if (value !== null) found.set(name, unmarked(value));
    else plain = false;
  }
  // Not by assignment: a setting may be called __proto__.
  const values = Object.fromEntries(found);
  if (plain && def) plain = sameNames(names, storedNames(widgetsFor(def, values)));
  return plain ? { values } : { values, rawValues: raw };
}

export interface SocketHint {
  readonly widget?: string | undefined;
}

/** `widgets_values` as the file had it where nothing changed, else in the order of the definition; undefined: none. */
export function writeValues(node: GraphNode, def: NodeDef | undefined): { readonly values: Json | undefined; readonly names?: readonly string[] } {
  const widgets = def ? widgetsFor(def, node.values) : [];
  const byName = new Map(widgets.map((each) => [each.name, each]));
  const print = (name: string, old?: Json): Json => printed(givenValue(node, name), byName.get(name), old, node);
  const raw = node.rawValues;
  if (isFields(raw)) return { values: Object.fromEntries(Object.keys(node.values).map((name) => [name, print(name, Object.hasOwn(raw, name) ? raw[name] : undefined)])) };
  if (Array.isArray(raw)) {
    const names = namesOf(raw, node.properties, node.inputs, def);
    const named = new Set(names);
    if (Object.keys(node.values).every((name) => named.has(name))) {
      return withNames(raw.map((old, place) => patched(node, names[place] ?? "", old, print, names.indexOf(names[place] ?? "") === place)), names);
    }
  }
  if (raw === null && Object.keys(node.values).length === 0) return { values: undefined };
  if (!def) {
    // Settings by name without a definition: an object is the form that needs none.
    const names = Object.keys(node.values);
    return withNames(names.map((name) => print(name)), names);
  }
  const stored = widgets.filter(isStored);
  const values = stored.map((each) => (givenValue(node, each.name) === undefined ? printed(valueOf(node, each), each, undefined, node) : print(each.name)));
  return withNames(values, stored.map((each) => each.name));
}

function patched(node: GraphNode, name: string, old: Json, print: (name: string, old?: Json) => Json, isFirst: boolean): Json {
  return name !== "" && isFirst && givenValue(node, name) !== undefined ? print(name, old) : old;
}

function withNames(values: Json[], names: readonly string[]): { readonly values: Json; readonly names?: readonly string[] } {
  const useful = names.length === values.length && names.length > 0 && names.every((name) => name !== "") && new Set(names).size === names.length;
  return useful ? { values, names } : { values };
}

/** A value for the file: whole numbers kept as text become numbers again. */
function printed(value: Json | undefined, widget: WidgetDef | undefined, old: Json | undefined, node: GraphNode): Json {
  if (typeof value !== "string") return value ?? null;
  const whole = widget?.kind === "int" || widget?.kind === "seed" || widget?.type === "INT" || isMarked(old);
  const primitive = node.type === "PrimitiveNode" && widget?.name === "value" && node.outputs[0]?.type === "INT";
  return whole || primitive ? asInteger(value) : value;
}

function mapped(raw: Fields): Fields {
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, unmarked(value)]));
}

function storedNames(widgets: readonly WidgetDef[]): string[] {
  return widgets.filter(isStored).map((each) => each.name);
}

function sameNames(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((each, index) => each === right[index]);
}

/** For each value the name of its setting, "" where there is none. */
export function namesOf(values: readonly Json[], properties: Fields, sockets: readonly SocketHint[], def: NodeDef | undefined): string[] {
  const given = properties[NAMES];
  if (Array.isArray(given) && given.length === values.length && given.every((each) => typeof each === "string")) return given as string[];
  if (!def) return namesOfUnknown(sockets, values.length);
  return byPosition(def, widgetsByPlace(def, values), values);
}

/** The sockets of a node of unknown type name its settings, if they account for every value. */
function namesOfUnknown(sockets: readonly SocketHint[], count: number): string[] {
  const names: string[] = [];
  const controlled: string[] = [];
  for (const { widget } of sockets) {
    if (widget === undefined) continue;
    names.push(widget);
    controlled.push(widget);
    if (widget === "seed" || widget === "noise_seed") controlled.push(CONTROL);
  }
  return [names, controlled].find((each) => each.length === count) ?? new Array<string>(count).fill("");
}

function byPosition(def: NodeDef, widgets: readonly WidgetDef[], values: readonly Json[]): string[] {
  const stored = widgets.filter(isStored);
  const count = values.length;
  if (count === stored.length) return stored.map((each) => each.name);
  const forced = forcedInputs(def);
  if (forced.length && count === stored.length + forced.length) return withForced(forced, stored);
  const absent = (each: WidgetDef, place: number) => isStored(each) || values[place] === null || values[place] === "";
  if (count === widgets.length && widgets.every(absent)) return widgets.map((each) => each.name);
  return count < stored.length ? withoutControls(stored, values) : withSurplus(stored, values);
}

/** Old files hold a dummy value for each input that is a socket by force, in the order of the inputs. */
function withForced(forced: readonly ForcedInput[], stored: readonly WidgetDef[]): string[] {
  const names: string[] = [];
  const before = new Map<string, string[]>();
  for (const { name, before: next } of forced) before.set(next, [...(before.get(next) ?? []), name]);
  for (const each of stored) names.push(...(before.get(each.name) ?? []), each.name);
  return [...names, ...(before.get("") ?? [])];
}

/** Too few values: scripts that write files leave out the controls, which nobody shows them. */
function withoutControls(widgets: readonly WidgetDef[], values: readonly Json[]): string[] {
  const names: string[] = [];
  for (const each of widgets) {
    if (names.length === values.length) break;
    const value = values[names.length] ?? null;
    if (each.kind !== "control" || value === null || CONTROL_VALUES.has(value)) names.push(each.name);
  }
  return names;
}

/** Too many values: the control of an input that has lost it since stands where a number should. */
function withSurplus(widgets: readonly WidgetDef[], values: readonly Json[]): string[] {
  const names: string[] = [];
  let spare = values.length - widgets.length;
  let next = 0;
  for (const value of values) {
    const widget = widgets[next];
    const takesText = !widget?.isInput || (widget.type !== "INT" && widget.type !== "FLOAT");
    if (spare > 0 && !takesText && typeof value === "string" && CONTROL_VALUES.has(value)) {
      names.push("");
      spare -= 1;
    } else {
      names.push(widget?.name ?? "");
      next += 1;
    }
  }
  return names;
}
