/** What stands out in a prompt: weights, embeddings, LoRA names, choices, comments, and where chunks begin. */

import { COMMENT } from "./sent";
import { groupsOf } from "./weights";

export type MarkKind = "stronger" | "weaker" | "embedding" | "lora" | "choice" | "comment";

export interface Piece {
  readonly text: string;
  readonly kind?: MarkKind;
  /** A chunk of tokens begins here. */
  readonly chunk?: true;
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly kind: MarkKind;
}

/** Above this a prompt is shown without marks: it is a document. */
const MOST_PIECES = 400;

/** The text in pieces that follow one another without gaps; inner marks win. chunks: where those after the first begin */
export function piecesOf(text: string, chunks: readonly number[] = []): Piece[] {
  const spans = spansOf(text);
  const starts = new Set(chunks.filter((each) => each > 0 && each < text.length));
  const cuts = [...new Set([0, ...starts, ...spans.flatMap(({ from, to }) => [from, to])])].filter((each) => each < text.length).sort((a, b) => a - b);
  if (cuts.length > MOST_PIECES) return [{ text }];
  return cuts.map((from, index) => {
    const kind = spans.find((span) => span.from <= from && from < span.to)?.kind;
    return { text: text.slice(from, cuts[index + 1] ?? text.length), ...(kind ? { kind } : {}), ...(starts.has(from) ? { chunk: true as const } : {}) };
  });
}

function spansOf(text: string): Span[] {
  const named = (pattern: RegExp, kind: MarkKind): Span[] => [...text.matchAll(pattern)].map((found) => ({ from: found.index, to: found.index + found[0].length, kind }));
  return [
    ...named(COMMENT, "comment"),
    ...named(/(?<![^\s(])embedding:[^\s,()]+/g, "embedding"),
    ...named(/<lora:[^<>]+>/g, "lora"),
    ...named(/\{[^{}]*\|[^{}]*\}/g, "choice"),
    ...groupsOf(text).filter(({ weight }) => weight !== 1).map(({ open, close, weight }): Span => ({ from: open, to: close + 1, kind: weight > 1 ? "stronger" : "weaker" })),
  ];
}
