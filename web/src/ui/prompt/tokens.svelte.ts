/** The token count of a prompt, asked of the server a moment after the typing. */

import type { TokenCount, WidgetServices } from "../widgets/services";

const QUIET_MS = 250;
const KEPT = 64;
/** The server counts no longer ones. */
const MOST_CHARACTERS = 20_000;

const known = new WeakMap<WidgetServices, Map<string, TokenCount>>();

/** What the server says of a text; kept for the newest texts, since prompts are looked at again and again. */
export async function tokenCount(services: WidgetServices, text: string): Promise<TokenCount> {
  const kept = known.get(services) ?? new Map<string, TokenCount>();
  known.set(services, kept);
  const found = kept.get(text) ?? (await services.countTokens(text));
  kept.delete(text);
  kept.set(text, found);
  const [oldest] = kept.keys();
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
  return found;
}

/** The count of the text that `wanted` gives; the last one stays until the next is there. Call it while a component is set up. */
export function liveCount(services: () => WidgetServices | undefined, wanted: () => string | undefined): { readonly value: TokenCount | undefined } {
  let value = $state.raw<TokenCount | undefined>(undefined);
  $effect(() => {
    const [ask, text] = [services(), wanted()];
    if (!ask || text === undefined || text.length > MOST_CHARACTERS) {
      value = undefined;
      return;
    }
    let here = true;
    const take = (count: TokenCount): void => void (here && (value = count));
    // Without an answer there is no count; the banner tells of a lost server.
    const timer = setTimeout(() => void tokenCount(ask, text).then(take, () => undefined), value === undefined ? 0 : QUIET_MS);
    return () => {
      here = false;
      clearTimeout(timer);
    };
  });
  return {
    get value() {
      return value;
    },
  };
}
