/** What tests and benchmarks find on the page: `window.darkroom` has the newest canvas and its counters. */

import type { CanvasView } from "./view";

export interface Counters {
  readonly mounted: number;
  /** How often a node has been mounted. */
  readonly mounts: number;
  readonly domElements: number;
  readonly frames: number;
  /** How often the whole scene was drawn. */
  readonly repaints: number;
  /** How often one node was drawn alone. */
  readonly patches: number;
  /** Script time of the newest frames in milliseconds. */
  readonly times: readonly number[];
}

/** Puts a canvas on the shelf. */
export function expose(view: CanvasView): void {
  const known: unknown = Reflect.get(window, "darkroom");
  const shelf = typeof known === "object" && known !== null ? known : {};
  Object.defineProperty(shelf, "view", { value: view, configurable: true });
  Object.defineProperty(shelf, "counters", { get: () => view.counters, configurable: true });
  Reflect.set(window, "darkroom", shelf);
}

/** Takes it down again, if it is still the one there. */
export function unexpose(view: CanvasView): void {
  const shelf: unknown = Reflect.get(window, "darkroom");
  if (typeof shelf !== "object" || shelf === null || Reflect.get(shelf, "view") !== view) return;
  Reflect.deleteProperty(shelf, "view");
  Reflect.deleteProperty(shelf, "counters");
}
