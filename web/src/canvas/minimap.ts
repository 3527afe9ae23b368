/** The map in the corner: all nodes as specks, runs and errors as dots, and where we are. Off for small graphs. */

import type { Camera, Point, Size } from "../core/types";
import { t } from "../ui/texts";
import { centred, visible } from "./camera";
import type { GraphModel } from "./model";
import { grown, type Rect } from "./rect";
import type { Look } from "./paint/brush";
import type { Theme } from "./theme";

const LEAST_NODES = 30;
const SIZE: Size = [208, 136];
const REFRESH_MS = 250;

export class Minimap {
  readonly root = document.createElement("div");
  readonly #canvas = document.createElement("canvas");
  readonly #frame = document.createElement("div");
  readonly #ratio: number;
  #area: Rect = { x: 0, y: 0, width: 1, height: 1 };
  #scale = 1;
  #stale = true;
  #drawnAt = -Infinity;

  constructor(
    readonly model: GraphModel,
    readonly look: Look,
    public theme: Theme,
    readonly go: (camera: Camera) => void,
    readonly state: () => { camera: Camera; viewport: Size },
  ) {
    this.#ratio = Math.min(2, devicePixelRatio);
    this.#canvas.width = SIZE[0] * this.#ratio;
    this.#canvas.height = SIZE[1] * this.#ratio;
    this.root.style.cssText = `position:absolute;right:12px;bottom:12px;width:${SIZE[0]}px;height:${SIZE[1]}px;border-radius:8px;overflow:hidden;border:1px solid var(--line);background:var(--node);opacity:0.92;cursor:pointer;display:none;contain:strict;touch-action:none`;
    this.root.dataset["part"] = "minimap";
    this.root.setAttribute("role", "img");
    this.root.setAttribute("aria-label", t("canvas.minimap"));
    this.#canvas.style.cssText = `position:absolute;inset:0;width:${SIZE[0]}px;height:${SIZE[1]}px`;
    this.#frame.style.cssText = "position:absolute;left:0;top:0;width:100px;height:100px;transform-origin:0 0;background:var(--accent);opacity:0.16;pointer-events:none;will-change:transform";
    this.root.append(this.#canvas, this.#frame);
    this.root.addEventListener("pointerdown", (event) => this.#press(event));
    this.root.addEventListener("wheel", (event) => event.preventDefault(), { passive: false });
  }

  get shown(): boolean {
    return this.model.nodes.size >= LEAST_NODES;
  }

  /** The map no longer shows the graph as it is. */
  invalidate(): void {
    this.#stale = true;
  }

  /** Moves the frame; draws the map when it is stale, a few times a second. Tells in how many milliseconds it wants to be asked again. */
  show(camera: Camera, viewport: Size, now: number): number | undefined {
    if (this.#stale && now - this.#drawnAt >= REFRESH_MS) this.#draw(now);
    if (!this.shown) return this.#stale ? REFRESH_MS : undefined;
    const view = visible(camera, viewport);
    const [x, y] = [(view.x - this.#area.x) * this.#scale, (view.y - this.#area.y) * this.#scale];
    this.#frame.style.transform = `translate(${x}px, ${y}px) scale(${(view.width * this.#scale) / 100}, ${(view.height * this.#scale) / 100})`;
    return this.#stale ? REFRESH_MS : undefined;
  }

  #draw(now: number): void {
    this.#stale = false;
    this.#drawnAt = now;
    this.root.style.display = this.shown ? "block" : "none";
    const ctx = this.shown ? this.#canvas.getContext("2d") : null;
    if (ctx === null) return;
    this.#fit();
    const scale = this.#scale * this.#ratio;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    ctx.setTransform(scale, 0, 0, scale, -this.#area.x * scale, -this.#area.y * scale);
    for (const group of this.model.groups) {
      ctx.globalAlpha = 0.18;
      ctx.fillStyle = group.color ?? this.theme.muted;
      ctx.fillRect(group.pos[0], group.pos[1], group.size[0], group.size[1]);
    }
    ctx.globalAlpha = 0.75;
    ctx.fillStyle = this.theme.cached;
    for (const { rect } of this.model.nodes.values()) ctx.fillRect(rect.x, rect.y, rect.width, rect.height);
    ctx.globalAlpha = 1;
    this.#dots(ctx);
  }

  #dots(ctx: CanvasRenderingContext2D): void {
    const { editor } = this.model;
    for (const { node, rect } of this.model.nodes.values()) {
      const { state } = editor.shownRun(node.id);
      const colour = state === "error" || this.look.problem(node.id) === "error" ? this.theme.error : state === "running" ? this.theme.run : undefined;
      if (colour === undefined && !editor.selection.has(node.id)) continue;
      ctx.fillStyle = colour ?? this.theme.accent;
      if (colour === undefined) ctx.fillRect(rect.x, rect.y, rect.width, rect.height);
      else {
        ctx.beginPath();
        ctx.arc(rect.x + rect.width / 2, rect.y + rect.height / 2, 3.5 / this.#scale, 0, Math.PI * 2);
        ctx.fill();
      }
    }
  }

  #fit(): void {
    const bounds = grown(this.model.bounds ?? { x: 0, y: 0, width: 1, height: 1 }, 120);
    this.#scale = Math.min(SIZE[0] / bounds.width, SIZE[1] / bounds.height);
    const [width, height] = [SIZE[0] / this.#scale, SIZE[1] / this.#scale];
    this.#area = { x: bounds.x - (width - bounds.width) / 2, y: bounds.y - (height - bounds.height) / 2, width, height };
  }

  #press(event: PointerEvent): void {
    event.stopPropagation();
    event.preventDefault();
    const box = this.root.getBoundingClientRect();
    const goTo = ({ clientX, clientY }: PointerEvent): void => {
      const at: Point = [this.#area.x + (clientX - box.left) / this.#scale, this.#area.y + (clientY - box.top) / this.#scale];
      const { camera, viewport } = this.state();
      this.go(centred(at, camera.zoom, viewport));
    };
    this.root.setPointerCapture(event.pointerId);
    const end = (): void => {
      this.root.removeEventListener("pointermove", goTo);
      this.root.removeEventListener("pointerup", end);
      this.root.removeEventListener("pointercancel", end);
    };
    this.root.addEventListener("pointermove", goTo);
    this.root.addEventListener("pointerup", end);
    this.root.addEventListener("pointercancel", end);
    goTo(event);
  }
}
