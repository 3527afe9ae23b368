/** The table of gestures: the first row that wants a press gets it. */

import { aligning } from "./aligning";
import { bending, movingBend } from "./bends";
import { cutting, rerouting } from "./cutting";
import { dragging } from "./dragging";
import { movingGroup, sizingGroup } from "./groups";
import { jumping } from "./jumping";
import { lazyLinking, linking } from "./linking";
import { panning } from "./panning";
import { breaking, relinking } from "./relinking";
import { resizing } from "./resizing";
import { selecting } from "./selecting";
import type { GestureKind } from "./tool";
import { viewing } from "./viewing";

export const GESTURES: readonly GestureKind[] = [
  panning,
  lazyLinking,
  rerouting,
  cutting,
  aligning,
  breaking,
  relinking,
  linking,
  jumping,
  bending,
  movingBend,
  resizing,
  viewing,
  dragging,
  sizingGroup,
  movingGroup,
  selecting,
];
