/** The mask that is being painted: what a tool covers is laid over what was there, and becomes one step of undo. */

import { MaskHistory } from "./history";
import { copyRect, fillRect, plane, union, type Plane, type Rect } from "./raster";

/** How a cover changes the mask. */
export interface Paint {
  readonly removes: boolean;
  /** 0..1 */
  readonly opacity: number;
}

export class Painting {
  readonly mask: Plane;
  readonly history: MaskHistory;
  /** The mask before the tool that is at work. */
  readonly #base: Plane;
  /** What that tool covers, so that a stroke over itself covers nothing twice. */
  readonly #cover: Plane;
  readonly #changed: (rect: Rect) => void;
  #paint: Paint | undefined;
  #touched: Rect | undefined;

  /** changed: told of every rectangle of the mask that is different now */
  constructor(mask: Plane, changed: (rect: Rect) => void = () => undefined, history: MaskHistory = new MaskHistory()) {
    this.mask = mask;
    this.#base = { ...mask, data: mask.data.slice() };
    this.#cover = plane(mask.width, mask.height);
    this.#changed = changed;
    this.history = history;
  }

  /** Whether the mask is another one than at the beginning. */
  get painted(): boolean {
    return this.history.steps > 0;
  }

  begin(paint: Paint): void {
    this.cancel();
    this.#paint = paint;
  }

  /** Covers more. draw: raises the cover, and tells where */
  add(draw: (cover: Plane) => Rect | undefined): void {
    const rect = this.#paint && draw(this.#cover);
    if (rect) this.#lay(rect);
  }

  /** Covers something else instead. */
  replace(draw: (cover: Plane) => Rect | undefined): void {
    const before = this.#touched;
    if (before) fillRect(this.#cover, before, 0);
    const rect = union(before, this.#paint && draw(this.#cover));
    if (rect) this.#lay(rect);
  }

  /** Ends the work of a tool; it can be undone from now on. */
  commit(): void {
    const touched = this.#touched;
    this.#paint = undefined;
    this.#touched = undefined;
    if (!touched) return;
    fillRect(this.#cover, touched, 0);
    this.history.keep(this.mask, this.#base, touched);
  }

  /** As if the tool had never begun. */
  cancel(): void {
    const touched = this.#touched;
    this.#paint = undefined;
    this.#touched = undefined;
    if (!touched) return;
    fillRect(this.#cover, touched, 0);
    copyRect(this.#base, this.mask, touched);
    this.#changed(touched);
  }

  /** Changes the mask as a whole, in one step. */
  change(work: (mask: Plane) => Rect | undefined): void {
    this.cancel();
    const rect = work(this.mask);
    if (!rect) return;
    this.history.keep(this.mask, this.#base, rect);
    this.#changed(rect);
  }

  undo(): void {
    this.cancel();
    this.#tell(this.history.undo(this.mask, this.#base));
  }

  redo(): void {
    this.cancel();
    this.#tell(this.history.redo(this.mask, this.#base));
  }

  #tell(rect: Rect | undefined): void {
    if (rect) this.#changed(rect);
  }

  #lay(rect: Rect): void {
    this.#touched = union(this.#touched, rect);
    if (this.#paint) lay(this.mask, this.#base, this.#cover, rect, this.#paint);
    this.#changed(rect);
  }
}

/** mask = base, moved towards painted or not painted by as much as is covered. */
export function lay(mask: Plane, base: Plane, cover: Plane, rect: Rect, { removes, opacity }: Paint): void {
  const part = opacity / 255;
  const target = removes ? 0 : 255;
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    const end = y * mask.width + rect.x + rect.width;
    for (let index = end - rect.width; index < end; index++) {
      const before = base.data[index] ?? 0;
      mask.data[index] = Math.round(before + (target - before) * (cover.data[index] ?? 0) * part);
    }
  }
}
