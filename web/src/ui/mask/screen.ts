/** The picture and its mask on two canvases. The mask is painted again only where it changed, at most once a frame. */

import { outlineOf } from "./contours";
import { screenRect, type Look } from "./look";
import { inside, union, wholeOf, type Extent, type Plane, type Rect } from "./raster";
import { TINTS, type MaskView, type Tint } from "./settings.svelte";

const TINT_PART = 0.6;
const DASH = 5;
const MARCH_MS = 120;

export class Screen {
  /** Told once for each outline that has too many corners. */
  tooFine: () => void = () => undefined;
  readonly #under: CanvasRenderingContext2D;
  readonly #over: CanvasRenderingContext2D;
  readonly #sheet: OffscreenCanvasRenderingContext2D;
  readonly #picture: ImageBitmap;
  readonly #mask: Plane;
  #look: Look = { scale: 1, x: 0, y: 0 };
  #room: Extent = { width: 0, height: 0 };
  #ratio = 1;
  #view: MaskView = "tint";
  #tint = 0;
  #frame = 0;
  #all = false;
  #soiled: Rect | undefined;
  #outline: Path2D | undefined;
  #march: ReturnType<typeof setInterval> | undefined;
  #offset = 0;

  constructor(under: HTMLCanvasElement, over: HTMLCanvasElement, picture: ImageBitmap, mask: Plane) {
    this.#under = contextOf(under);
    this.#over = contextOf(over);
    this.#sheet = contextOf(new OffscreenCanvas(mask.width, mask.height));
    this.#picture = picture;
    this.#mask = mask;
    this.#soiled = wholeOf(mask);
  }

