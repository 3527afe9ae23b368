/** What flowed over a wire, in the words of the chip and of the inspector. */

import type { Editor } from "../../core/editor";
import { originOf } from "../../core/flow";
import type { Json, NodeId, SocketId } from "../../core/types";
import type { WireValue } from "../services";
import type { AppState } from "../state.svelte";
import { t } from "../texts";
import { bytes } from "./words";

const SHORT: Readonly<Record<string, string>> = { float16: "f16", float32: "f32", float64: "f64", bfloat16: "bf16", int32: "i32", int64: "i64", uint8: "u8" };
const LONGEST = 160;
/** Of other types the words are the name of a class. */
const WORDS = /^(STRING|INT|FLOAT|BOOLEAN|COMBO)$/;
const PICTURES = /^(IMAGE|LATENT|MASK)$/;

export interface ValueWords {
  /** "LATENT 1×4×16×16 · f16 · 0.5 MB" */
  readonly head: string;
  /** "−3.2 … 4.1 · mean 0.02", empty where there are no numbers. */
  readonly range: string;
  /** The value itself, where it is text or a number. */
  readonly text: string;
  /** Whether there is a picture of it. */
  readonly pictured: boolean;
}

/** A value in words. */
export function valueWords({ type, text, count, bytes: size, facts }: WireValue): ValueWords {
  const shape = Array.isArray(facts["shape"]) ? facts["shape"].map(String).join("×") : "";
  const dtype = typeof facts["dtype"] === "string" ? ((Object.hasOwn(SHORT, facts["dtype"]) ? SHORT[facts["dtype"]] : undefined) ?? facts["dtype"]) : "";
  const several = count !== undefined && count !== 1 ? t("value.items", { count }) : "";
  const weight = size === undefined ? "" : bytes(size);
  const head = [[type, shape].filter(Boolean).join(" "), dtype, weight, several].filter(Boolean).join(" · ");
  return { head, range: rangeOf(facts["minimum"], facts["maximum"], facts["mean"]), text: WORDS.test(type) ? shortened(text) : "", pictured: PICTURES.test(type) };
}

function rangeOf(low: Json | undefined, high: Json | undefined, mean: Json | undefined): string {
  if (typeof low !== "number" || typeof high !== "number") return "";
  const span = low === high ? t("value.all", { value: rounded(low) }) : `${rounded(low)} … ${rounded(high)}`;
  return typeof mean === "number" && low !== high ? `${span} · ${t("value.mean", { value: rounded(mean) })}` : span;
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST).trimEnd()}…` : text;
}

/** What came out of a socket of the shown graph in the newest run. */
export async function valueAt(app: AppState, editor: Editor, node: NodeId, socket: SocketId): Promise<WireValue | undefined> {
  const origin = originOf(editor.document.state, editor.definitions, editor.path, node, socket);
  return origin && app.services?.value?.(editor, origin.node, origin.output);
}
