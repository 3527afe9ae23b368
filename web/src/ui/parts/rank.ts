/** Order of list entries for what has been typed: letters in order, better at word starts and in one piece. */

/** How well a text answers a query; undefined where it does not. Smaller is better. */
export function distanceOf(query: string, text: string): number | undefined {
  const wanted = query.toLowerCase();
  const given = text.toLowerCase();
  if (wanted === "") return 0;
  const whole = given.indexOf(wanted);
  if (whole >= 0) return (startsWord(given, whole) ? 0 : 20) + whole * 0.1 + given.length * 0.01;
  let at = -1;
  let cost = 40;
  for (const letter of wanted) {
    if (letter === " ") continue;
    const next = given.indexOf(letter, at + 1);
    if (next < 0) return undefined;
    if (next !== at + 1 && !startsWord(given, next)) cost += 6;
    at = next;
  }
  return cost + given.length * 0.01;
}

/** The entries that answer the query, best first; `texts` are what is looked at, the first one counts most. Words may come in any order. */
export function ranked<T>(query: string, items: Iterable<T>, texts: (item: T) => readonly string[], limit = 60): T[] {
  const words = query.trim();
  const found: { item: T; cost: number }[] = [];
  for (const item of items) {
    const looked = texts(item);
    const cost = leastOf(words, looked) ?? apart(words.split(/\s+/), looked);
    if (cost !== undefined) found.push({ item, cost });
  }
  return found.sort((a, b) => a.cost - b.cost).slice(0, limit).map((each) => each.item);
}

function leastOf(query: string, texts: readonly string[]): number | undefined {
  const costs = texts.flatMap((text, place) => {
    const cost = distanceOf(query, text);
    return cost === undefined ? [] : [cost + place * 8];
  });
  return costs.length ? Math.min(...costs) : undefined;
}

/** Each word of the query found on its own, "image load" in "Load Image"; worse than all of them in one piece. */
function apart(words: readonly string[], texts: readonly string[]): number | undefined {
  if (words.length < 2) return undefined;
  let cost = 60;
  for (const word of words) {
    const least = leastOf(word, texts);
    if (least === undefined) return undefined;
    cost += least;
  }
  return cost;
}

function startsWord(text: string, at: number): boolean {
  return at === 0 || /[^a-z0-9]/.test(text[at - 1] ?? "");
}
