/** Which pointers paint and which move the picture: one finger paints, two move and zoom; after a pen, fingers only move. */

import type { Spot } from "./raster";

export interface Press extends Spot {
  readonly id: number;
  readonly kind: "mouse" | "pen" | "touch";
  /** 0 main, 1 middle, 2 right. */
  readonly button: number;
  readonly time: number;
}

export interface FingerWork {
  start(press: Press): void;
  end(press: Press): void;
  /** What `start` began was not meant. */
  cancel(): void;
  pan(dx: number, dy: number): void;
  zoom(factor: number, at: Spot): void;
}

/** A second finger within this time takes back what the first one has painted. */
const SECOND_MS = 350;

export class Fingers {
  readonly #work: FingerWork;
  readonly #held = new Map<number, Spot>();
  #mode: "none" | "paint" | "pan" = "none";
  #started = 0;
  #pen = false;

  constructor(work: FingerWork) {
    this.#work = work;
  }

  /** moves: whether the main button moves the picture (Space is held). Whether the pointer is ours. */
  down(press: Press, moves: boolean): boolean {
    if (press.kind === "pen") this.#pen = true;
    if (this.#held.size > 0 && press.kind !== "touch") return false;
    if (press.kind !== "touch" && press.button > 1) return false;
    this.#held.set(press.id, press);
    if (this.#held.size > 1) this.#second(press.time);
    else if (moves || press.button === 1 || (press.kind === "touch" && this.#pen)) this.#mode = "pan";
    else {
      this.#mode = "paint";
      this.#started = press.time;
      this.#work.start(press);
    }
    return true;
  }

  /** Whether it is the painting pointer that moved: the caller then draws. */
  move(press: Press): boolean {
    const before = this.#held.get(press.id);
    if (!before) return false;
    if (this.#mode === "paint") {
      this.#held.set(press.id, press);
      return true;
    }
    const was = this.#span();
    this.#held.set(press.id, press);
    const now = this.#span();
    this.#work.pan(now.x - was.x, now.y - was.y);
    if (was.apart > 0 && now.apart > 0) this.#work.zoom(now.apart / was.apart, now);
    return false;
  }

  up(press: Press): void {
    if (!this.#held.delete(press.id)) return;
    if (this.#mode === "paint") this.#work.end(press);
    // The finger that stays does not paint: it would draw a line that nobody wants.
    this.#mode = this.#held.size > 0 ? "pan" : "none";
  }

  /** The system took the pointer away. */
  lost(press: Press): void {
    if (!this.#held.delete(press.id)) return;
    if (this.#mode === "paint") this.#work.cancel();
    this.#mode = this.#held.size > 0 ? "pan" : "none";
  }

  #second(time: number): void {
    const [first] = this.#held.values();
    if (this.#mode === "paint" && time - this.#started <= SECOND_MS) this.#work.cancel();
    else if (this.#mode === "paint" && first) this.#work.end({ ...first, id: -1, kind: "touch", button: 0, time });
    this.#mode = "pan";
  }

  /** Middle of the held pointers and how far the first two are apart. */
  #span(): { readonly x: number; readonly y: number; readonly apart: number } {
    const all = [...this.#held.values()];
    const [a, b] = all;
    const x = all.reduce((sum, each) => sum + each.x, 0) / all.length;
    const y = all.reduce((sum, each) => sum + each.y, 0) / all.length;
    return { x, y, apart: a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0 };
  }
}
