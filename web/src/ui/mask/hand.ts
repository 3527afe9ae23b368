/** What the tools do where they are pressed, dragged and lifted: by a pointer or by keys, which is all the same here. */

import { coverSegment, pressed, type Dab } from "./brush";
import { coverAlike, type Pixels } from "./fill";
import { coverGradient, type GradientShape } from "./gradient";
import { coverPolygon } from "./lasso";
import type { Painting } from "./painting";
import type { Spot } from "./raster";

export const TOOLS = ["brush", "eraser", "fill", "lasso", "gradient"] as const;
export type Tool = (typeof TOOLS)[number];

export interface HandSettings {
  readonly tool: Tool;
  /** Diameter of the brush in pixels of the picture. */
  readonly size: number;
  readonly hardness: number;
  readonly opacity: number;
  /** Whether a pen's pressure makes the brush narrower. */
  readonly pressure: boolean;
  readonly tolerance: number;
  readonly connected: boolean;
  /** Fill, lasso and gradient take away instead of adding. */
  readonly removes: boolean;
  readonly shape: GradientShape;
}

export interface Touch extends Spot {
  /** Of a pen; undefined of mouse, finger and keys. */
  readonly pressure?: number | undefined;
}

/** Parts of the radius below which a further point of the pointer is waited for. */
const SKIPPED = 0.08;

export class Hand {
  readonly painting: Painting;
  readonly #pixels: Pixels;
  readonly #settings: () => HandSettings;
  #down: { readonly tool: Tool; readonly start: Touch } | undefined;
  #last: Dab | undefined;
  #skipped: Dab | undefined;
  #corners: Spot[] = [];
  #free: Spot[] = [];
  #line: readonly [Spot, Spot] | undefined;

  constructor(painting: Painting, pixels: Pixels, settings: () => HandSettings) {
    this.painting = painting;
    this.#pixels = pixels;
    this.#settings = settings;
  }

  get isDown(): boolean {
    return this.#down !== undefined;
  }

  /** The line of the lasso so far. */
  get path(): readonly Spot[] {
    return this.#free.length > 1 ? [...this.#corners, ...this.#free] : this.#corners;
  }

  /** Where the gradient is being drawn. */
  get line(): readonly [Spot, Spot] | undefined {
    return this.#line;
  }

  /** straight: the brush goes there from where it was lifted; near: how close to a lasso's first corner closes it */
  press(at: Touch, options: { readonly straight?: boolean; readonly near?: number } = {}): void {
    const { tool, removes, opacity } = this.#settings();
    this.#down = { tool, start: at };
    if (tool === "lasso") {
      this.#free = [at];
      return;
    }
    this.#corners = [];
    this.painting.begin({ removes: tool === "eraser" || (removes && tool !== "brush"), opacity });
    if (tool === "fill") this.#fill(at);
    else if (tool === "gradient") this.#line = [at, at];
    else this.#stroke(at, options.straight === true ? this.#last : undefined);
  }

  drag(at: Touch): void {
    const down = this.#down;
    if (!down) return;
    if (down.tool === "lasso") this.#free.push(at);
    else if (down.tool === "gradient") this.#fade(down.start, at);
    else if (down.tool !== "fill") this.#strokeOn(at);
  }

  /** near: how far a press may have moved and still be a corner of the lasso, and how close to the first one closes it */
  release(near = 4): void {
    const down = this.#down;
    this.#down = undefined;
    this.#line = undefined;
    if (!down) return;
    if (down.tool === "lasso") return this.#corner(near);
    if (this.#skipped && this.#last) this.#segment(this.#last, this.#skipped);
    this.painting.commit();
  }

  /** Closes the line of the lasso, and fills what is inside. */
  close(): void {
    const corners = this.path;
    this.#corners = [];
    this.#free = [];
    const { removes, opacity } = this.#settings();
    this.painting.begin({ removes, opacity });
    this.painting.add((cover) => coverPolygon(cover, corners));
    this.painting.commit();
  }

  /** Takes back what is not finished; whether there was something. */
  cancel(): boolean {
    const busy = this.isDown || this.#corners.length > 0;
    this.#down = undefined;
    this.#line = undefined;
    this.#corners = [];
    this.#free = [];
    this.#skipped = undefined;
    this.painting.cancel();
    return busy;
  }

  #corner(near: number): void {
    const [first] = this.#free;
    const moved = first ? this.#free.some((each) => distance(first, each) > near) : false;
    if (moved) return this.close();
    this.#free = [];
    const [start] = this.#corners;
    if (!first) return;
    if (start && this.#corners.length > 2 && distance(start, first) <= 2 * near) return this.close();
    this.#corners.push(first);
  }

  #fill({ x, y }: Touch): void {
    const { tolerance, connected } = this.#settings();
    this.painting.add((cover) => coverAlike(cover, this.#pixels, Math.floor(x), Math.floor(y), { tolerance, connected }));
  }

  #fade(from: Spot, to: Spot): void {
    this.#line = [from, to];
    const { shape } = this.#settings();
    this.painting.replace((cover) => coverGradient(cover, from, to, shape));
  }

  #stroke(at: Touch, from: Dab | undefined): void {
    const dab = this.#dab(at);
    this.#segment(from ?? dab, dab);
  }

  #strokeOn(at: Touch): void {
    const last = this.#last;
    const dab = this.#dab(at);
    if (!last) return;
    // Many points close together would cover nearly the same pixels again and again.
    if (distance(last, dab) < Math.max(0.5, dab.radius * SKIPPED)) this.#skipped = dab;
    else this.#segment(last, dab);
  }

  #segment(from: Dab, to: Dab): void {
    const { hardness } = this.#settings();
    this.#skipped = undefined;
    this.#last = to;
    this.painting.add((cover) => coverSegment(cover, from, to, hardness));
  }

  #dab({ x, y, pressure }: Touch): Dab {
    const settings = this.#settings();
    return { x, y, radius: pressed(settings.size / 2, settings.pressure ? pressure : undefined) };
  }
}

function distance(a: Spot, b: Spot): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
