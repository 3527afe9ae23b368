/** What the pointer is over: the cursor, what is singled out, the words of a tag, and a wire on which the pointer rests. */

import type { Chrome } from "./chrome";
import type { Emphasis } from "./emphasis";
import type { Hit } from "./picking";
import { LinkRest } from "./resting";
import type { Desk, Pointer } from "./tools/tool";

const CURSORS: Partial<Record<Hit["kind"], string>> = {
  socket: "crosshair",
  corner: "nwse-resize",
  groupCorner: "nwse-resize",
  node: "grab",
  group: "grab",
  reroute: "grab",
  link: "pointer",
  tag: "pointer",
};

export class Hovering {
  readonly #rest: LinkRest;
  #hit: Hit | undefined;
  #tagged = false;

  constructor(
    readonly desk: Desk,
    readonly chrome: Chrome,
    readonly emphasis: Emphasis,
  ) {
    this.#rest = new LinkRest((link, at) => desk.ui.restedOn?.(link, at));
  }

  /** What the pointer is over, or was before it left the canvas for a menu or the palette. */
  get hit(): Hit | undefined {
    return this.#hit;
  }

  /** The pointer is over this now, or over nothing of ours. grabs: a press would push the desk */
  over(hit: Hit | undefined, pointer: Pointer | undefined, grabs: boolean): void {
    if (hit !== undefined) this.#hit = hit;
    if (hit?.kind === "tag" || this.#tagged) this.#tellTag(hit, pointer);
    if (hit?.kind === "link" && pointer !== undefined) this.#rest.over(hit.id, pointer.screen);
    else this.#rest.leave();
    this.#cursor(grabs ? "grab" : ((hit && CURSORS[hit.kind]) ?? "default"));
    this.desk.editor.hoveredLink = hit?.kind === "link" || hit?.kind === "tag" ? hit.id : undefined;
    this.emphasis.hover(hit);
  }

  /** A gesture has begun or ended, or the desk has moved under the pointer. */
  leave(cursor?: string): void {
    this.#rest.leave();
    if (cursor === undefined) return;
    if (this.#tagged) this.#tellTag(undefined, undefined);
    this.#cursor(cursor);
    this.emphasis.hover(undefined);
  }

  #cursor(cursor: string): void {
    const { style } = this.chrome.host;
    if (style.cursor !== cursor) style.cursor = cursor;
  }

  /** The other end of a hidden link, in words at the pointer. */
  #tellTag(hit: Hit | undefined, pointer: Pointer | undefined): void {
    const tag = hit?.kind === "tag" ? this.desk.model.tags.find((each) => each.link === hit.id && each.node === hit.node) : undefined;
    this.#tagged = tag !== undefined;
    this.chrome.hint(tag?.full, pointer?.screen);
  }
}
