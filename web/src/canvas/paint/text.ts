/** Fitting text into boxes, with the widths of words remembered. */

const widths = new Map<string, number>();
const MOST = 5000;

/** The width of a text in the context's font, remembered under the font's name. */
export function widthOf(ctx: CanvasRenderingContext2D, text: string): number {
  const key = `${ctx.font}\n${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  if (widths.size > MOST) widths.clear();
  const { width } = ctx.measureText(text);
  widths.set(key, width);
  return width;
}

const MOST_LETTERS = 1000;

/** Forgets all widths: the font has been loaded or changed. */
export function forgetWidths(): void {
  widths.clear();
}

/** The text, or as much of its start as fits before an ellipsis. */
export function clipped(text: string, room: number, width: (text: string) => number): string {
  // Nobody reads a line of more letters, and measuring them again at every zoom takes long.
  if (text.length <= MOST_LETTERS && width(text) <= room) return text;
  let low = 0;
  let high = Math.min(text.length, MOST_LETTERS);
  while (low < high) {
    const half = Math.ceil((low + high) / 2);
    if (width(`${text.slice(0, half).trimEnd()}…`) <= room) low = half;
    else high = half - 1;
  }
  return low === 0 ? "" : `${text.slice(0, low).trimEnd()}…`;
}

/** The text in lines that fit; what is too much ends in an ellipsis. */
export function wrapped(text: string, room: number, most: number, width: (text: string) => number): string[] {
  const lines: string[] = [];
  let rest = text.split(/\s+/).filter((word) => word !== "");
  while (rest.length > 0 && lines.length < most) {
    if (lines.length === most - 1) {
      lines.push(clipped(rest.join(" "), room, width));
      break;
    }
    let count = 1;
    while (count < rest.length && width(rest.slice(0, count + 1).join(" ")) <= room) count++;
    lines.push(clipped(rest.slice(0, count).join(" "), room, width));
    rest = rest.slice(count);
  }
  return lines.filter((line) => line !== "");
}
