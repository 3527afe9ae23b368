/** The layer above the nodes: what gestures draw, and the flow into running nodes. Blank, and not drawn, when there is nothing. */

import type { Camera, NodeId, Size } from "../core/types";
import { visible } from "./camera";
import { draw } from "./curves";
import type { GraphModel, NodeShape } from "./model";
import { inGraph, type Brush, type Look } from "./paint/brush";
import type { Theme } from "./theme";

/** Speed of the dashes on wires into running nodes, in graph units a second. */
const FLOW_SPEED = 48;
const FLOW_DASH = [6, 10];

export class Overlay {
  readonly #ctx: CanvasRenderingContext2D;
  #viewport: Size = [0, 0];
  #ratio = 1;
  #blank = true;

  constructor(
    readonly canvas: HTMLCanvasElement,
    readonly model: GraphModel,
    readonly look: Look,
    public theme: Theme,
  ) {
    const ctx = canvas.getContext("2d");
    if (ctx === null) throw new Error("This browser gives no 2D canvas.");
    this.#ctx = ctx;
  }

  resize(viewport: Size, ratio: number): void {
    this.#viewport = viewport;
    this.#ratio = Math.min(2, Math.max(1, ratio));
    this.canvas.width = Math.ceil(viewport[0] * this.#ratio);
    this.canvas.height = Math.ceil(viewport[1] * this.#ratio);
    this.#blank = true;
  }

  /** Draws what a gesture paints and the wires that flow; clears what was there. */
  show(camera: Camera, paint: ((brush: Brush) => void) | undefined, running: ReadonlySet<NodeId>, now: number): void {
    if (paint === undefined && running.size === 0 && this.#blank) return;
    const { look, model, theme } = this;
    const brush: Brush = { ctx: this.#ctx, look, model, theme, zoom: camera.zoom, ratio: this.#ratio, rect: visible(camera, this.#viewport) };
    this.#ctx.setTransform(1, 0, 0, 1, 0, 0);
    this.#ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.#blank = paint === undefined && running.size === 0;
    this.#flow(brush, running, now);
    paint?.(brush);
  }

  #flow(brush: Brush, running: ReadonlySet<NodeId>, now: number): void {
    if (running.size === 0 || this.model.linksShown === "none") return;
    const { ctx, theme, zoom } = brush;
    inGraph(brush);
    ctx.strokeStyle = theme.run;
    ctx.lineWidth = Math.max(2, 1.5 / zoom);
    ctx.lineCap = "round";
    ctx.setLineDash(FLOW_DASH);
    ctx.lineDashOffset = -((now / 1000) * FLOW_SPEED) % 1600;
    ctx.beginPath();
    const crossed = new Set<NodeShape>();
    for (const id of running) {
      for (const linkId of this.model.linksOf(id)) {
        const shape = this.model.links.get(linkId);
        if (shape === undefined || shape.link.to !== id || !this.model.shows(shape)) continue;
        draw(ctx, shape.chain, this.model.linkStyle);
        for (const each of this.model.nodesIn(shape.bounds)) crossed.add(each);
      }
    }
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.lineCap = "butt";
    // This layer lies over the nodes, wires pass behind them.
    for (const { rect } of crossed) ctx.clearRect(rect.x, rect.y, rect.width, rect.height);
  }
}
