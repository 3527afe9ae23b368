/** Finding by a few letters. */

import uFuzzy from "@leeoniya/ufuzzy";
import { exact } from "./match";
import type { Definitions, NodeDef } from "./types";

/** One hit; `ranges` are pairs of begin and end in the first text, to be marked. */
export interface Found<T> {
  readonly item: T;
  readonly ranges: readonly number[];
}

const STRICT = new uFuzzy({ unicode: true, interSplit: "[^\\p{L}\\d']+", intraSplit: "\\p{Ll}\\p{Lu}", intraBound: "\\p{L}\\d|\\d\\p{L}|\\p{Ll}\\p{Lu}", intraChars: "[\\p{L}\\d']", intraContr: "'\\p{L}{1,2}\\b" });
/** Words of a query are tried in every order up to this many. */
const MOST_WORDS = 4;

/**
 * The items that match, best first: those whose first text matches before those found by another text, at last those that merely have
 * the letters in order. Without a query all of them, as they come.
 */
export function search<T>(query: string, items: readonly T[], textsOf: (item: T) => readonly string[], limit = 100): Found<T>[] {
  const wanted = query.trim();
  if (wanted === "") return items.slice(0, limit).map((item) => ({ item, ranges: [] }));
  const texts = items.map((item) => textsOf(item));
  const found = new Map<number, readonly number[]>();
  const stages = [texts.map((each) => each[0] ?? ""), texts.map((each) => each.join(" · "))];
  for (const [stage, haystack] of stages.entries()) {
    for (const [index, ranges] of matches(haystack, wanted)) if (!found.has(index)) found.set(index, stage === 0 ? ranges : []);
    if (found.size >= limit) break;
  }
  if (found.size < limit) {
    for (const [index, each] of texts.entries()) {
      if (found.has(index)) continue;
      const ranges = lettersInOrder(wanted, each[0] ?? "");
      if (ranges) found.set(index, ranges);
    }
  }
  return [...found].slice(0, limit).flatMap(([index, ranges]) => {
    const item = items[index];
    return item === undefined ? [] : [{ item, ranges }];
  });
}

function matches(haystack: string[], query: string): [number, readonly number[]][] {
  const [indices, info, order] = STRICT.search(haystack, query, MOST_WORDS);
  if (!indices) return [];
  if (!info || !order) return indices.map((index) => [index, []]);
  return order.flatMap((place) => {
    const index = info.idx[place];
    return index === undefined ? [] : [[index, info.ranges[place] ?? []] as [number, readonly number[]]];
  });
}

/** Where the letters of a query stand in a text, if they stand there in order and each begins a word or follows the one before. */
function lettersInOrder(query: string, text: string): readonly number[] | undefined {
  const letters = query.toLowerCase().replace(/\s+/g, "");
  const ranges: number[] = [];
  let at = 0;
  for (const letter of letters) {
    while (at < text.length && !(text.charAt(at).toLowerCase() === letter && (at === ranges.at(-1) || beginsWord(text, at)))) at += 1;
    if (at >= text.length) return undefined;
    if (at === ranges.at(-1)) ranges[ranges.length - 1] = at + 1;
    else ranges.push(at, at + 1);
    at += 1;
  }
  return ranges;
}

function beginsWord(text: string, at: number): boolean {
  if (at === 0) return true;
  const [before, here] = [text.charAt(at - 1), text.charAt(at)];
  return !/[\p{L}\d]/u.test(before) || (/\p{Lu}|\d/u.test(here) && !/\d/.test(before));
}

/** Node types by title, name, category and settings. ">IMAGE" are those that make images, "<IMAGE" those that take them; more words may follow. */
export function searchNodes(query: string, definitions: Definitions, limit = 100): Found<NodeDef>[] {
  const kinds = [...query.matchAll(/(?:^|\s)([<>])(\S+)/g)];
  let defs = [...definitions.all()].filter((def) => !def.deprecated || query.trim() !== "");
  for (const [, side, type = ""] of kinds) {
    const wanted = type.toUpperCase();
    defs = defs.filter((def) => (side === ">" ? def.outputs.some((each) => exact(each.type, wanted)) : takes(def, wanted)));
  }
  defs.sort((a, b) => Number(a.deprecated) - Number(b.deprecated));
  const words = query.replace(/(?:^|\s)[<>]\S*/g, " ");
  return search(words, defs, (def) => [def.title, def.id, def.category.replaceAll("/", " "), ...def.widgets.map((each) => each.name)], limit);
}

function takes(def: NodeDef, wanted: string): boolean {
  return def.inputs.some((each) => exact(each.type, wanted)) || def.widgets.some((each) => each.isInput && each.type === wanted);
}
