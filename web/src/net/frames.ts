/** What comes over the socket: text frames {type, data}, and binary ones with previews (interface section 2). */

import { isFields } from "../core/entries";
import type { Fields } from "../core/types";
import { parseJson } from "../io/json";

const PREVIEW = 1;
const PREVIEW_WITH_FACTS = 4;
const MIME: Readonly<Record<number, string>> = { 1: "image/jpeg", 2: "image/png" };

export interface Message {
  readonly type: string;
  readonly data: Fields;
}

/** A picture of what a node works on. */
export interface Preview {
  /** Undefined in frames of type 1, which belong to whatever runs. */
  readonly node: string | undefined;
  readonly job: string | undefined;
  readonly picture: Blob;
}

/** A text frame; undefined where it is none of ours. */
export function readMessage(text: string): Message | undefined {
  try {
    const value = parseJson(text);
    if (!isFields(value) || typeof value["type"] !== "string") return undefined;
    return { type: value["type"], data: isFields(value["data"]) ? value["data"] : {} };
  } catch {
    return undefined;
  }
}

/** A binary frame; undefined where it holds no preview. */
export function readPreview(frame: ArrayBuffer): Preview | undefined {
  const view = new DataView(frame);
  if (frame.byteLength < 8) return undefined;
  const kind = view.getUint32(0);
  const second = view.getUint32(4);
  if (kind === PREVIEW) {
    const picture = new Blob([frame.slice(8)], { type: MIME[second] ?? "image/jpeg" });
    return { node: undefined, job: undefined, picture };
  }
  if (kind !== PREVIEW_WITH_FACTS || 8 + second > frame.byteLength) return undefined;
  const facts = factsIn(new Uint8Array(frame, 8, second));
  if (!facts) return undefined;
  const node = facts["display_node_id"] ?? facts["node_id"];
  const type = facts["image_type"];
  return {
    node: typeof node === "string" ? node : undefined,
    job: typeof facts["prompt_id"] === "string" ? facts["prompt_id"] : undefined,
    picture: new Blob([frame.slice(8 + second)], { type: typeof type === "string" && type.startsWith("image/") ? type : "image/jpeg" }),
  };
}

function factsIn(bytes: Uint8Array): Fields | undefined {
  try {
    const value = parseJson(new TextDecoder().decode(bytes));
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
