/** Run states and problems on far nodes: always a shape as well as a colour, and inside the box, so that one box can be drawn again alone. */

import type { NodeRun } from "../../core/types";
import type { Rect } from "../rect";
import type { Brush } from "./brush";

const MARK = 7;

/** Draws what a run and the check say of a node into its box. */
export function paintRun(brush: Brush, run: NodeRun, box: Rect, problem: "error" | "warning" | undefined): void {
  const { theme } = brush;
  if (run.state === "running") {
    frame(brush, box, theme.run, []);
    progress(brush, run, box);
  } else if (run.state === "queued") frame(brush, box, theme.run, [2, 4]);
  else if (run.state === "error" || problem === "error") frame(brush, box, theme.error, []);
  if (run.state === "error" || problem === "error") exclamation(brush, box, theme.error);
  else if (run.state === "done") check(brush, box, theme.ok);
  else if (run.state === "cached") again(brush, box, theme.cached);
  else if (run.state === "blocked") bar(brush, box, theme.muted);
  else if (problem === "warning") exclamation(brush, box, theme.run);
}

/** A stroke that lies inside the box. */
function frame({ ctx, zoom }: Brush, box: Rect, colour: string, dash: readonly number[]): void {
  const width = Math.max(2, 1.6 / zoom);
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.setLineDash(dash.map((length) => length / Math.min(1, zoom)));
  ctx.beginPath();
  ctx.roundRect(box.x + width / 2, box.y + width / 2, box.width - width, box.height - width, 7);
  ctx.stroke();
  ctx.setLineDash([]);
}

function progress({ ctx, theme, zoom }: Brush, run: NodeRun, box: Rect): void {
  if (run.value === undefined || run.max === undefined || run.max <= 0) return;
  const height = Math.min(Math.max(4, 3 / zoom), box.height / 4);
  const inset = Math.max(2, 1.6 / zoom) + 2;
  const room = box.width - 2 * inset;
  ctx.globalAlpha = 0.25;
  ctx.fillStyle = theme.run;
  ctx.fillRect(box.x + inset, box.y + box.height - inset - height, room, height);
  ctx.globalAlpha = 1;
  ctx.fillRect(box.x + inset, box.y + box.height - inset - height, room * Math.min(1, run.value / run.max), height);
}

/** The middle of the mark: the run mark of the real node, at the left of the header; larger when far. */
function place({ zoom }: Brush, box: Rect): { x: number; y: number; r: number } {
  const r = Math.min(MARK / 1.4 / Math.min(1, zoom * 1.5), box.height / 4, box.width / 8);
  return { x: box.x + r + 9, y: box.y + Math.max(14, r + 5), r };
}

function check(brush: Brush, box: Rect, colour: string): void {
  const { ctx } = brush;
  const { x, y, r } = place(brush, box);
  pen(ctx, colour, r);
  ctx.beginPath();
  ctx.moveTo(x - r * 0.8, y);
  ctx.lineTo(x - r * 0.2, y + r * 0.6);
  ctx.lineTo(x + r * 0.8, y - r * 0.6);
  ctx.stroke();
}

function again(brush: Brush, box: Rect, colour: string): void {
  const { ctx } = brush;
  const { x, y, r } = place(brush, box);
  pen(ctx, colour, r);
  ctx.beginPath();
  ctx.arc(x, y, r * 0.75, -0.4 * Math.PI, 1.35 * Math.PI);
  ctx.stroke();
}

function bar(brush: Brush, box: Rect, colour: string): void {
  const { ctx } = brush;
  const { x, y, r } = place(brush, box);
  pen(ctx, colour, r);
  ctx.beginPath();
  ctx.moveTo(x - r * 0.7, y);
  ctx.lineTo(x + r * 0.7, y);
  ctx.stroke();
}

function exclamation(brush: Brush, box: Rect, colour: string): void {
  const { ctx } = brush;
  const { x, y, r } = place(brush, box);
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.arc(x, y, r, 0, Math.PI * 2);
  ctx.fill();
  ctx.fillStyle = brush.theme.canvas;
  ctx.fillRect(x - r * 0.14, y - r * 0.6, r * 0.28, r * 0.7);
  ctx.fillRect(x - r * 0.14, y + r * 0.3, r * 0.28, r * 0.28);
}

function pen(ctx: CanvasRenderingContext2D, colour: string, r: number): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = r * 0.35;
}
