/** The words in which the server explains a step, taken apart: which input changed, from what, to what. */

import type { NodeId } from "../../core/types";

/** What is different from the last run, of one input. */
export interface Difference {
  readonly input: string;
  readonly before?: string;
  readonly after?: string;
  /** The node that its value comes from, where that ran again or changed. */
  readonly source?: NodeId;
  /** The server's own words. */
  readonly text: string;
}

const FROM_NODE = /^comes from node (\S+?)(?: output \d+)?, (?:which (?:re-ran|changed)|before .*)$/;
const LEFT_NODE = /^is (.*), before it came from node (\S+)$/;
const NEW = /^(.*) is new$/;

/** The differences in a reason, in its order; none where it tells of no input. inputs: names of the node's inputs */
export function differencesIn(reason: string, inputs: Iterable<string>): Difference[] {
  // A longer name may begin with a shorter one.
  const names = [...inputs].sort((a, b) => b.length - a.length);
  return partsOf(reason, names).flatMap((part) => differenceIn(part, names) ?? []);
}

/** Values may hold commas, so that a part begins only where an input is named. */
function partsOf(reason: string, names: readonly string[]): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = reason.indexOf(", "); at >= 0; at = reason.indexOf(", ", at + 2)) {
    if (quotedAt(reason.slice(start), at - start) || !beginsAnother(reason.slice(at + 2), names)) continue;
    parts.push(reason.slice(start, at));
    start = at + 2;
  }
  return [...parts, reason.slice(start)];
}

function beginsAnother(rest: string, names: readonly string[]): boolean {
  if (/^and \d+ more$/.test(rest) || rest.startsWith("the earlier result for this ") || rest.startsWith("a file that ")) return true;
  const name = names.find((each) => rest.startsWith(`${each} `) || rest.startsWith(`input ${each} `));
  return name !== undefined;
}

/** Whether a place of a text is inside of quotes. */
function quotedAt(text: string, place: number): boolean {
  let quote = "";
  for (let at = 0; at < place; at++) {
    const sign = text[at];
    if (sign === "\\") at += 1;
    else if (quote) quote = sign === quote ? "" : quote;
    else if (sign === "'" || sign === '"') quote = sign;
  }
  return quote !== "";
}

function differenceIn(part: string, names: readonly string[]): Difference | undefined {
  const file = /^a file that (.+) names changed$/.exec(part)?.[1];
  if (file !== undefined) return { input: file, text: part };
  const plain = part.replace(/^input /, "");
  const input = names.find((each) => plain.startsWith(`${each} `));
  if (input === undefined) return undefined;
  const rest = plain.slice(input.length + 1);
  const source = FROM_NODE.exec(rest)?.[1];
  if (source !== undefined) return { input, source, text: part };
  const left = LEFT_NODE.exec(rest);
  if (left?.[1] !== undefined) return { input, after: left[1], text: part };
  const arrow = arrowIn(rest);
  if (arrow !== undefined) return { input, before: rest.slice(0, arrow), after: rest.slice(arrow + 4), text: part };
  const fresh = NEW.exec(rest)?.[1];
  return fresh === undefined ? { input, text: part } : { input, after: fresh, text: part };
}

function arrowIn(text: string): number | undefined {
  for (let at = text.indexOf(" -> "); at >= 0; at = text.indexOf(" -> ", at + 1)) if (!quotedAt(text, at)) return at;
  const first = text.indexOf(" -> ");
  return first < 0 ? undefined : first;
}

/** The names of the inputs that a reason tells of. */
export function changedInputs(reason: string | undefined, inputs: Iterable<string>): ReadonlySet<string> {
  return new Set(differencesIn(reason ?? "", inputs).map((each) => each.input));
}
