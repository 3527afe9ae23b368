/** What of a prompt is sent to the text model: no comments, and one of each choice. */

export interface Sent {
  /** As long as the prompt, with blanks where something is left out: places stay what they are. */
  readonly text: string;
  /** False where chance decides: of each choice the first is taken here. */
  readonly sure: boolean;
}

/** Comments of a prompt, as runs leave them out. */
export const COMMENT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

/** A prompt as a run sends it, `{a|b}` by its first branch; `\{`, `\|` and `\}` are those characters. */
export function sent(prompt: string): Sent {
  const text = prompt.replace(COMMENT, (found) => " ".repeat(found.length));
  let put = "";
  let sure = true;
  // How many braces are open, and how many of them were when a branch began that is left out.
  let depth = 0;
  let skipped: number | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? "";
    const escaped = sign === "\\" && /[{}|]/.test(text[at + 1] ?? "");
    if (escaped) at += 1;
    if (sign === "{") depth += 1;
    else if (sign === "}" && depth > 0) {
      if (skipped === depth) skipped = undefined;
      depth -= 1;
    } else if (sign === "|" && depth > 0) {
      skipped ??= depth;
      sure = false;
    } else {
      put += skipped !== undefined ? " ".repeat(escaped ? 2 : 1) : escaped ? ` ${text[at] ?? ""}` : sign;
      continue;
    }
    put += " ";
  }
  return { text: put, sure };
}
