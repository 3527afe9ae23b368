/** The dotted grid, fainter the farther away it is. */

import { inGraph, type Brush } from "./brush";

/** Distance of dots in graph units, and how strong they are when near. */
const LEVELS = [
  { step: 32, strength: 0.75 },
  { step: 128, strength: 1 },
] as const;
const DOT_PIXELS = 1.75;

/** How visible dots of this distance are: not at all below 12 screen pixels, fully from 32 on. */
export function gridStrength(step: number, zoom: number): number {
  return Math.min(1, Math.max(0, (step * zoom - 12) / 20));
}

/** Whether any dot would show. */
export function gridShows(zoom: number): boolean {
  return LEVELS.some(({ step }) => gridStrength(step, zoom) > 0);
}

/** Draws rows of dots as dashed lines: one stroke a level, however many dots. */
export function paintGrid(brush: Brush): void {
  const { ctx, zoom, rect, theme } = brush;
  inGraph(brush);
  ctx.strokeStyle = theme.line;
  for (const { step, strength } of LEVELS) {
    const alpha = gridStrength(step, zoom) * strength;
    if (alpha <= 0) continue;
    const dot = DOT_PIXELS / zoom;
    const left = Math.floor(rect.x / step) * step - dot / 2;
    ctx.globalAlpha = alpha;
    ctx.lineWidth = dot;
    ctx.setLineDash([dot, step - dot]);
    ctx.beginPath();
    for (let y = Math.floor(rect.y / step) * step; y <= rect.y + rect.height; y += step) {
      ctx.moveTo(left, y);
      ctx.lineTo(rect.x + rect.width, y);
    }
    ctx.stroke();
  }
  ctx.setLineDash([]);
  ctx.globalAlpha = 1;
}
