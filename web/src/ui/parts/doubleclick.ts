/** Double clicks on parts of nodes. The canvas captures the pointer, so they arrive at its root and are passed on from there. */

const EVENT = "darkroom-open";
const MARK = "data-opens";

/** Calls `open` when the element is double-clicked. */
export function opens(element: HTMLElement, open: () => void): { destroy(): void } {
  element.setAttribute(MARK, "");
  element.addEventListener(EVENT, open);
  return { destroy: () => element.removeEventListener(EVENT, open) };
}

/** Passes a double click on to the part of a node under the pointer. */
export function passOn(event: MouseEvent): void {
  for (const element of document.elementsFromPoint(event.clientX, event.clientY)) {
    const part = element.closest(`[${MARK}]`);
    if (part) return void part.dispatchEvent(new CustomEvent(EVENT));
    if (element.closest("[data-node]")) return;
  }
}
