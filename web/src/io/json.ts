/** JSON whose whole numbers may be of any length: seeds have 64 bits, JavaScript's numbers 53. */

import type { Json } from "../core/types";

/** Before the digits of a whole number that is no string in the file; from Unicode's private use area. */
const MARK = "\uE000";
const MARKED = /^\uE000-?\d+$/;
const DIGITS = /^-?\d+$/;

/** Parses JSON. Whole numbers beyond 2^53 come as marked text, which `printJson` gives back as bare digits. */
export function parseJson(text: string): Json {
  // Far most files have no such number, and the engine's own parser is the fastest.
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (!/\d{16}/.test(plain)) {
    try {
      return JSON.parse(plain) as Json;
    } catch (error) {
      // Python writes NaN and Infinity, which JSON does not have.
      if (!/NaN|Infinity/.test(plain)) throw error;
    }
  }
  return JSON.parse(withMarks(plain)) as Json;
}

/** Prints JSON, with the marked numbers as bare digits. */
export function printJson(value: Json, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  return text.includes(MARK) ? text.replace(/(?<!\\)"\uE000(-?\d+)"/g, "$1") : text;
}

/** A whole number as `printJson` wants it: a number where it is exact, marked text beyond. */
export function asInteger(value: Json): Json {
  if (typeof value !== "string" || !DIGITS.test(value)) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : MARK + value;
}

/** The digits of a marked number; any other value as it is. */
export function unmarked(value: Json): Json {
  return isMarked(value) ? value.slice(1) : value;
}

/** Whether a value is a whole number beyond 2^53 as `parseJson` gives it. */
export function isMarked(value: Json | undefined): value is string {
  return typeof value === "string" && MARKED.test(value);
}

/** The text with marks around large whole numbers, and null for what JSON has no word for. */
function withMarks(text: string): string {
  const parts: string[] = [];
  let done = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      at = endOfString(text, at);
      continue;
    }
    const digit = code >= 48 && code <= 57;
    if (!digit && code !== 45 && code !== 78 && code !== 73) {
      at += 1;
      continue;
    }
    const end = endOfWord(text, at);
    const word = text.slice(at, end);
    const fresh = replacement(word);
    if (fresh !== word) {
      parts.push(text.slice(done, at), fresh);
      done = end;
    }
    at = end;
  }
  parts.push(text.slice(done));
  return parts.join("");
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 34) return at + 1;
    at += code === 92 ? 2 : 1;
  }
  return at;
}

/** The end of a number or a bare word. */
function endOfWord(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && /[\w.+-]/.test(text.charAt(at))) at += 1;
  return at;
}

function replacement(word: string): string {
  if (word === "NaN" || word === "Infinity" || word === "-Infinity") return "null";
  if (word.length < 16 || !/^-?(0|[1-9]\d*)$/.test(word) || Number.isSafeInteger(Number(word))) return word;
  return `"${MARK}${word}"`;
}
