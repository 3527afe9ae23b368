/** Carries what somebody has chosen between this browser and the server, so that every browser of theirs has the same. */

import { isFields } from "../core/entries";
import type { Fields } from "../core/types";
import { changed, keep, kept } from "../ui/memory";
import type { Api } from "./api";
import { Debounced } from "./timing";

const QUIET_MS = 300;
/** Which of them were changed and are not on the server yet; a reload must not forget them. */
const UNSENT = "darkroom.unsent";
/** Where the keys of commands are kept. */
export const KEYS = "darkroom.keys";

interface Synced {
  /** Name of the setting on the server. */
  readonly id: string;
  /** What belongs to one window: which panels are open. */
  readonly local: ReadonlySet<string>;
}

/** By key of the browser's storage. */
const SYNCED: Readonly<Record<string, Synced>> = {
  "darkroom.interface": { id: "Darkroom.Interface", local: new Set(["panel", "inspector", "gallery"]) },
  [KEYS]: { id: "Darkroom.Keys", local: new Set() },
  "darkroom.bookmarks": { id: "Darkroom.Bookmarks", local: new Set() },
};

/** As much of the server as this needs. */
export type SettingsStore = Pick<Api, "settings" | "setSetting">;

export class Preferences {
  readonly #store: SettingsStore;
  readonly #apply: (key: string) => void;
  readonly #stops: (() => void)[] = [];
  /** By key, what the server has, as text. */
  readonly #known = new Map<string, string>();
  /** By key, what this browser had when the page came: no choice of anybody until the server was asked. */
  readonly #first = new Map<string, string>();
  readonly #waiting = new Set<string>();
  readonly #quiet = new Debounced(QUIET_MS, () => void this.push());

  /** apply: reads a key anew from the browser's storage, which the server's value was just put into */
  constructor(store: SettingsStore, apply: (key: string) => void) {
    this.#store = store;
    this.#apply = apply;
  }

  /** Takes the server's values, then carries every change there. Without a server the browser's hold. */
  start(page: Window = window): void {
    for (const [key, synced] of Object.entries(SYNCED)) this.#first.set(key, JSON.stringify(shared(kept(key), synced)));
    for (const key of Object.keys(kept(UNSENT))) if (Object.hasOwn(SYNCED, key)) this.#waiting.add(key);
    this.#stops.push(changed.subscribe((key) => this.#noticed(key)));
    const shown = (): void => {
      if (page.document.visibilityState === "visible") void this.pull();
    };
    page.document.addEventListener("visibilitychange", shown);
    page.addEventListener("focus", shown);
    this.#stops.push(() => {
      page.document.removeEventListener("visibilitychange", shown);
      page.removeEventListener("focus", shown);
    });
    void this.pull();
  }

  stop(): void {
    this.#quiet.cancel();
    this.#stops.splice(0).forEach((stop) => stop());
  }

  /** Takes what the server has, but nothing that was changed here and is not there yet. */
  async pull(): Promise<void> {
    await this.push();
    if (this.#waiting.size > 0) return;
    try {
      const settings = await this.#store.settings();
      for (const [key, synced] of Object.entries(SYNCED)) this.#take(key, synced, settings[synced.id]);
    } catch {
      // Without an answer the browser's own values hold; the next look tries again.
    }
  }

  /** Sends what waits. */
  async push(): Promise<void> {
    for (const key of [...this.#waiting]) {
      const synced = SYNCED[key];
      if (!synced) continue;
      const value = shared(kept(key), synced);
      const text = JSON.stringify(value);
      try {
        if (this.#known.get(key) !== text) await this.#store.setSetting(synced.id, value);
        this.#known.set(key, text);
        this.#waiting.delete(key);
        this.#markUnsent();
      } catch {
        // It stays waiting until the window is looked at again or the next change comes.
        return;
      }
    }
  }

  #noticed(key: string): void {
    const synced = SYNCED[key];
    if (!synced || (this.#known.get(key) ?? this.#first.get(key)) === JSON.stringify(shared(kept(key), synced))) return;
    this.#waiting.add(key);
    this.#markUnsent();
    this.#quiet.call();
  }

  #markUnsent(): void {
    keep(UNSENT, Object.fromEntries([...this.#waiting].map((key) => [key, true])));
  }

  #take(key: string, synced: Synced, value: unknown): void {
    const here = kept(key);
    if (!isFields(value)) {
      // The first browser that comes brings what it has.
      if (Object.keys(shared(here, synced)).length === 0) return;
      this.#waiting.add(key);
      this.#quiet.call();
      return;
    }
    // Changed here while the server was asked: ours goes there.
    if (this.#waiting.has(key)) return;
    const text = JSON.stringify(value);
    this.#known.set(key, text);
    if (JSON.stringify(shared(here, synced)) === text) return;
    const own = Object.fromEntries(Object.entries(here).filter(([name]) => synced.local.has(name)));
    try {
      localStorage.setItem(key, JSON.stringify({ ...own, ...shared(value, synced) }));
    } catch {
      return;
    }
    this.#apply(key);
  }
}

function shared(value: Fields, { local }: Synced): Fields {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !local.has(name)));
}
