/** What a wheel event means: a trackpad pans with two fingers and pinches, a mouse's wheel zooms. */

import type { Point } from "../core/types";

export interface WheelLike {
  readonly deltaX: number;
  readonly deltaY: number;
  readonly deltaMode: number;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly timeStamp: number;
}

export type WheelMeaning = { readonly kind: "zoom"; readonly factor: number } | { readonly kind: "pan"; readonly by: Point };

/** Events closer together than this belong to one movement of the hand, and to one device. */
const SAME_GESTURE_MS = 160;
const LINE = 16;
/** Mice turn in notches of at least this many pixels, without a fraction and without a sideways part. */
const NOTCH = 50;

export class WheelReader {
  #last: { time: number; trackpad: boolean } | undefined;

  read(event: WheelLike): WheelMeaning {
    const scale = event.deltaMode === 0 ? 1 : event.deltaMode === 1 ? LINE : 400;
    const [x, y] = [event.deltaX * scale, event.deltaY * scale];
    if (event.ctrlKey || event.metaKey) return { kind: "zoom", factor: Math.exp(-clamp(y, 60) * 0.01) };
    const trackpad = this.#isTrackpad(event);
    if (!trackpad && !event.shiftKey) return { kind: "zoom", factor: Math.exp(-clamp(y, 240) * 0.0018) };
    return { kind: "pan", by: event.shiftKey && x === 0 ? [-y, 0] : [-x, -y] };
  }

  #isTrackpad(event: WheelLike): boolean {
    const last = this.#last;
    const same = last !== undefined && event.timeStamp - last.time < SAME_GESTURE_MS;
    const notched = event.deltaMode !== 0 || (event.deltaX === 0 && Math.abs(event.deltaY) >= NOTCH && Number.isInteger(event.deltaY));
    const trackpad = same ? last.trackpad : !notched;
    this.#last = { time: event.timeStamp, trackpad };
    return trackpad;
  }
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(-most, value));
}
