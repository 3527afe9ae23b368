/** Prompt weights by keyboard: "(word:1.1)" around the selection or the word at the cursor. */

const WORD = /[^\s,()]/;
const STEP = 0.05;

export interface TextEdit {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The text after one step up or down of the weight at the selection; undefined where there is no word. */
export function reweighted(text: string, start: number, end: number, direction: 1 | -1): TextEdit | undefined {
  const [from, to] = wordAt(text, start, end);
  if (from === to) return undefined;
  const around = enclosing(text, from, to);
  const inner = around ? around.inner : text.slice(from, to);
  const weight = Math.round(((around?.weight ?? 1) + direction * STEP) * 100) / 100;
  const written = weight === 1 ? inner : `(${inner}:${weight})`;
  const at = around ? around.from : from;
  const rest = text.slice(around ? around.to : to);
  const offset = weight === 1 ? 0 : 1;
  return { text: text.slice(0, at) + written + rest, start: at + offset, end: at + offset + inner.length };
}

function wordAt(text: string, start: number, end: number): [number, number] {
  let [from, to] = [start, end];
  if (from === to) {
    while (from > 0 && WORD.test(text[from - 1] ?? "")) from--;
    while (to < text.length && WORD.test(text[to] ?? "")) to++;
    const colon = text.slice(from, to).lastIndexOf(":");
    if (colon > 0 && text[from - 1] === "(" && text[to] === ")") to = from + colon;
  }
  while (from < to && text[from] === " ") from++;
  while (to > from && text[to - 1] === " ") to--;
  return [from, to];
}

function enclosing(text: string, from: number, to: number): { from: number; to: number; inner: string; weight: number } | undefined {
  if (text[from - 1] !== "(") return undefined;
  const tail = /^:([0-9.]+)\)/.exec(text.slice(to));
  if (!tail) return undefined;
  return { from: from - 1, to: to + tail[0].length, inner: text.slice(from, to), weight: Number(tail[1]) };
}
