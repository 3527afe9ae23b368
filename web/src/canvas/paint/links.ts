/** Links: one path and one stroke for each colour, width and strength, however many links there are. */

import type { Point } from "../../core/types";
import { draw, type LinkStyle } from "../curves";
import type { LinkShape } from "../model";
import { inGraph, type Brush } from "./brush";

export const REST_WIDTH = 2;
export const LIT_WIDTH = 3;
const REST_ALPHA = 0.6;
const BACK_ALPHA = 0.2;
/** Thinner than this on the screen, a link would vanish. */
const LEAST_PIXELS = 1;

export interface Batch {
  readonly colour: string;
  readonly width: number;
  readonly alpha: number;
  readonly links: LinkShape[];
}

/** Sorts links into what can be drawn with one stroke; weak ones come first, lit ones last. */
export function batches(links: Iterable<LinkShape>, colourOf: (type: string) => string, lit: ReadonlySet<string> | undefined): Batch[] {
  const found = new Map<string, Batch>();
  for (const shape of links) {
    const colour = colourOf(shape.type);
    const strong = lit?.has(shape.link.id) ?? false;
    const width = strong ? LIT_WIDTH : REST_WIDTH;
    const alpha = strong ? 1 : lit === undefined ? REST_ALPHA : BACK_ALPHA;
    const key = `${colour}/${alpha}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, { colour, width, alpha, links: [shape] });
    else known.links.push(shape);
  }
  return [...found.values()].sort((a, b) => a.alpha - b.alpha);
}

/** Draws all visible links and reroutes. */
export function paintLinks(brush: Brush): void {
  const { ctx, model, look, theme } = brush;
  if (look.linksShown === "none") return;
  const shown: LinkShape[] = [];
  for (const id of model.linkIndex.near(brush.rect)) {
    const shape = model.links.get(id);
    if (shape === undefined || look.hiddenLinks.has(id)) continue;
    if (look.linksShown === "all" || (look.litLinks?.has(id) ?? false)) shown.push(shape);
  }
  inGraph(brush);
  for (const batch of batches(shown, theme.socket, look.litLinks)) strokeBatch(brush, batch);
  ctx.globalAlpha = 1;
  paintReroutes(brush, shown);
}

function strokeBatch({ ctx, zoom, model }: Brush, batch: Batch): void {
  const path = new Path2D();
  for (const shape of batch.links) draw(path, shape.chain, model.linkStyle);
  ctx.strokeStyle = batch.colour;
  ctx.globalAlpha = batch.alpha;
  ctx.lineWidth = Math.max(batch.width, LEAST_PIXELS / zoom);
  ctx.stroke(path);
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
