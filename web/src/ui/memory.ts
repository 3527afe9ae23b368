/** What somebody has chosen, kept in the browser for the first paint; `net/preferences` carries it to the server. */

import { isFields } from "../core/entries";
import { Signal } from "../core/signal";
import type { Fields, Json } from "../core/types";

/** Told the key of what was changed here. */
export const changed = new Signal<string>();

/** What is kept under a key; {} where nothing is. */
export function kept(key: string): Fields {
  try {
    const value = JSON.parse(localStorage.getItem(key) ?? "{}") as Json;
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}

/** Keeps a value under a key; false where the browser keeps nothing. */
export function keep(key: string, value: Fields): boolean {
  let done = true;
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    done = false;
  }
  changed.emit(key);
  return done;
}
