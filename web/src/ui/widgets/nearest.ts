/** Which of the names on offer somebody may have meant. */

/** Below this two names have too little in common. */
const LEAST = 0.4;

/** The names most like this one, best first: the same file in another folder, then those that share most pairs of letters. */
export function nearestNames(wanted: string, names: readonly string[], most = 3): string[] {
  const own = pairsOf(wanted);
  return names
    .map((name) => ({ name, likeness: baseOf(name) === baseOf(wanted) ? 1 : shared(own, pairsOf(name)) }))
    .filter(({ likeness }) => likeness >= LEAST)
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, most)
    .map(({ name }) => name);
}

/** A name without folder and ending, in small letters. */
function baseOf(name: string): string {
  return name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1).replace(/\.[a-z0-9]+$/i, "").toLowerCase();
}

function pairsOf(name: string): ReadonlyMap<string, number> {
  const base = baseOf(name).replace(/[\s_.-]+/g, " ");
  const pairs = new Map<string, number>();
  for (let at = 0; at < base.length - 1; at += 1) pairs.set(base.slice(at, at + 2), (pairs.get(base.slice(at, at + 2)) ?? 0) + 1);
  return pairs;
}

/** Sørensen and Dice: twice what both have, by what they have in all. */
function shared(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  const sum = (pairs: ReadonlyMap<string, number>): number => [...pairs.values()].reduce((all, each) => all + each, 0);
  let both = 0;
  for (const [pair, count] of a) both += Math.min(count, b.get(pair) ?? 0);
  const all = sum(a) + sum(b);
  return all === 0 ? 0 : (2 * both) / all;
}
