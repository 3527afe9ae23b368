/** A click on the tag of a hidden link goes to its other end, whose node is selected, which shows the wire. */

import { clicking, type GestureKind } from "./tool";

export const jumping: GestureKind = {
  name: "jump along link",
  wants: ({ button, hit }) => button === 0 && hit.kind === "tag",
  begin: (press, desk) =>
    clicking("jump along link", () => {
      if (press.hit.kind !== "tag") return;
      desk.editor.select([press.hit.other]);
      desk.reveal(press.hit.other);
    }),
};
