/** The scene bitmap: half again as large as the viewport, so that panning only moves it. */

import type { Camera, NodeId, Size } from "../core/types";
import { visible } from "./camera";
import type { GraphModel } from "./model";
import { inGraph, type Brush, type Look } from "./paint/brush";
import { gridShows, paintGrid } from "./paint/grid";
import { paintFarTitles, paintGroups } from "./paint/groups";
import { paintLinks } from "./paint/links";
import { paintNode, paintNodes } from "./paint/nodes";
import { paintTags } from "./paint/tags";
import { covers, grown, overlaps, shared, type Rect } from "./rect";
import type { Theme } from "./theme";

/** How much the bitmap reaches beyond the viewport on each side, as a share of the viewport: 1.5 in all. */
export const MARGIN = 0.25;
const MOST_RATIO = 2;
/** While the zoom changes, the bitmap is scaled and drawn again at most this often. */
const ZOOM_PAINT_MS = 1000 / 30;

/** Whether a bitmap of this part of the graph leaves something of the view blank. */
export function exposed(painted: Rect, view: Rect, content: Rect | undefined, everywhere: boolean): boolean {
  if (covers(painted, view)) return false;
  if (everywhere) return true;
  const needed = content && shared(content, view);
  return needed !== undefined && !covers(painted, needed);
}

export class Scene {
  readonly #ctx: CanvasRenderingContext2D;
  #viewport: Size = [0, 0];
  #ratio = 1;
  #painted: Camera | undefined;
  #dirty = true;
  #paintedAt = -Infinity;
  /** How often everything was drawn. */
  repaints = 0;
  /** How often one node was drawn alone. */
  patches = 0;

  constructor(
    readonly canvas: HTMLCanvasElement,
    readonly model: GraphModel,
    readonly look: Look,
    public theme: Theme,
  ) {
    const ctx = canvas.getContext("2d", { alpha: false });
    if (ctx === null) throw new Error("This browser gives no 2D canvas.");
    this.#ctx = ctx;
  }

  resize(viewport: Size, ratio: number): void {
    this.#viewport = viewport;
    this.#ratio = Math.min(MOST_RATIO, Math.max(1, ratio));
    const scale = (1 + 2 * MARGIN) * this.#ratio;
    this.canvas.width = Math.ceil(viewport[0] * scale);
    this.canvas.height = Math.ceil(viewport[1] * scale);
    this.canvas.style.width = `${this.canvas.width / this.#ratio}px`;
    this.canvas.style.height = `${this.canvas.height / this.#ratio}px`;
    this.invalidate();
  }

  /** Everything is to be drawn again at the next frame. */
  invalidate(): void {
    this.#dirty = true;
  }

  /** Shows this camera; draws only where moving the bitmap is not enough. True when another frame is needed later. */
  show(camera: Camera, now: number, zooming: boolean): boolean {
    const painted = this.#painted;
    let later = false;
    if (painted === undefined || this.#dirty) this.#paint(camera, now);
    else if (painted.zoom !== camera.zoom) {
      // The scaled bitmap stands in until the zoom has settled, or until a thirtieth of a second is over.
      if (!zooming || now - this.#paintedAt >= ZOOM_PAINT_MS) this.#paint(camera, now);
      else later = true;
    } else if (this.#exposes(painted, camera)) this.#paint(camera, now);
    this.#place(camera);
    return later;
  }

  #exposes(painted: Camera, camera: Camera): boolean {
    return exposed(visible(painted, this.#viewport, MARGIN), visible(camera, this.#viewport), this.model.bounds, gridShows(camera.zoom));
  }

  #place(camera: Camera): void {
    const painted = this.#painted;
    if (painted === undefined) return;
    const left = (painted.x - camera.x) * camera.zoom - (this.#viewport[0] * MARGIN * camera.zoom) / painted.zoom;
    const top = (painted.y - camera.y) * camera.zoom - (this.#viewport[1] * MARGIN * camera.zoom) / painted.zoom;
    const scale = camera.zoom / painted.zoom;
    this.canvas.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
  }

  #paint(camera: Camera, now: number): void {
    this.#dirty = false;
    this.#painted = camera;
    this.#paintedAt = now;
    this.repaints += 1;
    const brush = this.#brush(camera);
    this.#ctx.setTransform(1, 0, 0, 1, 0, 0);
    this.#ctx.fillStyle = this.theme.canvas;
    this.#ctx.fillRect(0, 0, this.canvas.width, this.canvas.height);
    paintGrid(brush);
    paintGroups(brush);
    paintLinks(brush);
    paintTags(brush);
    paintNodes(brush);
    paintFarTitles(brush);
  }

  /** Draws one node again, with what lies over it: its run has moved on. */
  patch(id: NodeId): void {
    const painted = this.#painted;
    const shape = this.model.nodes.get(id);
    if (painted === undefined || shape === undefined || this.#dirty || this.look.hiddenNodes.has(id)) return;
    const brush = this.#brush(painted);
    if (!overlaps(brush.rect, shape.rect)) return;
    this.patches += 1;
    const area = grown(shape.rect, 1 / painted.zoom);
    inGraph(brush);
    this.#ctx.save();
    this.#ctx.beginPath();
    this.#ctx.rect(area.x, area.y, area.width, area.height);
    this.#ctx.clip();
    const near = this.model.nodesIn(shape.rect);
    for (const each of near.slice(Math.max(0, near.indexOf(shape)))) paintNode(brush, each);
    this.#ctx.restore();
  }

  #brush(camera: Camera): Brush {
    const { look, model, theme } = this;
    return { ctx: this.#ctx, look, model, theme, zoom: camera.zoom, ratio: this.#ratio, rect: visible(camera, this.#viewport, MARGIN) };
  }
}
