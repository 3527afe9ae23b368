/** The elements of the canvas: three layers in the host, and the words at the pointer. */

import type { Point } from "../core/types";

const LAYER = "position:absolute;left:0;top:0;pointer-events:none";

export class Chrome {
  readonly scene = document.createElement("canvas");
  readonly nodes = document.createElement("div");
  readonly overlay = document.createElement("canvas");
  readonly #hint = document.createElement("div");

  constructor(
    readonly host: HTMLElement,
    name: string,
  ) {
    Object.assign(host.style, { overflow: "hidden", touchAction: "none", userSelect: "none", background: "var(--canvas)", contain: "strict" });
    if (getComputedStyle(host).position === "static") host.style.position = "relative";
    host.setAttribute("role", "application");
    host.setAttribute("aria-label", name);
    host.tabIndex = 0;
    this.scene.style.cssText = `${LAYER};transform-origin:0 0;will-change:transform`;
    this.nodes.style.cssText = "position:absolute;left:0;top:0;width:0;height:0;transform-origin:0 0";
    this.overlay.style.cssText = `${LAYER};width:100%;height:100%`;
    this.#hint.style.cssText = `${LAYER};display:none;max-width:280px;padding:4px 9px;border-radius:6px;background:var(--raised);border:1px solid var(--line);color:var(--text);font-size:12px;line-height:16px;box-shadow:var(--shadow-soft)`;
    this.#hint.setAttribute("role", "status");
    for (const canvas of [this.scene, this.overlay]) canvas.setAttribute("aria-hidden", "true");
    host.append(this.scene, this.nodes, this.overlay, this.#hint);
  }

  /** Sets the words at the pointer, or takes them away. */
  hint(text: string | undefined, screen: Point | undefined): void {
    if (text === undefined) {
      if (this.#hint.style.display !== "none") this.#hint.style.display = "none";
      return;
    }
    if (this.#hint.textContent !== text) this.#hint.textContent = text;
    if (screen !== undefined) this.#hint.style.transform = `translate(${screen[0] + 16}px, ${screen[1] + 18}px)`;
    this.#hint.style.display = "block";
  }

  dispose(): void {
    for (const element of [this.scene, this.nodes, this.overlay, this.#hint]) element.remove();
    // The browser keeps a canvas' memory until it is collected; an empty one costs nothing.
    this.scene.width = 0;
    this.overlay.width = 0;
  }
}
