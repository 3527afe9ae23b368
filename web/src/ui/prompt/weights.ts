/** Prompt weights by keyboard: "(word:1.1)" around the selection, the word at the cursor, or the brackets around it. */

const WORD = /[^\s,()]/;
const STEP = 0.05;
/** What brackets without a number mean. */
const BRACKETS = 1.1;

export interface TextEdit {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A pair of brackets; its inner text ends before the colon of a weight. close: where ")" stands */
export interface WeightGroup {
  readonly open: number;
  readonly close: number;
  readonly innerEnd: number;
  readonly weight: number;
}

/** The brackets of a text, inner ones before those around them; escaped ones are text. */
export function groupsOf(text: string): WeightGroup[] {
  const found: WeightGroup[] = [];
  const opened: number[] = [];
  let lastBracket = -1;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === "\\") at += 1;
    else if (sign === "(") opened.push((lastBracket = at));
    else if (sign === ")") {
      const open = opened.pop();
      if (open !== undefined) found.push(groupAt(text, open, at, lastBracket));
      lastBracket = at;
    }
  }
  return found;
}

function groupAt(text: string, open: number, close: number, lastBracket: number): WeightGroup {
  const colon = text.lastIndexOf(":", close - 1);
  const written = text.slice(colon + 1, close).trim();
  const isWeight = colon > Math.max(open, lastBracket) && /^[+-]?(\d+\.?\d*|\.\d+)$/.test(written);
  return isWeight ? { open, close, innerEnd: colon, weight: Number(written) } : { open, close, innerEnd: close, weight: BRACKETS };
}

/** The text after one step up or down of the weight at the selection; undefined where there is no word. */
export function reweighted(text: string, start: number, end: number, direction: 1 | -1): TextEdit | undefined {
  const groups = groupsOf(text);
  const [from, to] = trimmed(text, start, end);
  const group = from === to ? groupAround(groups, start) : groupOfSelection(text, groups, from, to);
  if (group) {
    const weight = rounded(group.weight + direction * STEP);
    return written(text, group.open, group.close + 1, text.slice(group.open + 1, group.innerEnd), weight);
  }
  const [first, last] = from === to ? wordAt(text, start) : covering(groups, from, to);
  return first === last ? undefined : written(text, first, last, text.slice(first, last), rounded(1 + direction * STEP));
}

function written(text: string, from: number, to: number, inner: string, weight: number): TextEdit {
  const put = weight === 1 ? inner : `(${inner}:${weight})`;
  const at = from + (weight === 1 ? 0 : 1);
  return { text: text.slice(0, from) + put + text.slice(to), start: at, end: at + inner.length };
}

function rounded(weight: number): number {
  return Math.round(weight * 100) / 100;
}

function trimmed(text: string, start: number, end: number): [number, number] {
  let [from, to] = [start, end];
  while (from < to && /\s/.test(text[from] ?? "")) from += 1;
  while (to > from && /\s/.test(text[to - 1] ?? "")) to -= 1;
  return [from, to];
}

/** The innermost brackets around a cursor, or those that it touches from outside. */
function groupAround(groups: readonly WeightGroup[], at: number): WeightGroup | undefined {
  return groups.find(({ open, close }) => open < at && at <= close) ?? groups.find(({ open, close }) => open === at || close + 1 === at);
}

/** The brackets whose inside, or whose whole, is selected. */
function groupOfSelection(text: string, groups: readonly WeightGroup[], from: number, to: number): WeightGroup | undefined {
  const isBlank = (start: number, end: number): boolean => start <= end && text.slice(start, end).trim() === "";
  // Brackets that are all of what stands in others belong to those: that is what a step leaves selected.
  const inside = groups.find(({ open, close, innerEnd }) => isBlank(open + 1, from) && (isBlank(to, innerEnd) || to === close));
  return inside ?? groups.find(({ open, close }) => from === open && to === close + 1);
}

/** The selection with all of the brackets that it cuts through. */
function covering(groups: readonly WeightGroup[], start: number, end: number): [number, number] {
  let [from, to] = [start, end];
  for (let cut = true; cut; ) {
    cut = false;
    for (const { open, close } of groups) {
      const touches = open < to && close >= from;
      const inside = open >= from && close < to;
      const around = open < from && close >= to;
      if (!touches || inside || around) continue;
      [from, to, cut] = [Math.min(from, open), Math.max(to, close + 1), true];
    }
  }
  return [from, to];
}

function wordAt(text: string, at: number): [number, number] {
  let [from, to] = [at, at];
  // An escaped bracket is a letter.
  const inWord = (place: number): boolean => WORD.test(text[place] ?? " ") || (place > 0 && text[place - 1] === "\\" && /[()]/.test(text[place] ?? ""));
  while (from > 0 && inWord(from - 1)) from -= 1;
  while (to < text.length && inWord(to)) to += 1;
  return [from, to];
}
