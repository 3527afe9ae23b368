/** The commands with the keys that this person has given them. */

import type { Command } from "./command";
import { isMac, matches, type Stroke } from "./keys";

/** So long does the first of two strokes wait for the second. */
const SECOND_MS = 1500;

export type Remapped = ReadonlyMap<string, readonly string[]>;

/** The mask editor covers the desk: its strokes are its own, and may be those of the desk too. */
export function isApart(command: Command | undefined): boolean {
  return command?.group === "Mask";
}

/** Finds commands by id and by stroke. */
export class Registry {
  readonly #commands: ReadonlyMap<string, Command>;
  readonly #now: () => number;
  readonly #mac: boolean;
  #remapped: Remapped = new Map();
  #first: { readonly starts: ReadonlySet<string>; readonly at: number } | undefined;

  constructor(commands: readonly Command[], mac: boolean = isMac(), now: () => number = Date.now) {
    this.#commands = new Map(commands.map((command) => [command.id, command]));
    this.#mac = mac;
    this.#now = now;
  }

  all(): Iterable<Command> {
    return this.#commands.values();
  }

  get(id: string): Command | undefined {
    return this.#commands.get(id);
  }

  keysOf(command: Command): readonly string[] {
    return this.#remapped.get(command.id) ?? command.keys;
  }

  get remapped(): Remapped {
    return this.#remapped;
  }

  set remapped(keys: Remapped) {
    this.#remapped = keys;
  }

  /** The commands whose strokes count on the desk. */
  #onDesk(): Command[] {
    return [...this.all()].filter((command) => !isApart(command));
  }

  /** Changes the keys of a command; undefined restores its own. */
  remap(id: string, keys: readonly string[] | undefined): void {
    const next = new Map(this.#remapped);
    if (keys) next.set(id, keys);
    else next.delete(id);
    this.#remapped = next;
  }

  /** Other commands that have one of these keys. */
  conflicts(id: string, keys: readonly string[]): Command[] {
    const apart = isApart(this.get(id));
    return [...this.all()].filter((command) => command.id !== id && isApart(command) === apart && this.keysOf(command).some((each) => keys.includes(each)));
  }

  /** The commands of a stroke, as the second of two where a first one waits; "wait" after a first one. */
  find(stroke: Stroke): readonly Command[] | "wait" {
    const first = this.#first && this.#now() - this.#first.at <= SECOND_MS ? this.#first : undefined;
    this.#first = undefined;
    if (first) {
      const second = this.#having((key) => {
        const [start, rest] = key.split(" ");
        return start !== undefined && rest !== undefined && first.starts.has(start) && matches(stroke, rest, this.#mac);
      });
      if (second.length) return second;
    }
    const starts = new Set<string>();
    for (const command of this.#onDesk()) {
      for (const key of this.keysOf(command)) {
        const [start, rest] = key.split(" ");
        if (start !== undefined && rest !== undefined && matches(stroke, start, this.#mac)) starts.add(start);
      }
    }
    if (starts.size === 0) return this.#having((key) => !key.includes(" ") && matches(stroke, key, this.#mac));
    this.#first = { starts, at: this.#now() };
    return "wait";
  }

  #having(wanted: (key: string) => boolean): Command[] {
    return this.#onDesk().filter((command) => this.keysOf(command).some(wanted));
  }
}
