/** Addresses that open a workflow here: one that this server keeps, or one that the address itself holds. */

import { packed } from "../io/fragment";

/** What an address asks for, after its "#". */
export type Wanted = { readonly kind: "saved"; readonly name: string } | { readonly kind: "inside"; readonly letters: string; readonly name: string };

/** An address that opens a saved workflow of this server, for those who can reach it. */
export function serverLink(name: string, page: Location = location): string {
  return `${start(page)}#open=${encodeURIComponent(name)}`;
}

/** An address that holds the whole workflow, for everybody who runs this program. */
export async function selfLink(text: string, name: string, page: Location = location): Promise<string> {
  return `${start(page)}#w=${await packed(text)}&n=${encodeURIComponent(name)}`;
}

/** What the part of an address after "#" asks for, if anything. */
export function wantedBy(fragment: string): Wanted | undefined {
  const fields = new Map(
    fragment
      .replace(/^#/, "")
      .split("&")
      .map((part): [string, string] => {
        const at = part.indexOf("=");
        return at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
      }),
  );
  const [letters, open] = [fields.get("w"), fields.get("open")];
  if (letters) return { kind: "inside", letters, name: decoded(fields.get("n") ?? "") };
  return open ? { kind: "saved", name: decoded(open) } : undefined;
}

/** Takes the request out of the address bar, so that a reload does not ask again. */
export function forgetFragment(): void {
  history.replaceState(history.state, "", start(location));
}

function start(page: Location): string {
  return `${page.origin}${page.pathname}${page.search}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
