/** Nodes as boxes: what is seen of a node that is too far, or not yet mounted, to be real. */

import { HEADER } from "../../core/geometry";
import type { NodeDef } from "../../core/types";
import { titleOf, type NodeShape } from "../model";
import { grown } from "../rect";
import { inGraph, inScreenAt, type Brush } from "./brush";
import { paintPassages } from "./passages";
import { paintRun } from "./runs";
import { clipped, widthOf, wrapped } from "./text";

const RADIUS = 8;
/** From here on a box has its header, its sockets and its title where the real node has them. */
const DETAIL_ZOOM = 0.5;
/** From here on the settings show as blank fields. */
const ROWS_ZOOM = 0.3;
const LABEL_PIXELS = 11;
const LABEL_LINE = 14;
/** Narrower titles would be mostly ellipsis. */
const LEAST_ROOM = 48;
const SOCKET_RADIUS = 4.5;

/** Draws every visible node, lowest first. */
export function paintNodes(brush: Brush): void {
  for (const shape of brush.model.nodesIn(grown(brush.rect, 4))) {
    if (!brush.look.hiddenNodes.has(shape.node.id)) paintNode(brush, shape);
  }
}

/** Draws one node, moved by so much. */
export function paintNode(brush: Brush, shape: NodeShape, dx = 0, dy = 0): void {
  const { model, zoom } = brush;
  const { node, rect, def } = shape;
  const box = { x: rect.x + dx, y: rect.y + dy, width: rect.width, height: rect.height };
  inGraph(brush);
  paintBody(brush, shape, def, box);
  if (zoom >= ROWS_ZOOM) paintRows(brush, shape, box);
  if (zoom >= DETAIL_ZOOM) paintSockets(brush, shape, box);
  paintThumbnail(brush, shape, box);
  if (node.mode === 4) {
    fade(brush, box);
    paintPassages(brush, shape, box);
  }
  const run = model.editor.shownRun(node.id);
  paintTitle(brush, shape, box, run.state === "cached");
  inGraph(brush);
  paintRun(brush, run, box, brush.look.problem(node.id));
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function outline({ ctx, zoom }: Brush, box: Box): void {
  ctx.beginPath();
  // Round corners of less than two pixels cost more than they show.
  if (zoom * RADIUS < 2) ctx.rect(box.x, box.y, box.width, box.height);
  else ctx.roundRect(box.x, box.y, box.width, box.height, RADIUS);
}

function paintBody(brush: Brush, { node }: NodeShape, def: NodeDef | undefined, box: Box): void {
  const { ctx, theme, zoom, model } = brush;
  const hair = 1 / Math.min(1, zoom);
  const selected = model.editor.selection.has(node.id);
  outline(brush, box);
  ctx.fillStyle = theme.node;
  ctx.fill();
  if (node.bgcolor !== undefined) {
    ctx.globalAlpha = theme.dark ? 0.45 : 0.16;
    ctx.fillStyle = node.bgcolor;
    ctx.fill();
    ctx.globalAlpha = 1;
  }
  const far = farness(zoom);
  if (far > 0) {
    // From afar a node is its kind's colour more than its surface.
    ctx.globalAlpha = far;
    ctx.fillStyle = node.color ?? theme.category(def?.category ?? "");
    ctx.fill();
    ctx.globalAlpha = 1;
  }
  if (def === undefined) hatch(brush, box);
  if (zoom > 0.1) {
    const tint = 2.5 / Math.min(1, zoom);
    ctx.save();
    ctx.clip();
    ctx.fillStyle = node.color ?? theme.category(def?.category ?? "");
    ctx.globalAlpha = 0.9;
    ctx.fillRect(box.x, box.y, box.width, tint);
    ctx.restore();
    outline(brush, box);
  }
  ctx.strokeStyle = selected ? theme.accent : theme.line;
  ctx.lineWidth = selected ? Math.max(1.5, 2 * hair) : hair;
  if (node.mode === 2) ctx.setLineDash([5 * hair, 4 * hair]);
  ctx.stroke();
  ctx.setLineDash([]);
}

/** Half of a bypassed node is left: it is there, but does nothing. */
function fade(brush: Brush, box: Box): void {
  const { ctx, theme } = brush;
  outline(brush, box);
  ctx.fillStyle = theme.canvas;
  ctx.globalAlpha = 0.5;
  ctx.fill();
  ctx.globalAlpha = 1;
}

/** How strongly the colour of its kind fills a box: not at all when near. */
function farness(zoom: number): number {
  return Math.min(0.34, Math.max(0, (0.3 - zoom) * 1.7));
}

function hatch({ ctx, theme, zoom }: Brush, box: Box): void {
  ctx.save();
  ctx.clip();
  ctx.strokeStyle = theme.error;
  ctx.globalAlpha = 0.25;
  ctx.lineWidth = 1.5 / Math.min(1, zoom);
  const step = 14 / Math.min(1, zoom);
  ctx.beginPath();
  for (let x = box.x - box.height; x < box.x + box.width; x += step) {
    ctx.moveTo(x, box.y + box.height);
    ctx.lineTo(x + box.height, box.y);
  }
  ctx.stroke();
  ctx.restore();
}

function paintSockets({ ctx, theme }: Brush, { inputs, outputs, layout }: NodeShape, box: Box): void {
  for (const [points, sockets] of [[layout.inputs, inputs], [layout.outputs, outputs]] as const) {
    for (const socket of sockets) {
      const point = points.get(socket.id);
      if (point === undefined || socket.widget !== undefined) continue;
      ctx.beginPath();
      ctx.arc(box.x + point[0], box.y + point[1], SOCKET_RADIUS, 0, Math.PI * 2);
      ctx.fillStyle = socket.optional ? theme.node : theme.socket(socket.type);
      ctx.fill();
      if (!socket.optional) continue;
      ctx.strokeStyle = theme.socket(socket.type);
      ctx.lineWidth = 1.5;
      ctx.stroke();
    }
  }
}

function paintRows({ ctx, theme }: Brush, { layout }: NodeShape, box: Box): void {
  ctx.beginPath();
  for (const { kind, y, height } of layout.rows) if (kind === "widget") ctx.rect(box.x + 12, box.y + y + 3, box.width - 24, height - 6);
  ctx.fillStyle = theme.canvas;
  ctx.globalAlpha = 0.6;
  ctx.fill();
  ctx.globalAlpha = 1;
}

function paintThumbnail(brush: Brush, { node, layout }: NodeShape, box: Box): void {
  const picture = brush.look.thumbnail(node.id);
  if (picture === undefined || node.collapsed) return;
  const row = layout.rows.find((each) => each.kind === "preview");
  const top = row?.y ?? HEADER;
  const room = { width: box.width - 8, height: (row?.height ?? box.height - HEADER) - 4 };
  const scale = Math.min(room.width / picture.width, room.height / picture.height);
  if (scale <= 0) return;
  const [width, height] = [picture.width * scale, picture.height * scale];
  brush.ctx.drawImage(picture, box.x + (box.width - width) / 2, box.y + top + (room.height - height) / 2, width, height);
}

function paintTitle(brush: Brush, shape: NodeShape, box: Box, quiet: boolean): void {
  const { node } = shape;
  const { ctx, theme, zoom } = brush;
  const title = titleOf(shape);
  const [width, height] = [box.width * zoom, box.height * zoom];
  const room = width - 12;
  if (room < LEAST_ROOM || height < LABEL_LINE) return;
  const size = Math.max(LABEL_PIXELS, 12 * zoom);
  ctx.font = `600 ${size}px ${theme.font}`;
  ctx.textBaseline = "middle";
  ctx.fillStyle = quiet ? theme.cached : node.mode === 0 ? theme.text : theme.muted;
  const measure = (text: string): number => widthOf(ctx, text);
  inScreenAt(brush, box.x, box.y);
  if (zoom >= DETAIL_ZOOM) {
    ctx.textAlign = "left";
    ctx.fillText(clipped(title, width - 38 * zoom, measure), 28 * zoom, Math.max((HEADER / 2 + 1) * zoom, size * 0.62 + 3));
    return;
  }
  const lines = wrapped(title, room, Math.min(3, Math.floor(height / LABEL_LINE)), measure);
  ctx.textAlign = "center";
  // Fields behind the words would make them hard to read.
  if (zoom >= ROWS_ZOOM) plate(brush, lines, width, height, measure);
  const top = height / 2 - ((lines.length - 1) * LABEL_LINE) / 2;
  for (const [index, line] of lines.entries()) ctx.fillText(line, width / 2, top + index * LABEL_LINE);
}

function plate({ ctx, theme }: Brush, lines: readonly string[], width: number, height: number, measure: (text: string) => number): void {
  const [w, h] = [Math.max(...lines.map(measure), 0) + 14, lines.length * LABEL_LINE + 6];
  const ink = ctx.fillStyle;
  ctx.fillStyle = theme.node;
  ctx.globalAlpha = 0.86;
  ctx.beginPath();
  ctx.roundRect((width - w) / 2, (height - h) / 2 - 1, w, h, 5);
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.fillStyle = ink;
}
