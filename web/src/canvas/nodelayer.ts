/** The layer of real nodes: one transform for all, one element and one component for each. */

import type { Camera, NodeId, Size } from "../core/types";
import { READABLE_ZOOM, visible } from "./camera";
import { titleOf, type GraphModel, type NodeShape } from "./model";
import { MountPolicy } from "./mounting";
import { middle } from "./rect";

/** Room around a node for what sticks out: socket dots, rings, the shadow of a lifted node. */
export const HALO = 16;
/** Nodes this share of the viewport outside are mounted ahead of being seen. */
const AHEAD = 0.15;
const SAMPLE_MS = 100;

export type MountNode = (id: NodeId, element: HTMLElement) => () => void;

interface Mounted {
  readonly outer: HTMLElement;
  readonly inner: HTMLElement;
  readonly unmount: () => void;
  shape: NodeShape;
}

export class NodeLayer {
  readonly policy = new MountPolicy();
  readonly #elements = new Map<NodeId, Mounted>();
  #sampledAt = -Infinity;
  #sampled: Camera | undefined;
  #near: readonly NodeId[] = [];
  #forced: NodeId | undefined;
  #current: NodeId | undefined;
  #transform = "";
  #settled = true;
  /** Nodes that a gesture holds. */
  held: ReadonlySet<NodeId> = new Set();
  mounts = 0;

  constructor(
    readonly root: HTMLElement,
    readonly model: GraphModel,
    readonly mountNode: MountNode,
  ) {}

  /** Moves the layer; no node is touched. `moving` keeps the browser from drawing text again at every zoom. */
  place(camera: Camera, moving: boolean): void {
    const transform = `translate(${Math.round(-camera.x * camera.zoom)}px, ${Math.round(-camera.y * camera.zoom)}px) scale(${camera.zoom})`;
    if (transform !== this.#transform) {
      this.#transform = transform;
      this.root.style.transform = transform;
    }
    if (moving === this.#settled) {
      this.#settled = !moving;
      this.root.style.willChange = moving ? "transform" : "auto";
    }
  }

  /** A frame's worth of mounting; membership is looked at ten times a second. Tells in how many milliseconds there is more to do. */
  update(camera: Camera, viewport: Size, now: number): number | undefined {
    const due = this.#sampledAt + SAMPLE_MS - now;
    if (due <= 0) {
      this.#sampledAt = now;
      this.#sampled = camera;
      this.#near = camera.zoom >= READABLE_ZOOM ? this.#nearest(camera, viewport) : [];
    }
    const focused = this.#focused();
    const { selection } = this.model.editor;
    const step = this.policy.step(
      {
        near: this.#near,
        kept: (id) => selection.has(id) || this.held.has(id) || id === focused,
        forced: this.#forced,
        alive: (id) => this.model.nodes.has(id),
      },
      now,
    );
    for (const id of step.unmount) this.#remove(id);
    for (const id of step.mount) this.#add(id);
    return step.again ?? (this.#sampled === camera ? undefined : Math.max(0, due));
  }

  /** Look at membership at the next frame: the graph or the camera has jumped. */
  resample(): void {
    this.#sampledAt = -Infinity;
  }

  #nearest(camera: Camera, viewport: Size): NodeId[] {
    const view = visible(camera, viewport);
    const [cx, cy] = middle(view);
    const away = (shape: NodeShape): number => {
      const [x, y] = middle(shape.rect);
      return Math.hypot((x - cx) / view.width, (y - cy) / view.height);
    };
    const near = this.model.nodesIn(visible(camera, viewport, AHEAD)).map((shape) => ({ id: shape.node.id, away: away(shape) }));
    return near.sort((a, b) => a.away - b.away).map(({ id }) => id);
  }

