/** Tells when the pointer has come to rest on a wire, and where it goes on from there. */

import type { LinkId, Point } from "../core/types";

/** A pointer that only passes by asks for nothing. */
export const REST_MS = 260;

export class LinkRest {
  #over: LinkId | undefined;
  #shown = false;
  #at: Point = [0, 0];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** tell: is told of the link and the place, and of nothing when the pointer has left */
  constructor(readonly tell: (link: LinkId | undefined, at: Point) => void) {}

  /** The pointer is over a link now, or over none. */
  over(link: LinkId | undefined, at: Point): void {
    this.#at = at;
    if (link !== this.#over) {
      this.leave();
      this.#over = link;
    }
    if (link === undefined) return;
    if (this.#shown) {
      this.tell(link, at);
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#shown = true;
      this.tell(link, this.#at);
    }, REST_MS);
  }

  /** The pointer means something else. */
  leave(): void {
    clearTimeout(this.#timer);
    this.#over = undefined;
    if (!this.#shown) return;
    this.#shown = false;
    this.tell(undefined, this.#at);
  }
}
