/** Colours as people write them. */

const NAMED: Readonly<Record<string, string>> = { black: "#000000", white: "#ffffff", red: "#ff0000", green: "#008000", blue: "#0000ff", yellow: "#ffff00", gray: "#808080", grey: "#808080" };

/** "#rrggbb" of what somebody wrote: #rgb, #rrggbb, with or without #, or r, g, b from 0 to 255. Undefined where it is none. */
export function colorOf(text: string): string | undefined {
  const plain = text.trim().toLowerCase();
  if (Object.hasOwn(NAMED, plain)) return NAMED[plain];
  const hex = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/.exec(plain)?.[1];
  if (hex !== undefined) return `#${hex.length === 6 ? hex : [...hex].map((each) => each + each).join("")}`;
  const parts = /^(?:rgb\()?\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*\)?$/.exec(plain)?.slice(1).map(Number);
  if (!parts || parts.some((each) => each > 255)) return undefined;
  return `#${parts.map((each) => each.toString(16).padStart(2, "0")).join("")}`;
}
