/** Pushing the desk: space and drag, middle button, one finger. */

import { panned } from "../camera";
import { CLICK_PIXELS, type Gesture, type GestureKind } from "./tool";

export const panning: GestureKind = {
  name: "pan",
  wants: ({ button, keys, touch, hit }, desk) =>
    button === 1 || (button === 0 && keys.has("Space")) || (touch && !isHeldByTouch(hit, desk.editor.selection)),
  begin(press, desk): Gesture {
    const start = desk.camera;
    return {
      name: "pan",
      cursor: "grabbing",
      move: ({ screen }) => desk.look(panned(start, screen[0] - press.screen[0], screen[1] - press.screen[1])),
      release({ travelled }) {
        // A finger that did not move has tapped.
        if (press.touch && travelled < CLICK_PIXELS * 2) desk.editor.select(press.hit.kind === "node" ? [press.hit.id] : []);
      },
      cancel: () => desk.look(start),
    };
  },
};

function isHeldByTouch(hit: { readonly kind: string; readonly id?: string; readonly node?: string }, selection: ReadonlySet<string>): boolean {
  if (hit.kind === "socket") return true;
  if (hit.kind === "node") return hit.id !== undefined && selection.has(hit.id);
  return hit.kind === "corner" && hit.node !== undefined && selection.has(hit.node);
}