  /** Where the picture is now. ratio: pixels of the device to one of the page */
  place(look: Look, room: Extent, ratio: number): void {
    this.#look = look;
    if (room.width !== this.#room.width || room.height !== this.#room.height || ratio !== this.#ratio) {
      this.#room = room;
      this.#ratio = ratio;
      for (const { canvas } of [this.#under, this.#over]) {
        canvas.width = Math.max(1, Math.round(room.width * ratio));
        canvas.height = Math.max(1, Math.round(room.height * ratio));
      }
    }
    this.#all = true;
    this.#later();
  }

  /** The mask is different there. */
  soil(rect: Rect): void {
    this.#soiled = union(this.#soiled, rect);
    this.#later();
  }

  /** marches: whether the outline moves */
  show(view: MaskView, tint: Tint, marches: boolean): void {
    this.#view = view;
    this.#tint = asBytesLie(TINTS[tint]);
    this.#outline = undefined;
    this.#soiled = wholeOf(this.#mask);
    this.#all = true;
    clearInterval(this.#march);
    this.#march = undefined;
    if (view === "outline" && marches) {
      this.#march = setInterval(() => {
        this.#offset = (this.#offset + 1) % (2 * DASH);
        if (this.#outline) this.#later();
      }, MARCH_MS);
    }
    this.#later();
  }

  /** Work on the mask has come to an end: its outline is drawn anew. */
  settle(): void {
    if (this.#view !== "outline") return;
    this.#colourSoiled();
    const { lines, complete } = outlineOf(this.#mask);
    if (!complete) this.tooFine();
    this.#outline = complete ? pathOf(lines) : undefined;
    this.#all = true;
    this.#later();
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    clearInterval(this.#march);
    this.#picture.close();
  }

  #later(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const soiled = this.#soiled;
    // While something is painted, the outline of before would be wrong: it is tinted until it settles.
    if (soiled && this.#view === "outline" && this.#outline) {
      this.#outline = undefined;
      this.#all = true;
    }
    this.#colourSoiled();
    if (this.#all) {
      this.#drawPicture();
      this.#drawMask(wholeOf(this.#mask));
    } else if (this.#outline) this.#drawMask(wholeOf(this.#mask));
    else if (soiled) this.#drawMask(soiled);
    this.#all = false;
  }

  #colourSoiled(): void {
    if (this.#soiled) this.#colour(this.#soiled);
    this.#soiled = undefined;
  }

  /** Puts a part of the mask as colours on the sheet that is laid over the picture. */
  #colour(rect: Rect): void {
    const image = this.#sheet.createImageData(rect.width, rect.height);
    const pixels = new Uint32Array(image.data.buffer);
    const { width, data } = this.#mask;
    const plain = this.#view === "plain";
    let at = 0;
    for (let y = rect.y; y < rect.y + rect.height; y++) {
      for (let index = y * width + rect.x; index < y * width + rect.x + rect.width; index++, at++) {
        const value = data[index] ?? 0;
        pixels[at] = plain ? 0xff000000 + value * 0x010101 : Math.round(value * TINT_PART) * 0x1000000 + this.#tint;
      }
    }
    this.#sheet.putImageData(image, rect.x, rect.y);
  }

  #drawPicture(): void {
    const context = this.#under;
    const { scale, x, y } = this.#look;
    context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    context.clearRect(0, 0, this.#room.width, this.#room.height);
    smooth(context, scale * this.#ratio);
    context.drawImage(this.#picture, x, y, this.#picture.width * scale, this.#picture.height * scale);
  }

  #drawMask(rect: Rect): void {
    const context = this.#over;
    const { scale, x, y } = this.#look;
    const at = screenRect(this.#look, rect);
    const seen = inside(this.#room, at.x, at.y, at.x + at.width, at.y + at.height);
    if (!seen) return;
    context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    context.save();
    context.beginPath();
    context.rect(seen.x, seen.y, seen.width, seen.height);
    context.clip();
    context.clearRect(seen.x, seen.y, seen.width, seen.height);
    if (this.#outline) this.#drawOutline(context, this.#outline);
    else {
      // A little more than is seen, so that smoothing at its edges finds what is beside it.
      const more = 2 + Math.ceil(1 / scale);
      const part = inside(this.#mask, (seen.x - x) / scale - more, (seen.y - y) / scale - more, (seen.x + seen.width - x) / scale + more, (seen.y + seen.height - y) / scale + more);
      smooth(context, scale * this.#ratio);
      if (part) context.drawImage(this.#sheet.canvas, part.x, part.y, part.width, part.height, part.x * scale + x, part.y * scale + y, part.width * scale, part.height * scale);
    }
    context.restore();
  }

  /** White dashes on black are seen on any picture. */
  #drawOutline(context: CanvasRenderingContext2D, path: Path2D): void {
    const { scale, x, y } = this.#look;
    context.translate(x, y);
    context.scale(scale, scale);
    context.lineWidth = 1.5 / scale;
    context.strokeStyle = "#000000";
    context.stroke(path);
    context.setLineDash([DASH / scale, DASH / scale]);
    context.lineDashOffset = -this.#offset / scale;
    context.strokeStyle = "#ffffff";
    context.stroke(path);
  }
}

/** "#rrggbb" as the lower bytes of a pixel: blue, green, red. */
function asBytesLie(colour: string): number {
  const value = Number.parseInt(colour.slice(1), 16);
  return ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16);
}

function smooth(context: CanvasRenderingContext2D, scale: number): void {
  context.imageSmoothingEnabled = scale < 2;
  context.imageSmoothingQuality = "medium";
}

function pathOf(lines: readonly (readonly number[])[]): Path2D {
  const path = new Path2D();
  for (const line of lines) {
    path.moveTo(line[0] ?? 0, line[1] ?? 0);
    for (let at = 2; at < line.length; at += 2) path.lineTo(line[at] ?? 0, line[at + 1] ?? 0);
    path.closePath();
  }
  return path;
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D;
function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D;
function contextOf(canvas: HTMLCanvasElement | OffscreenCanvas): CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext("2d") as CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
  if (!context) throw new Error("no 2d context");
  return context;
}
