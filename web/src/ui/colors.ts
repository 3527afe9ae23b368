/** Colours of socket types and categories: names of CSS variables where the theme has one, else a hue from the name. */

const SAMPLER_PARTS = new Set(["SAMPLER", "SIGMAS", "NOISE", "GUIDER"]);
const MODEL_LIKE = new Set(["MODEL", "CLIP", "VAE", "CONTROL_NET", "CLIP_VISION", "STYLE_MODEL", "UPSCALE_MODEL", "GLIGEN"]);
const OWN = new Set(["MODEL", "CLIP", "VAE", "CONDITIONING", "LATENT", "IMAGE", "MASK", "CONTROL_NET", "BOOLEAN", "STRING"]);

/** The shape that says what kind of thing a socket carries. */
export type SocketShape = "circle" | "diamond" | "square";

/** A CSS colour for a socket of this type; the canvas paints the same one (canvas/theme.ts). */
export function socketColor(type: string): string {
  const first = type.split(",")[0]?.trim().toUpperCase() ?? "";
  if (OWN.has(first)) return `var(--socket-${first})`;
  if (SAMPLER_PARTS.has(first)) return "var(--socket-SAMPLER)";
  if (first === "AUDIO" || first === "VIDEO") return "var(--socket-AUDIO)";
  if (first === "INT" || first === "FLOAT" || first === "NUMBER") return "var(--socket-NUMBER)";
  if (first === "LORA_MODEL") return "var(--socket-MODEL)";
  if (first === "COMBO") return "var(--socket-STRING)";
  if (first === "*" || first === "") return "var(--muted)";
  return `hsl(${hue(first)} 55% var(--socket-lightness))`;
}

/** ■ for what holds a model, ◆ for lists, ● for everything else. */
export function socketShape(type: string, isList: boolean): SocketShape {
  if (isList) return "diamond";
  return MODEL_LIKE.has(type) ? "square" : "circle";
}

const PLAIN_COLOR = /^(#[0-9a-f]{3,8}|[a-z]{3,24}|(rgb|hsl)a?\([\d\s.,%/]{1,60}\))$/i;

/** A colour that a file names, where it is one and nothing else; styles also know addresses. */
export function colorOfFile(text: string | undefined): string | undefined {
  return text !== undefined && PLAIN_COLOR.test(text.trim()) ? text.trim() : undefined;
}

/** The quiet tint on a node's top edge: one hue for each first part of its category. */
export function categoryTint(category: string): string {
  const head = category.split("/")[0] ?? "";
  const known: Readonly<Record<string, string>> = {
    loaders: "var(--socket-MODEL)",
    conditioning: "var(--socket-CONDITIONING)",
    latent: "var(--socket-LATENT)",
    image: "var(--socket-IMAGE)",
    mask: "var(--socket-MASK)",
    sampling: "var(--socket-SAMPLER)",
    audio: "var(--socket-AUDIO)",
  };
  return known[head] ?? (head ? `hsl(${hue(head)} 32% var(--socket-lightness))` : "var(--line)");
}

/** A stable hue for a name. */
export function hue(name: string): number {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return hash % 360;
}
