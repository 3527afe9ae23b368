/** What is typed into the gallery's search: words, and terms such as `seed:7`, `-model:starter`, `size:>512`, `date:today`. Pure. */

import type { Result } from "./result";

export const FIELDS = ["model", "lora", "sampler", "scheduler", "seed", "size", "steps", "cfg", "date", "is", "prompt", "negative", "file"] as const;
export type Field = (typeof FIELDS)[number];
type Comparison = "=" | ">" | "<";

/** One word or term. from, to: where it stands in the text */
export interface Term {
  readonly field: Field | undefined;
  readonly comparison: Comparison;
  readonly value: string;
  readonly not: boolean;
  readonly from: number;
  readonly to: number;
}

const PART = /(-?)(?:([a-z]+):)?([<>]?)(?:"([^"]*)"?|(\S*))/giy;
const DAY_MS = 86_400_000;

/** The terms of a text, in order. An unknown name before a colon is an ordinary word. */
export function parseQuery(text: string): Term[] {
  const terms: Term[] = [];
  const part = new RegExp(PART);
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    part.lastIndex = at;
    const found = part.exec(text);
    if (!found) break;
    const [whole, minus = "", name = "", sign = "", quoted, plain] = found;
    const field = FIELDS.find((each) => each === name.toLowerCase());
    const to = at + whole.length;
    const value = quoted ?? plain ?? "";
    if (field || name === "") terms.push(term(field, sign, value, minus !== "", at, to));
    else terms.push(term(undefined, "", whole.slice(minus.length).replaceAll('"', ""), minus !== "", at, to));
    at = to;
  }
  return terms.filter((each) => each.value !== "");
}

function term(field: Field | undefined, sign: string, value: string, not: boolean, from: number, to: number): Term {
  // Without a field a sign is part of the word.
  return field ? { field, comparison: sign === ">" || sign === "<" ? sign : "=", value, not, from, to } : { field, comparison: "=", value: sign + value, not, from, to };
}

/** Whether a picture fits all terms. now: in milliseconds, for dates such as "today" */
export function matches(result: Result, terms: readonly Term[], now: number = Date.now()): boolean {
  return terms.every((each) => fits(result, each, now) !== each.not);
}

function fits(result: Result, { field, comparison, value }: Term, now: number): boolean {
  switch (field) {
    case undefined:
      return has(value, result.prompt, result.filename, result.model, result.seed, ...result.loras);
    case "model":
    case "sampler":
    case "scheduler":
    case "prompt":
    case "negative":
      return has(value, result[field]);
    case "lora":
      return has(value, ...result.loras);
    case "file":
      return has(value, result.subfolder, result.filename);
    case "seed":
      return result.seed === value;
    case "steps":
    case "cfg":
      return compared(result[field], comparison, Number(value));
    case "size":
      return fitsSize(result, comparison, value);
    case "date":
      return fitsDate(result.ended, comparison, value, now);
    case "is":
      return fitsKind(result, value.toLowerCase());
  }
}

function has(value: string, ...texts: readonly (string | undefined)[]): boolean {
  const wanted = value.toLowerCase();
  return texts.some((text) => text?.toLowerCase().includes(wanted) ?? false);
}

function compared(given: number | undefined, comparison: Comparison, wanted: number): boolean {
  if (given === undefined || Number.isNaN(wanted)) return false;
  return comparison === ">" ? given > wanted : comparison === "<" ? given < wanted : given === wanted;
}

/** "512x768" both sides, "512" either side; with a sign the longer one. */
function fitsSize({ width, height }: Result, comparison: Comparison, value: string): boolean {
  if (width === undefined || height === undefined) return false;
  const [wide, high] = value.split(/[x×*]/i).map(Number);
  if (comparison !== "=") return compared(Math.max(width, height), comparison, wide ?? NaN);
  return high === undefined ? width === wide || height === wide : width === wide && height === high;
}

function fitsKind({ frames, gone, type, width, height }: Result, value: string): boolean {
  if (value === "animated") return frames > 1;
  if (value === "preview") return type === "temp";
  if (value === "gone") return gone;
  if (width === undefined || height === undefined) return false;
  return value === "wide" ? width > height : value === "tall" ? height > width : value === "square" && width === height;
}

