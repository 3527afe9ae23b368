/** Which files a tab has open, kept in the browser: for a reload, and for the next visit after a crash. */

import { isFields } from "../core/entries";
import type { Json } from "../core/types";

const KEY = "darkroom.tabs";

export interface TabEntry {
  readonly name: string;
  /** Of the saved file that it is based on. */
  readonly digest?: string;
  /** Name of its draft on the server. */
  readonly draft?: string;
  /** The job whose results its nodes show. */
  readonly job?: string;
}

export interface Session {
  /** The tab that wrote this. */
  readonly client: string;
  readonly active: string | undefined;
  readonly files: readonly TabEntry[];
}

/** Keeps a session for a reload of this tab, and as the last one of this browser. */
export function keepSession(session: Session): void {
  const text = JSON.stringify(session);
  for (const store of stores()) {
    try {
      store.setItem(KEY, text);
    } catch {
      // A full or forbidden storage costs only the memory of tabs; drafts are on the server.
    }
  }
}

/** What this tab had open before a reload, else what the last tab of this browser had. */
export function keptSession(): { readonly session: Session; readonly mine: boolean } | undefined {
  for (const [index, store] of stores().entries()) {
    const session = parse(store);
    if (session) return { session, mine: index === 0 };
  }
  return undefined;
}

function stores(): Storage[] {
  try {
    return [sessionStorage, localStorage];
  } catch {
    return [];
  }
}

function parse(store: Storage): Session | undefined {
  try {
    const value = JSON.parse(store.getItem(KEY) ?? "null") as Json;
    if (!isFields(value) || !Array.isArray(value["files"])) return undefined;
    const { client, active } = value;
    return {
      client: typeof client === "string" ? client : "",
      active: typeof active === "string" ? active : undefined,
      files: value["files"].flatMap((each) => entryOf(each) ?? []),
    };
  } catch {
    return undefined;
  }
}

function entryOf(value: Json): TabEntry | undefined {
  if (!isFields(value) || typeof value["name"] !== "string") return undefined;
  const { name, digest, draft, job } = value;
  return {
    name,
    ...(typeof digest === "string" ? { digest } : {}),
    ...(typeof draft === "string" ? { draft } : {}),
    ...(typeof job === "string" ? { job } : {}),
  };
}
