/** Shift, Mod and a click on a node shows its output large. */

import { clicking, type GestureKind } from "./tool";

export const viewing: GestureKind = {
  name: "view output",
  wants: ({ button, shift, mod, hit }) => button === 0 && shift && mod && hit.kind === "node",
  begin: (press, desk) =>
    clicking("view output", () => {
      if (press.hit.kind === "node") desk.ui.viewOutput?.(press.hit.id);
    }),
};