function fitsDate(ended: number, comparison: Comparison, value: string, now: number): boolean {
  const span = spanOf(value.toLowerCase(), now);
  if (!span) return false;
  const [from, to] = span;
  return comparison === ">" ? ended >= to : comparison === "<" ? ended < from : ended >= from && ended < to;
}

/** From and to, in local time, of "today", "yesterday", "7d", "2026", "2026-11" and "2026-11-21". */
export function spanOf(value: string, now: number): readonly [number, number] | undefined {
  const today = dayOf(now);
  if (value === "today") return [today, nextDay(today)];
  if (value === "yesterday") return [dayOf(today - DAY_MS / 2), today];
  const days = /^(\d{1,4})d$/.exec(value)?.[1];
  if (days !== undefined) return [now - Number(days) * DAY_MS, Infinity];
  const parts = /^(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?$/.exec(value);
  if (!parts) return undefined;
  const [year, month, day] = parts.slice(1).map((each) => (each === undefined ? undefined : Number(each)));
  if (year === undefined) return undefined;
  const from = new Date(year, (month ?? 1) - 1, day ?? 1);
  const to = day !== undefined ? new Date(year, (month ?? 1) - 1, day + 1) : month !== undefined ? new Date(year, month, 1) : new Date(year + 1, 0, 1);
  return [from.getTime(), to.getTime()];
}

/** The beginning of a moment's day, in local time. */
export function dayOf(milliseconds: number): number {
  return new Date(milliseconds).setHours(0, 0, 0, 0);
}

function nextDay(day: number): number {
  const date = new Date(day);
  return date.setDate(date.getDate() + 1);
}

/** As a term is typed. */
export function written(field: Field, value: string): string {
  return `${field}:${/\s/.test(value) ? `"${value}"` : value}`;
}

/** The text with a term put in the place of others of its field, or without it where it was there already. */
export function toggled(text: string, field: Field, value: string): string {
  const same = parseQuery(text).filter((each) => each.field === field && !each.not);
  const was = same.some((each) => each.value === value && each.comparison === "=");
  const rest = same.reduceRight((left, each) => without(left, each), text);
  return was ? rest : `${rest} ${written(field, value)}`.trim();
}

/** The text without one of its terms. */
export function without(text: string, { from, to }: Pick<Term, "from" | "to">): string {
  return `${text.slice(0, from).trimEnd()} ${text.slice(to).trimStart()}`.trim();
}

/** How often each value of a field occurs, the most frequent first. */
export function valuesOf(results: readonly Result[], field: "model" | "sampler" | "size" | "lora", most = 12): { readonly value: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const result of results) for (const value of fieldValues(result, field)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count).slice(0, most);
}

function fieldValues(result: Result, field: "model" | "sampler" | "size" | "lora"): readonly string[] {
  if (field === "lora") return result.loras;
  if (field === "size") return result.width === undefined || result.height === undefined ? [] : [`${result.width}x${result.height}`];
  return result[field] === undefined ? [] : [result[field]];
}

export const SORTS = ["newest", "oldest", "prompt", "seed", "model", "size"] as const;
export type Sort = (typeof SORTS)[number];

/** Pictures in another order; equal ones stay newest first. */
export function sorted(results: readonly Result[], sort: Sort): readonly Result[] {
  if (sort === "newest") return results;
  if (sort === "oldest") return [...results].reverse();
  const area = ({ width = 0, height = 0 }: Result): number => width * height;
  const compare: Record<Exclude<Sort, "newest" | "oldest">, (a: Result, b: Result) => number> = {
    prompt: (a, b) => (a.prompt ?? "").localeCompare(b.prompt ?? ""),
    seed: (a, b) => byNumber(a.seed, b.seed),
    model: (a, b) => (a.model ?? "").localeCompare(b.model ?? ""),
    size: (a, b) => area(b) - area(a),
  };
  return [...results].sort(compare[sort]);
}

/** Seeds have up to 64 bits. */
function byNumber(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return (a === undefined ? 1 : 0) - (b === undefined ? 1 : 0);
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
