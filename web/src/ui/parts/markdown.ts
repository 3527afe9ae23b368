/** The little Markdown that notes use, as a tree of plain text: nothing here can become markup. */

export type Span =
  | { readonly kind: "text" | "bold" | "italic" | "code"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

export type Block =
  | { readonly kind: "heading"; readonly level: number; readonly spans: readonly Span[] }
  | { readonly kind: "paragraph"; readonly spans: readonly Span[] }
  | { readonly kind: "list"; readonly items: readonly (readonly Span[])[] }
  | { readonly kind: "code"; readonly text: string };

const INLINE = /\*\*(.+?)\*\*|__(.+?)__|\*(.+?)\*|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)/g;

/** Blocks of a Markdown text. */
export function blocks(text: string): Block[] {
  const found: Block[] = [];
  const lines = text.replaceAll("\r", "").split("\n");
  let paragraph: string[] = [];
  const close = (): void => {
    if (paragraph.length) found.push({ kind: "paragraph", spans: spans(paragraph.join(" ")) });
    paragraph = [];
  };
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const heading = /^(#{1,4})\s+(.*)/.exec(line);
    const item = /^\s*(?:[-*+]|\d+\.)\s+(.*)/.exec(line);
    if (line.startsWith("```")) {
      close();
      const end = lines.findIndex((other, at) => at > index && other.startsWith("```"));
      const stop = end < 0 ? lines.length : end;
      found.push({ kind: "code", text: lines.slice(index + 1, stop).join("\n") });
      index = stop;
    } else if (heading) {
      close();
      found.push({ kind: "heading", level: (heading[1] ?? "#").length, spans: spans(heading[2] ?? "") });
    } else if (item) {
      close();
      const last = found.at(-1);
      const words = spans(item[1] ?? "");
      if (last?.kind === "list") found[found.length - 1] = { kind: "list", items: [...last.items, words] };
      else found.push({ kind: "list", items: [words] });
    } else if (line.trim() === "") close();
    else paragraph.push(line.trim());
  }
  close();
  return found;
}

/** Bold, italic, code and links of one line; only http(s) addresses become links. */
export function spans(text: string): Span[] {
  const found: Span[] = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > at) found.push({ kind: "text", text: text.slice(at, match.index) });
    const [whole, bold, strong, italic, code, label, href] = match;
    if (bold !== undefined || strong !== undefined) found.push({ kind: "bold", text: bold ?? strong ?? "" });
    else if (italic !== undefined) found.push({ kind: "italic", text: italic });
    else if (code !== undefined) found.push({ kind: "code", text: code });
    else if (label !== undefined && href !== undefined && /^https?:\/\//.test(href)) found.push({ kind: "link", text: label, href });
    else found.push({ kind: "text", text: whole });
    at = match.index + whole.length;
  }
  if (at < text.length) found.push({ kind: "text", text: text.slice(at) });
  return found;
}
