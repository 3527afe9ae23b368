/** A camera on its way: short, eased, and given up as soon as someone takes hold. */

import type { Camera, Size } from "../core/types";
import { between } from "./camera";

const MOTION_MS = 160;

export class Flight {
  #start: number | undefined;

  constructor(
    readonly from: Camera,
    readonly to: Camera,
  ) {}

  /** The camera at a time, and whether it has arrived. */
  at(now: number, viewport: Size): { readonly camera: Camera; readonly arrived: boolean } {
    this.#start ??= now;
    const share = Math.min(1, (now - this.#start) / MOTION_MS);
    return { camera: between(this.from, this.to, 1 - (1 - share) ** 3, viewport), arrived: share >= 1 };
  }
}
