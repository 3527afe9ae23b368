/** Everything that the mask editor can be told to do, by keys and by buttons alike, with the keys it has at first. */

export const MASK_KEYS = {
  brush: ["B"],
  eraser: ["E"],
  fill: ["F"],
  lasso: ["L"],
  gradient: ["G"],
  smaller: ["["],
  larger: ["]"],
  softer: ["Shift+["],
  harder: ["Shift+]"],
  fainter: ["O"],
  stronger: ["Shift+O"],
  pressure: ["P"],
  removes: ["X"],
  undo: ["Mod+Z"],
  redo: ["Mod+Shift+Z", "Mod+Y"],
  invert: ["I"],
  all: ["A", "Mod+A"],
  clear: ["Delete", "Backspace"],
  feather: ["S"],
  grow: ["."],
  shrink: [","],
  view: ["V"],
  fit: ["Home", "0"],
  actual: ["Mod+0", "1"],
  zoomIn: ["+", "="],
  zoomOut: ["-"],
  save: ["Mod+S", "Mod+Enter"],
  close: ["Escape"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type MaskAct = keyof typeof MASK_KEYS;
export const MASK_ACTS = Object.keys(MASK_KEYS) as readonly MaskAct[];
