/** What shows while a wire is loose: sockets that take it glow, nodes that have none step back. */

import type { Point } from "../../core/types";
import type { NodeShape } from "../model";
import type { Wire } from "../tools/wire";
import { grown } from "../rect";
import { inGraph, type Brush } from "./brush";

const GLOW = 9;

/** Draws rings at fitting sockets and a veil over nodes without any. */
export function paintWiring(brush: Brush, wire: Wire, meant: string | undefined): void {
  const { ctx, theme, model } = brush;
  inGraph(brush);
  for (const shape of model.nodesIn(grown(brush.rect, 16))) {
    const fitting = wire.fitting.get(shape.node.id);
    if (fitting === undefined && shape.node.id !== wire.anchor.node) veil(brush, shape);
    if (fitting === undefined) continue;
    for (const socket of fitting) {
      const point = shape.layout.inputs.get(socket.id) ?? shape.layout.outputs.get(socket.id);
      // Settings take wires too, but lighting all their dots would drown the sockets that are meant.
      if (point === undefined || (socket.widget !== undefined && shape.node.id !== meant && wire.anchor.socket.type === "*")) continue;
      const type = socket.type === "*" ? wire.anchor.socket.type : socket.type;
      ring(ctx, theme.socket(type), shape.rect.x + point[0], shape.rect.y + point[1]);
    }
  }
  ctx.globalAlpha = 1;
}

function veil({ ctx, theme }: Brush, { rect }: NodeShape): void {
  ctx.globalAlpha = 0.55;
  ctx.fillStyle = theme.canvas;
  ctx.beginPath();
  ctx.roundRect(rect.x - 5, rect.y - 1, rect.width + 10, rect.height + 2, 8);
  ctx.fill();
}

function ring(ctx: CanvasRenderingContext2D, colour: string, x: number, y: number): void {
  ctx.fillStyle = colour;
  ctx.globalAlpha = 0.28;
  ctx.beginPath();
  ctx.arc(x, y, GLOW, 0, Math.PI * 2);
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.beginPath();
  ctx.arc(x, y, 5.5, 0, Math.PI * 2);
  ctx.fill();
}

/** The end of a loose wire. */
export function paintDot({ ctx }: Brush, [x, y]: Point, colour: string): void {
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.arc(x, y, 4.5, 0, Math.PI * 2);
  ctx.fill();
}

/** A crossed ring at a socket that does not take the wire. */
export function paintRefusal({ ctx, theme }: Brush, [x, y]: Point): void {
  ctx.strokeStyle = theme.error;
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.arc(x, y, GLOW, 0, Math.PI * 2);
  ctx.moveTo(x - GLOW * 0.7, y + GLOW * 0.7);
  ctx.lineTo(x + GLOW * 0.7, y - GLOW * 0.7);
  ctx.stroke();
}
