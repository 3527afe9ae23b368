/** The form of a file: which settings of its root graph a plain page shows, in which order and under which words. */

import type { Transaction } from "./document";
import { isFields } from "./entries";
import type { DocumentState, Fields, Json, NodeId } from "./types";

/** Where the form stands in the file's `extra`, which other programs keep and do not read. */
export const FORM = "darkroom_form";

/** One line of the form. `rest`: fields that we do not use, written back as they came. */
export type FormItem =
  | { readonly kind: "setting"; readonly node: NodeId; readonly setting: string; readonly label?: string; readonly help?: string; readonly rest: Fields }
  | { readonly kind: "heading"; readonly text: string; readonly rest: Fields }
  | { readonly kind: "unknown"; readonly raw: Json };

export type FormSetting = Extract<FormItem, { kind: "setting" }>;

const known = new WeakMap<Fields, readonly FormItem[]>();
const NOTHING: readonly FormItem[] = [];

/** The lines of a file's form, also those whose node is gone: an undo may bring it back. */
export function formOf(state: DocumentState): readonly FormItem[] {
  const form = storedForm(state);
  if (!form) return NOTHING;
  const earlier = known.get(form);
  if (earlier) return earlier;
  const listed = form["items"];
  const items = (Array.isArray(listed) ? listed : []).map(read);
  known.set(form, items);
  return items;
}

function storedForm(state: DocumentState): Fields | undefined {
  const extra = state.rest["extra"];
  const form = isFields(extra) ? extra[FORM] : undefined;
  return isFields(form) ? form : undefined;
}

function read(raw: Json): FormItem {
  if (!isFields(raw)) return { kind: "unknown", raw };
  const { node, setting, label, help, heading, ...rest } = raw;
  if (typeof heading === "string") return { kind: "heading", text: heading, rest };
  if ((typeof node !== "string" && typeof node !== "number") || typeof setting !== "string") return { kind: "unknown", raw };
  return {
    kind: "setting",
    node: String(node),
    setting,
    ...(typeof label === "string" ? { label } : {}),
    ...(typeof help === "string" ? { help } : {}),
    rest,
  };
}

function written(item: FormItem): Json {
  if (item.kind === "unknown") return item.raw;
  if (item.kind === "heading") return { heading: item.text, ...item.rest };
  const { node, setting, label, help, rest } = item;
  return { node, setting, ...(label === undefined ? {} : { label }), ...(help === undefined ? {} : { help }), ...rest };
}

/** Writes the lines of the form; without any, the file has no form. */
export function setForm(t: Transaction, items: readonly FormItem[]): void {
  const { extra, ...others } = t.state.rest;
  const kept: Record<string, Json> = isFields(extra) ? { ...extra } : {};
  if (items.length === 0) delete kept[FORM];
  else kept[FORM] = { version: 1, ...storedForm(t.state), items: items.map(written) };
  t.putRest(undefined, { ...others, extra: kept });
}

/** Whether the form shows a setting. */
export function isInForm(state: DocumentState, node: NodeId, setting: string): boolean {
  return formOf(state).some((item) => isFor(item, node, setting));
}

function isFor(item: FormItem, node: NodeId, setting: string): boolean {
  return item.kind === "setting" && item.node === node && item.setting === setting;
}

/** Puts a setting at the end of the form, unless it is there. */
export function addToForm(t: Transaction, node: NodeId, setting: string): void {
  if (!isInForm(t.state, node, setting)) setForm(t, [...formOf(t.state), { kind: "setting", node, setting, rest: {} }]);
}

export function removeFromForm(t: Transaction, node: NodeId, setting: string): void {
  const items = formOf(t.state);
  const place = items.findIndex((item) => isFor(item, node, setting));
  if (place >= 0) removeLine(t, place);
}

/** Takes the line at a place away. Headings alone are no form. */
export function removeLine(t: Transaction, place: number): void {
  const left = formOf(t.state).filter((_, at) => at !== place);
  setForm(t, left.some((item) => item.kind === "setting") ? left : []);
}

/** Puts the line at a place before another place. */
export function moveLine(t: Transaction, from: number, to: number): void {
  const items = [...formOf(t.state)];
  const [moved] = items.splice(from, 1);
  if (!moved || from === to) return;
  items.splice(Math.max(0, Math.min(items.length, to)), 0, moved);
  setForm(t, items);
}

/** Puts a heading before a place. */
export function addHeading(t: Transaction, place: number, text: string): void {
  setForm(t, formOf(t.state).toSpliced(place, 0, { kind: "heading", text, rest: {} }));
}

/** Gives a line other words; empty ones give a setting its own name back. */
export function setWords(t: Transaction, place: number, words: { readonly label?: string; readonly help?: string }): void {
  const items = formOf(t.state);
  const item = items[place];
  if (!item || item.kind === "unknown") return;
  setForm(t, items.with(place, item.kind === "heading" ? { ...item, text: words.label ?? item.text } : worded(item, words)));
}

function worded(item: FormSetting, words: { readonly label?: string; readonly help?: string }): FormSetting {
  const { label: _, help: __, ...plain } = item;
  const [label, help] = [words.label ?? item.label ?? "", words.help ?? item.help ?? ""];
  return { ...plain, ...(label === "" ? {} : { label }), ...(help === "" ? {} : { help }) };
}

/** Lets lines follow their settings to other nodes, such as into a subgraph. */
export function repointForm(t: Transaction, place: (item: FormSetting) => { readonly node: NodeId; readonly setting: string } | undefined): void {
  let moved = false;
  const items = formOf(t.state).map((item) => {
    const target = item.kind === "setting" ? place(item) : undefined;
    moved ||= target !== undefined;
    return target && item.kind === "setting" ? { ...item, ...target } : item;
  });
  if (moved) setForm(t, items);
}
