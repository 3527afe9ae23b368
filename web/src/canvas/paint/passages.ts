/** Bypassed nodes: wires go straight through. */

import type { Point } from "../../core/types";
import { passes } from "../../core/flow";
import type { GraphModel, NodeShape } from "../model";
import type { Rect } from "../rect";
import type { Brush } from "./brush";
import { REST_WIDTH } from "./links";

/** A wire's way through a bypassed node, relative to its corner. */
export interface Passage {
  readonly from: Point;
  readonly to: Point;
  readonly type: string;
}

/** The ways through a node: from each wired output to the input that it gets its value from. */
export function passagesOf(model: GraphModel, { node, outputs, layout }: NodeShape): Passage[] {
  if (node.mode !== 4) return [];
  const { document, definitions } = model.editor;
  return outputs.flatMap((output) => {
    const input = model.linksAt(node.id, output.id).length > 0 ? passes(model.graph, node, output, document.state, definitions) : undefined;
    const [from, to] = [input && layout.inputs.get(input.id), layout.outputs.get(output.id)];
    return from && to ? [{ from, to, type: output.type }] : [];
  });
}

/** Draws the ways through a node's box. */
export function paintPassages({ ctx, model, theme, zoom }: Brush, shape: NodeShape, box: Rect): void {
  for (const { from, to, type } of passagesOf(model, shape)) {
    ctx.strokeStyle = theme.socket(type);
    ctx.lineWidth = Math.max(REST_WIDTH, 1 / zoom);
    ctx.beginPath();
    ctx.moveTo(box.x + from[0], box.y + from[1]);
    ctx.lineTo(box.x + to[0], box.y + to[1]);
    ctx.stroke();
  }
}
