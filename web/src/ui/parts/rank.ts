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

/** The entries that answer the query, best first; `texts` are what is looked at, the first one counts most. */
export function ranked<T>(query: string, items: Iterable<T>, texts: (item: T) => readonly string[], limit = 60): T[] {
  const words = query.trim();
  const found: { item: T; cost: number }[] = [];
  for (const item of items) {
    let best: number | undefined;
    for (const [place, text] of texts(item).entries()) {
      const cost = distanceOf(words, text);
      if (cost !== undefined) best = Math.min(best ?? Infinity, cost + place * 8);
    }
    if (best !== undefined) found.push({ item, cost: best });
  }
  return found.sort((a, b) => a.cost - b.cost).slice(0, limit).map((each) => each.item);
}

function startsWord(text: string, at: number): boolean {
  return at === 0 || /[^a-z0-9]/.test(text[at - 1] ?? "");
}
