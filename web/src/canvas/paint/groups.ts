/** Groups: a quiet tinted frame with its title. */

import type { Group } from "../../core/types";
import { grown, overlaps, rectAt } from "../rect";
import { inGraph, inScreenAt, type Brush } from "./brush";
import { clipped, widthOf } from "./text";

const RADIUS = 10;
/** The least size of a title on the screen; below it the title grows against the zoom. */
const LEAST_TITLE = 11;
const TITLE = 15;

/** Draws every visible group, larger ones first so that inner ones lie on top. */
export function paintGroups(brush: Brush): void {
  const shown = [...brush.model.groups].filter((group) => !brush.look.hiddenGroups.has(group.id) && overlaps(rectAt(group.pos, group.size), brush.rect));
  shown.sort((a, b) => b.size[0] * b.size[1] - a.size[0] * a.size[1]);
  for (const group of shown) paintGroup(brush, group);
}

/** Draws one group, moved by so much. */
export function paintGroup(brush: Brush, group: Group, dx = 0, dy = 0): void {
  const { ctx, theme, zoom } = brush;
  const colour = group.color ?? theme.muted;
  const [x, y] = [group.pos[0] + dx, group.pos[1] + dy];
  const [width, height] = group.size;
  inGraph(brush);
  ctx.beginPath();
  ctx.roundRect(x, y, width, height, RADIUS);
  ctx.fillStyle = colour;
  ctx.globalAlpha = theme.dark ? 0.09 : 0.08;
  ctx.fill();
  ctx.globalAlpha = 0.4;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1 / Math.min(1, zoom);
  ctx.stroke();
  ctx.globalAlpha = 1;
  if (!isFar(brush)) paintTitle(brush, group.title, colour, [x, y, width, height]);
}

/** Whether titles have no room of their own any more and stand on the upper edge, over the nodes. */
function isFar({ zoom }: Brush): boolean {
  return zoom < 0.45;
}

/** Draws the titles of far groups as labels on their upper edge: landmarks when everything else is small. */
export function paintFarTitles(brush: Brush): void {
  if (!isFar(brush)) return;
  for (const group of brush.model.groups) {
    if (brush.look.hiddenGroups.has(group.id) || !overlaps(grown(rectAt(group.pos, group.size), 20 / brush.zoom), brush.rect)) continue;
    paintLabel(brush, group);
  }
}

function paintLabel(brush: Brush, group: Group): void {
  const { ctx, theme, zoom } = brush;
  const room = group.size[0] * zoom - 28;
  if (room < 30 || group.title === "") return;
  inScreenAt(brush, group.pos[0], group.pos[1]);
  ctx.font = `600 11px ${theme.font}`;
  const text = clipped(group.title, room, (each) => widthOf(ctx, each));
  const width = widthOf(ctx, text) + 14;
  ctx.fillStyle = theme.canvas;
  ctx.beginPath();
  ctx.roundRect(8, -8, width, 16, 5);
  ctx.fill();
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ctx.fillStyle = theme.muted;
  ctx.fillText(text, 15, 0.5);
}

function paintTitle(brush: Brush, title: string, colour: string, [x, y, width, height]: [number, number, number, number]): void {
  const { ctx, theme, zoom } = brush;
  const size = Math.max(LEAST_TITLE, TITLE * Math.min(1.6, zoom));
  const room = width * zoom - 20;
  if (room < 24 || height * zoom < size * 1.8) return;
  inScreenAt(brush, x, y);
  ctx.font = `600 ${size}px ${theme.font}`;
  ctx.textBaseline = "alphabetic";
  ctx.textAlign = "left";
  ctx.fillStyle = colour;
  const text = clipped(title, room, (each) => widthOf(ctx, each));
  // A thin veil of the text colour keeps dark group colours readable on the dark desk.
  ctx.fillText(text, 10, size * 1.45);
  ctx.globalAlpha = 0.55;
  ctx.fillStyle = theme.text;
  ctx.fillText(text, 10, size * 1.45);
  ctx.globalAlpha = 1;
}
