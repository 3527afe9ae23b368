/** The colours of the canvas, read from the CSS variables that the rest of the interface uses. */

import { categoryTint, socketColor } from "../ui/colors";

export interface Theme {
  readonly dark: boolean;
  readonly canvas: string;
  readonly node: string;
  readonly raised: string;
  readonly line: string;
  readonly text: string;
  readonly muted: string;
  readonly accent: string;
  readonly ok: string;
  readonly run: string;
  readonly error: string;
  readonly cached: string;
  readonly font: string;
  /** The colour of a socket or link of this type. */
  socket(type: string): string;
  /** The tint of a node's top edge. */
  category(category: string): string;
}

type Token = Exclude<keyof Theme, "socket" | "category" | "dark" | "font">;

const DARK: Record<Token, string> = {
  canvas: "#131519", node: "#1D2026", raised: "#272B33", line: "#363B45", text: "#ECEEF2", muted: "#9BA3B0",
  accent: "#7AA2FF", ok: "#58C98B", run: "#FFB454", error: "#FF6B6B", cached: "#6C7686",
};
const LIGHT: Record<Token, string> = {
  canvas: "#F3F4F6", node: "#FFFFFF", raised: "#F7F8FA", line: "#D5D9E0", text: "#1A1D23", muted: "#5B6472",
  accent: "#2F5BD8", ok: "#147A4A", run: "#A85B00", error: "#C62F2F", cached: "#7A8494",
};

/** Reads the theme that an element sees. */
export function readTheme(element: Element): Theme {
  const style = getComputedStyle(element);
  const dark = document.documentElement.dataset["theme"] !== "light";
  const fallback = dark ? DARK : LIGHT;
  const read = (token: Token): string => style.getPropertyValue(`--${token}`).trim() || fallback[token];
  const seen = new Map<string, string>();
  // Every colour is looked up once: reading a computed style in the middle of a frame may cost a style pass.
  const resolved = (css: string): string => {
    const known = seen.get(css);
    if (known !== undefined) return known;
    const colour = css.replace(/var\((--[\w-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim() || fallback.muted);
    seen.set(css, colour);
    return colour;
  };
  return {
    dark,
    socket: (type) => resolved(socketColor(type)),
    category: (category) => resolved(categoryTint(category)),
    canvas: read("canvas"), node: read("node"), raised: read("raised"), line: read("line"), text: read("text"),
    muted: read("muted"), accent: read("accent"), ok: read("ok"), run: read("run"), error: read("error"), cached: read("cached"),
    font: style.fontFamily || "sans-serif",
  };
}

/** Tells when the theme may have changed; returns how to stop. */
export function watchTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class"] });
  const query = matchMedia("(prefers-color-scheme: light)");
  query.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    query.removeEventListener("change", changed);
  };
}
