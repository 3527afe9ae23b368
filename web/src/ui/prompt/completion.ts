/** What a prompt may go on with: names of embeddings and LoRAs. */

import { ranked } from "../parts/rank";

export interface Names {
  /** Without their endings. */
  readonly embeddings: readonly string[];
  readonly loras: readonly string[];
}

export interface Completion {
  readonly kind: "embedding" | "lora";
  readonly name: string;
  /** What is put in place of what has been typed. */
  readonly insert: string;
}

export interface Offer {
  /** The piece of the text that a completion replaces. */
  readonly from: number;
  readonly to: number;
  readonly items: readonly Completion[];
}

const MOST = 8;
/** So much of a plain word is typed before names are offered for it. */
const LEAST_WORD = 3;

/** What fits the text before the cursor; undefined where nothing does. asked: somebody wants to see all there is */
export function offerAt(text: string, at: number, names: Names, asked = false): Offer | undefined {
  const before = text.slice(0, at);
  const embedding = /(?<![^\s(])embedding:([^\s,()]*)$/.exec(before);
  if (embedding) return offer(at - embedding[0].length, at, embeddingsLike(embedding[1] ?? "", names));
  const lora = /<lora:([^<>:]*)$/.exec(before);
  if (lora) return offer(at - lora[0].length, at, lorasLike(lora[1] ?? "", names));
  const word = /(?<![^\s(,])[^\s,()<>:]*$/.exec(before)?.[0] ?? "";
  if (asked) return offer(at - word.length, at, [...embeddingsLike(word, names), ...lorasLike(word, names)]);
  if (word.length < LEAST_WORD) return undefined;
  const starts = names.embeddings.filter((name) => baseOf(name).toLowerCase().startsWith(word.toLowerCase()));
  return offer(at - word.length, at, starts.map(embeddingOf));
}

function offer(from: number, to: number, items: readonly Completion[]): Offer | undefined {
  return items.length ? { from, to, items: items.slice(0, MOST) } : undefined;
}

function embeddingsLike(query: string, names: Names): Completion[] {
  return ranked(query, names.embeddings, (name) => [baseOf(name), name], MOST).map(embeddingOf);
}

function lorasLike(query: string, names: Names): Completion[] {
  return ranked(query, names.loras, (name) => [baseOf(name), name], MOST).map((name) => ({ kind: "lora", name, insert: `<lora:${name}:1>` }));
}

function embeddingOf(name: string): Completion {
  // Brackets in a name are no weights.
  return { kind: "embedding", name, insert: `embedding:${name.replace(/[()]/g, "\\$&")}` };
}

function baseOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** The text with a completion in its place, and where the cursor stands then. */
export function completed(text: string, { from, to }: Offer, item: Completion): { readonly text: string; readonly at: number } {
  return { text: text.slice(0, from) + item.insert + text.slice(to), at: from + item.insert.length };
}
