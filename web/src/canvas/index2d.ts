/** A spatial index: which things lie near a rectangle, without looking at all of them. */

import { overlaps, type Rect } from "./rect";

const CELL = 512;
/** A thing over more cells than this is kept in a list of its own: long wires would fill the table. */
const MOST_CELLS = 48;

/** Things with bounds in a uniform grid of cells. */
export class SpatialIndex<Id extends string> {
  readonly #cells = new Map<string, Set<Id>>();
  readonly #large = new Set<Id>();
  readonly #bounds = new Map<Id, Rect>();

  get size(): number {
    return this.#bounds.size;
  }

  bounds(id: Id): Rect | undefined {
    return this.#bounds.get(id);
  }

  /** Put a thing in, or move it to other bounds. */
  put(id: Id, bounds: Rect): void {
    this.remove(id);
    this.#bounds.set(id, bounds);
    const keys = cellsOf(bounds);
    if (keys === undefined) this.#large.add(id);
    else for (const key of keys) this.#cell(key).add(id);
  }

  remove(id: Id): void {
    const bounds = this.#bounds.get(id);
    if (bounds === undefined) return;
    this.#bounds.delete(id);
    if (this.#large.delete(id)) return;
    for (const key of cellsOf(bounds) ?? []) {
      const cell = this.#cells.get(key);
      cell?.delete(id);
      if (cell?.size === 0) this.#cells.delete(key);
    }
  }

  clear(): void {
    this.#cells.clear();
    this.#large.clear();
    this.#bounds.clear();
  }

  /** Everything whose bounds touch the rectangle, each once, in no order. */
  near(rect: Rect): Set<Id> {
    const found = new Set<Id>();
    const keys = cellsOf(rect, this.#cells.size + 1);
    if (keys === undefined) {
      for (const [id, bounds] of this.#bounds) if (overlaps(bounds, rect)) found.add(id);
      return found;
    }
    for (const key of keys) for (const id of this.#cells.get(key) ?? []) this.#take(id, rect, found);
    for (const id of this.#large) this.#take(id, rect, found);
    return found;
  }

  #take(id: Id, rect: Rect, found: Set<Id>): void {
    const bounds = this.#bounds.get(id);
    if (bounds !== undefined && overlaps(bounds, rect)) found.add(id);
  }

  #cell(key: string): Set<Id> {
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const made = new Set<Id>();
    this.#cells.set(key, made);
    return made;
  }
}

function cellsOf(rect: Rect, most = MOST_CELLS): string[] | undefined {
  const left = Math.floor(rect.x / CELL);
  const top = Math.floor(rect.y / CELL);
  const right = Math.floor((rect.x + rect.width) / CELL);
  const bottom = Math.floor((rect.y + rect.height) / CELL);
  const count = (right - left + 1) * (bottom - top + 1);
  if (!(count <= most)) return undefined;
  const keys: string[] = [];
  for (let y = top; y <= bottom; y++) for (let x = left; x <= right; x++) keys.push(`${x},${y}`);
  return keys;
}
