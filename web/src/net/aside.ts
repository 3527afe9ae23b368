/** What was drawn and did not reach the server before the page went: the browser keeps it until it has. */

import { isFields } from "../core/entries";
import type { Json } from "../core/types";

const START = "darkroom.aside.";

export interface Aside {
  readonly workflow: Json;
  readonly base: string | undefined;
}

/** Keeps what a draft is to hold. A full or forbidden storage keeps nothing. */
export function putAside(draft: string, workflow: Json, base: string | undefined): void {
  try {
    localStorage.setItem(START + draft, JSON.stringify({ workflow, base: base ?? null }));
  } catch {
    // The older draft on the server is what is left then.
  }
}

/** What was put aside for a draft; undefined where nothing was, or nothing that can be read. */
export function aside(draft: string): Aside | undefined {
  try {
    const found = JSON.parse(localStorage.getItem(START + draft) ?? "null") as Json;
    if (!isFields(found) || !isFields(found["workflow"])) return undefined;
    return { workflow: found["workflow"], base: typeof found["base"] === "string" ? found["base"] : undefined };
  } catch {
    return undefined;
  }
}

/** The draft is on the server, or is not wanted any more. */
export function forgetAside(draft: string): void {
  try {
    localStorage.removeItem(START + draft);
  } catch {
    // Without storage there is nothing to forget.
  }
}