  #focused(): NodeId | undefined {
    const active = document.activeElement;
    if (active === null || !this.root.contains(active)) return undefined;
    return active.closest<HTMLElement>("[data-node]")?.dataset["node"];
  }

  #add(id: NodeId): void {
    const shape = this.model.nodes.get(id);
    if (shape === undefined) return;
    const outer = document.createElement("div");
    const inner = document.createElement("div");
    outer.style.cssText = "position:absolute;left:0;top:0;contain:layout paint style;pointer-events:none";
    inner.style.cssText = `position:absolute;left:${HALO}px;top:${HALO}px;pointer-events:auto`;
    inner.dataset["node"] = id;
    inner.setAttribute("role", "group");
    inner.tabIndex = id === this.#current ? 0 : -1;
    outer.addEventListener("keydown", (event) => {
      // Out of a setting, back to the node that it is of; settings that take Escape themselves let nothing through.
      if (event.key !== "Escape" || event.target === inner || event.defaultPrevented) return;
      event.preventDefault();
      event.stopPropagation();
      inner.focus({ preventScroll: true });
    });
    outer.append(inner);
    const mounted: Mounted = { outer, inner, shape, unmount: this.mountNode(id, inner) };
    this.#elements.set(id, mounted);
    this.mounts += 1;
    this.#fit(mounted);
    this.root.append(outer);
  }

  #fit({ outer, inner, shape }: Mounted): void {
    const { rect, node } = shape;
    outer.style.width = `${rect.width + 2 * HALO}px`;
    outer.style.height = `${rect.height + 2 * HALO}px`;
    outer.style.transform = `translate(${rect.x - HALO}px, ${rect.y - HALO}px)`;
    inner.style.width = `${rect.width}px`;
    inner.style.height = `${rect.height}px`;
    inner.setAttribute("aria-label", titleOf(shape));
    this.#raise(outer, shape, this.model.editor.selection.has(node.id));
  }

  #raise(outer: HTMLElement, shape: NodeShape, up: boolean): void {
    outer.style.zIndex = String(shape.rank + (up ? this.model.nodes.size : 0));
  }

  #remove(id: NodeId): void {
    const mounted = this.#elements.get(id);
    if (mounted === undefined) return;
    this.#elements.delete(id);
    mounted.unmount();
    mounted.outer.remove();
  }

  /** Follows an edit of these nodes: places, sizes, names. */
  refresh(ids: Iterable<NodeId>): void {
    for (const id of ids) {
      const mounted = this.#elements.get(id);
      const shape = this.model.nodes.get(id);
      if (mounted === undefined || shape === undefined) continue;
      mounted.shape = shape;
      this.#fit(mounted);
    }
    this.resample();
  }

  /** Follows an edit that changes nothing of these nodes' places and sizes. */
  follow(ids: Iterable<NodeId>): void {
    for (const id of ids) {
      const mounted = this.#elements.get(id);
      const shape = this.model.nodes.get(id);
      if (mounted !== undefined && shape !== undefined) mounted.shape = shape;
    }
  }

  /** Selected nodes lie over the others. */
  restack(): void {
    const { selection } = this.model.editor;
    for (const [id, { outer, shape }] of this.#elements) this.#raise(outer, shape, selection.has(id));
  }

  /** Shows nodes moved by so much, without a word to the document or to a component. */
  shift(ids: Iterable<NodeId>, dx: number, dy: number): void {
    for (const id of ids) {
      const mounted = this.#elements.get(id);
      if (mounted === undefined) continue;
      const { rect } = mounted.shape;
      mounted.outer.style.transform = `translate(${rect.x - HALO + dx}px, ${rect.y - HALO + dy}px)`;
    }
  }

  /** Shows a node at another size. */
  stretch(id: NodeId, width: number, height: number): void {
    const mounted = this.#elements.get(id);
    if (mounted === undefined) return;
    mounted.outer.style.width = `${width + 2 * HALO}px`;
    mounted.outer.style.height = `${height + 2 * HALO}px`;
    mounted.inner.style.width = `${width}px`;
    mounted.inner.style.height = `${height}px`;
  }

  /** Mounts a node wherever it is, and makes it the one that Tab reaches. */
  force(id: NodeId): void {
    this.#forced = id;
    const before = this.#current === undefined ? undefined : this.#elements.get(this.#current);
    if (before !== undefined) before.inner.tabIndex = -1;
    this.#current = id;
    const mounted = this.#elements.get(id);
    if (mounted !== undefined) mounted.inner.tabIndex = 0;
  }

  element(id: NodeId): HTMLElement | undefined {
    return this.#elements.get(id)?.inner;
  }

  isMounted(id: NodeId): boolean {
    return this.#elements.has(id);
  }

  /** The node that the keyboard was on last. */
  get current(): NodeId | undefined {
    return this.#current;
  }

  clear(): void {
    for (const id of this.policy.clear()) this.#remove(id);
    this.#near = [];
    this.#forced = undefined;
    this.#current = undefined;
    this.resample();
  }
}
