/** Key strokes: how they are written, matched by place on the keyboard (event.code), and shown. */

/** As much of a keyboard event as matching needs. */
export interface Stroke {
  readonly code: string;
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

interface Chord {
  readonly mod: boolean;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  readonly name: string;
}

const CODES: Readonly<Record<string, readonly string[]>> = {
  ".": ["Period", "NumpadDecimal"],
  ",": ["Comma"],
  "+": ["NumpadAdd"],
  "=": ["Equal"],
  "-": ["Minus", "NumpadSubtract"],
  "/": ["Slash"],
  "[": ["BracketLeft"],
  "]": ["BracketRight"],
  Enter: ["Enter", "NumpadEnter"],
};
/** Written by what they type: where they are differs from keyboard to keyboard. */
const TYPED = new Set(["?", "+"]);

/** The parts of "Mod+Shift+Z". */
export function chordOf(text: string): Chord {
  const parts = text === "+" ? ["+"] : text.endsWith("++") ? [...text.slice(0, -2).split("+"), "+"] : text.split("+");
  const name = parts.at(-1) ?? "";
  const has = (part: string): boolean => parts.slice(0, -1).includes(part);
  return { mod: has("Mod"), ctrl: has("Ctrl"), alt: has("Alt"), shift: has("Shift"), name };
}

/** Whether a stroke is this chord. mac: Mod is the command key */
export function matches(stroke: Stroke, text: string, mac: boolean): boolean {
  const chord = chordOf(text);
  const ctrl = chord.ctrl || (chord.mod && !mac);
  if (stroke.ctrlKey !== ctrl || stroke.metaKey !== (chord.mod && mac) || stroke.altKey !== chord.alt) return false;
  if (TYPED.has(chord.name) && stroke.key === chord.name) return true;
  return stroke.shiftKey === chord.shift && codesOf(chord.name).includes(stroke.code);
}

function codesOf(name: string): readonly string[] {
  if (/^[A-Z]$/.test(name)) return [`Key${name}`];
  if (/^\d$/.test(name)) return [`Digit${name}`, `Numpad${name}`];
  return CODES[name] ?? [name];
}

/** A stroke as it is written in the table; undefined of a modifier alone. */
export function written(stroke: Stroke, mac: boolean): string | undefined {
  if (/^(Control|Shift|Alt|Meta)(Left|Right)$/.test(stroke.code) || !stroke.code) return undefined;
  const parts: string[] = [];
  if (mac ? stroke.metaKey : stroke.ctrlKey) parts.push("Mod");
  if (mac && stroke.ctrlKey) parts.push("Ctrl");
  if (stroke.altKey) parts.push("Alt");
  if (stroke.shiftKey) parts.push("Shift");
  return [...parts, nameOf(stroke.code)].join("+");
}

function nameOf(code: string): string {
  const plain = /^(?:Key|Digit|Numpad)([A-Z0-9])$/.exec(code)?.[1];
  if (plain !== undefined) return plain;
  return Object.entries(CODES).find(([, codes]) => codes.includes(code))?.[0] ?? code;
}

const SHOWN: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Delete: "Del",
  Escape: "Esc",
  PageDown: "PgDn",
  PageUp: "PgUp",
};

/** As people read it: "Ctrl+Shift+Z", on a Mac "⇧⌘Z"; two strokes as "B, 1". */
export function shown(text: string, mac: boolean): string {
  return text.split(" ").map((each) => shownChord(each, mac)).join(", ");
}

function shownChord(text: string, mac: boolean): string {
  const { mod, ctrl, alt, shift, name } = chordOf(text);
  const key = SHOWN[name] ?? name;
  if (mac) return `${ctrl ? "⌃" : ""}${alt ? "⌥" : ""}${shift ? "⇧" : ""}${mod ? "⌘" : ""}${key}`;
  return [...(mod || ctrl ? ["Ctrl"] : []), ...(alt ? ["Alt"] : []), ...(shift ? ["Shift"] : []), key].join("+");
}

/** Whether this is a Mac, by what the browser says. */
export function isMac(platform: string = navigator.platform): boolean {
  return /^(Mac|iP)/.test(platform);
}
