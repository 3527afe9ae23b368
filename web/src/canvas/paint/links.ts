/** Links: one path and one stroke for each colour, width and strength, however many links there are. */

import { outputKey } from "../../core/batches";
import type { Point } from "../../core/types";
import { draw, type LinkStyle } from "../curves";
import { drawFading, FADES } from "../fading";
import type { LinkShape } from "../model";
import { inGraph, type Brush } from "./brush";

export const REST_WIDTH = 2;
export const LIT_WIDTH = 3;
const REST_ALPHA = 0.6;
const BACK_ALPHA = 0.2;
/** Thinner than this on the screen, a link would vanish. */
const LEAST_PIXELS = 1;
/** The two lines of a batch are each as wide as the gap between them. */
const DOUBLE = 2.4;
/** Farther away the two lines would run together. */
const DOUBLE_ZOOM = 0.4;

export interface Batch {
  readonly colour: string;
  readonly width: number;
  readonly alpha: number;
  /** Wires that carry several things, drawn as two lines. */
  readonly double: boolean;
  /** Long ones fade in the middle. */
  readonly fades: boolean;
  readonly links: LinkShape[];
}

/** Sorts links into what can be drawn with one stroke; weak ones come first, lit ones last. */
export function batches(
  links: Iterable<LinkShape>,
  colourOf: (type: string) => string,
  lit: ReadonlySet<string> | undefined,
  isDouble: (shape: LinkShape) => boolean = () => false,
): Batch[] {
  const found = new Map<string, Batch>();
  for (const shape of links) {
    const colour = colourOf(shape.type);
    const strong = lit?.has(shape.link.id) ?? false;
    const width = strong ? LIT_WIDTH : REST_WIDTH;
    const alpha = strong ? 1 : lit === undefined ? REST_ALPHA : BACK_ALPHA;
    const double = isDouble(shape);
    const key = `${colour}/${alpha}/${double}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, { colour, width, alpha, double, fades: alpha === REST_ALPHA, links: [shape] });
    else known.links.push(shape);
  }
  return [...found.values()].sort((a, b) => a.alpha - b.alpha);
}

/** Draws all visible links and reroutes. */
export function paintLinks(brush: Brush): void {
  const { model, look, theme, zoom } = brush;
  if (model.linksShown === "none") return;
  const shown: LinkShape[] = [];
  for (const id of model.linkIndex.near(brush.rect)) {
    const shape = model.links.get(id);
    if (shape === undefined || look.hiddenLinks.has(id)) continue;
    if (model.shows(shape) || (look.litLinks?.has(id) ?? false)) shown.push(shape);
  }
  const several = zoom < DOUBLE_ZOOM ? undefined : model.batched;
  inGraph(brush);
  for (const batch of batches(shown, theme.socket, look.litLinks, ({ link }) => several?.has(outputKey(link.from, link.fromSocket)) ?? false)) strokeBatch(brush, batch);
  brush.ctx.globalAlpha = 1;
  paintReroutes(brush, shown);
}

function strokeBatch(brush: Brush, batch: Batch): void {
  const { ctx, zoom, model, theme } = brush;
  const pens = FADES.map(() => new Path2D());
  const whole = pens[0] ?? new Path2D();
  for (const shape of batch.links) {
    if (batch.fades) drawFading(pens, shape.chain, model.linkStyle);
    else draw(whole, shape.chain, model.linkStyle);
  }
  ctx.strokeStyle = batch.colour;
  ctx.lineWidth = Math.max(batch.width, LEAST_PIXELS / zoom) * (batch.double ? DOUBLE : 1);
  for (const [index, pen] of pens.entries()) {
    ctx.globalAlpha = batch.alpha * (FADES[index]?.strength ?? 1);
    ctx.stroke(pen);
  }
  if (!batch.double) return;
  ctx.globalAlpha = 1;
  ctx.strokeStyle = theme.canvas;
  ctx.lineWidth *= 0.36;
  for (const pen of pens) ctx.stroke(pen);
}

function paintReroutes({ ctx, zoom, theme, look }: Brush, shown: readonly LinkShape[]): void {
  if (zoom < 0.2) return;
  for (const shape of shown) {
    if (shape.chain.length <= 2) continue;
    const back = look.litLinks !== undefined && !look.litLinks.has(shape.link.id);
    ctx.fillStyle = theme.socket(shape.type);
    ctx.globalAlpha = back ? 0.35 : 1;
    ctx.beginPath();
    for (const point of shape.chain.slice(1, -1)) dot(ctx, point, 5);
    ctx.fill();
  }
  ctx.globalAlpha = 1;
}

function dot(ctx: CanvasRenderingContext2D, [x, y]: Point, radius: number): void {
  ctx.moveTo(x + radius, y);
  ctx.arc(x, y, radius, 0, Math.PI * 2);
}

/** Draws one wire, for gestures. */
export function paintWire(brush: Brush, chain: readonly Point[], colour: string, width = REST_WIDTH, style: LinkStyle = "curve"): void {
  const { ctx, zoom } = brush;
  inGraph(brush);
  ctx.strokeStyle = colour;
  ctx.lineWidth = Math.max(width, LEAST_PIXELS / zoom);
  ctx.lineCap = "round";
  ctx.beginPath();
  draw(ctx, chain, style);
  ctx.stroke();
  ctx.lineCap = "butt";
}
