/** Mouse gestures, as the shortcut sheet lists them beside the command table. */
export const gestures: readonly { readonly label: string; readonly keys: readonly string[] }[] = [
  { label: "Add a node here", keys: ["Double-click"] },
  { label: "Add a node that fits a wire", keys: ["Drop wire"] },
  { label: "Wire without dragging", keys: ["Click", "Click"] },
  { label: "Connect node to node", keys: ["Alt+right-drag"] },
  { label: "Move all wires of a socket", keys: ["Ctrl+drag"] },
  { label: "Break a socket's wires", keys: ["Alt+click"] },
  { label: "Cut wires", keys: ["Y+drag"] },
  { label: "Add a bend to a wire", keys: ["Alt+click"] },
  { label: "Duplicate while dragging", keys: ["Alt+drag"] },
  { label: "Pull a node out of its chain", keys: ["Shake"] },
  { label: "Pan", keys: ["Space+drag", "Middle"] },
  { label: "Zoom", keys: ["Wheel"] },
  { label: "Change a number", keys: ["Drag"] },
  { label: "Change a number finely", keys: ["Shift+drag"] },
  { label: "Prompt weight up or down", keys: ["Ctrl+↑", "Ctrl+↓"] },
];
