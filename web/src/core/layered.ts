/** Drawing a directed graph in columns, from left to right: the method of Sugiyama, Tagawa and Toda (1981) in its four steps.
 *
 * Links that close a loop are turned round, each block gets a column, the blocks of a column are ordered so that few
 * links cross, and heights bring neighbours level. Pure and repeatable: the same blocks and links give the same places.
 * Nothing here calls itself: chains may be 10,000 links long.
 */

export interface Block {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

/** A link; where it leaves and reaches its blocks is counted from their upper edges. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly fromY?: number;
  readonly toY?: number;
}

/** Pixels between columns, and between blocks above each other. */
export interface Gaps {
  readonly column: number;
  readonly row: number;
}

/** A block, or the bend of a long link in a column that it passes. */
interface Knot {
  readonly at: number;
  readonly block?: Block;
  readonly height: number;
  readonly into: Wire[];
  readonly out: Wire[];
  rank: number;
  /** Counted from the top of its column. */
  place: number;
  y: number;
}

interface Wire {
  readonly from: Knot;
  readonly to: Knot;
  readonly fromY: number;
  readonly toY: number;
}

interface Part {
  readonly places: ReadonlyMap<string, readonly [number, number]>;
  readonly width: number;
  readonly height: number;
}

/** Long links together bend at most so often; longer ones have no say in the order. */
const MOST_BENDS = 6000;
/** Sweeps that gain less than a hundredth, and passes over a column, after which the order is good enough. */
const PATIENCE = 4;
/** More pairs of links than this are not compared for one exchange. */
const MOST_PAIRS = 4096;
const LEVELLINGS = 12;
/** Half the room beside a bend. */
const BEND = 4;
/** Parts stand beside each other up to this width, or that of the widest. */
const LEAST_ROW = 1200;

/** The upper left corners of the blocks; parts without a link between them stand in rows, single blocks last. */
export function layered(blocks: readonly Block[], edges: readonly Edge[], gaps: Gaps): Map<string, readonly [number, number]> {
  const knots = new Map(blocks.map((block, at) => [block.id, knotOf(at, block)]));
  const wires = edges.flatMap(({ from, to, fromY = 0, toY = 0 }): Wire[] => {
    const [start, end] = [knots.get(from), knots.get(to)];
    return start && end && start !== end ? [{ from: start, to: end, fromY, toY }] : [];
  });
  for (const wire of withoutLoops([...knots.values()], wires)) attach(wire);
  const parts = partsOf([...knots.values()]);
  const [single, several] = [parts.filter((part) => part.length === 1), parts.filter((part) => part.length > 1)];
  return packed([...several, ...single].map((part) => drawn(part, gaps)), gaps.column);
}

function knotOf(at: number, block?: Block): Knot {
  return { at, ...(block ? { block } : {}), height: block?.height ?? 0, into: [], out: [], rank: 0, place: 0, y: 0 };
}

function attach(wire: Wire): void {
  wire.from.out.push(wire);
  wire.to.into.push(wire);
}

function drawn(part: readonly Knot[], gaps: Gaps): Part {
  const layers = inOrder(bent(ranked(part), part));
  untangle(layers);
  level(layers, gaps.row);
  const all = layers.flat();
  const top = all.reduce((least, knot) => (knot.block ? Math.min(least, knot.y) : least), Infinity);
  const places = new Map<string, readonly [number, number]>();
  let [x, height] = [0, 0];
  for (const layer of layers) {
    let width = 0;
    for (const { block, y } of layer) {
      if (!block) continue;
      places.set(block.id, [x, y - top]);
      width = Math.max(width, block.width);
      height = Math.max(height, y - top + block.height);
    }
    x += width + gaps.column;
  }
  return { places, width: x - gaps.column, height };
}

/** Parts one beside the other in rows, in their order. */
function packed(parts: readonly Part[], gap: number): Map<string, readonly [number, number]> {
  const limit = parts.reduce((most, part) => Math.max(most, part.width), LEAST_ROW);
  const places = new Map<string, readonly [number, number]>();
  let [left, top, tallest] = [0, 0, 0];
  for (const part of parts) {
    if (left > 0 && left + part.width > limit) [left, top, tallest] = [0, top + tallest + gap, 0];
    for (const [id, [x, y]] of part.places) places.set(id, [x + left, y + top]);
    left += part.width + gap;
    tallest = Math.max(tallest, part.height);
  }
  return places;
}

function partsOf(knots: readonly Knot[]): Knot[][] {
  const seen = new Set<Knot>();
  return knots.flatMap((start) => {
    if (seen.has(start)) return [];
    const part = [start];
    seen.add(start);
    for (const knot of part) {
      for (const next of [...knot.out.map((wire) => wire.to), ...knot.into.map((wire) => wire.from)]) {
        if (seen.has(next)) continue;
        seen.add(next);
        part.push(next);
      }
    }
    return [part.sort((a, b) => a.at - b.at)];
  });
}

/** The links, those turned round that lead back to where a walk along them came from. */
function withoutLoops(knots: readonly Knot[], wires: readonly Wire[]): Wire[] {
  const leaving = new Map<Knot, Wire[]>(knots.map((knot) => [knot, []]));
  const reached = new Set<Knot>();
  for (const wire of wires) {
    leaving.get(wire.from)?.push(wire);
    reached.add(wire.to);
  }
  const [path, done] = [new Set<Knot>(), new Set<Knot>()];
  const back = new Set<Wire>();
  for (const start of [...knots.filter((knot) => !reached.has(knot)), ...knots]) {
    const stack = done.has(start) ? [] : [start];
    for (let knot = stack.at(-1); knot; knot = stack.at(-1)) {
      path.add(knot);
      const wire = leaving.get(knot)?.shift();
      if (!wire) {
        path.delete(knot);
        done.add(knot);
        stack.pop();
      } else if (path.has(wire.to)) back.add(wire);
      else if (!done.has(wire.to)) stack.push(wire.to);
    }
  }
  return wires.map((wire) => (back.has(wire) ? { from: wire.to, to: wire.from, fromY: wire.toY, toY: wire.fromY } : wire));
}

/** Gives each knot its column: by the longest way to it, then as near to its readers as they allow where that makes no link longer. */
function ranked(part: readonly Knot[]): number {
  const open = new Map(part.map((knot) => [knot, knot.into.length]));
  const order = part.filter((knot) => knot.into.length === 0);
  for (const knot of order) {
    for (const { to } of knot.out) {
      to.rank = Math.max(to.rank, knot.rank + 1);
      const left = (open.get(to) ?? 0) - 1;
      open.set(to, left);
      if (left === 0) order.push(to);
    }
  }
  for (const knot of order.reverse()) {
    if (knot.out.length === 0 || knot.out.length < knot.into.length) continue;
    knot.rank = knot.out.reduce((least, { to }) => Math.min(least, to.rank - 1), Infinity);
  }
  const used = [...new Set(part.map((knot) => knot.rank))].sort((a, b) => a - b);
  const dense = new Map(used.map((rank, column) => [rank, column]));
  for (const knot of part) knot.rank = dense.get(knot.rank) ?? 0;
  return used.length;
}

/** The columns, unordered; long links get a bend in each column that they pass, those from one socket together. */
function bent(columns: number, part: readonly Knot[]): Knot[][] {
  const layers: Knot[][] = Array.from({ length: columns }, () => []);
  for (const knot of part) layers[knot.rank]?.push(knot);
  const wires = part.flatMap((knot) => knot.out);
  const longest = longestBent(wires);
  for (const knot of part) knot.into.length = knot.out.length = 0;
  const bends = new Map<string, Knot>();
  for (const wire of wires) {
    if (span(wire) > longest) continue;
    let { from, fromY } = wire;
    for (let rank = wire.from.rank + 1; rank < wire.to.rank; rank += 1) {
      const key = `${wire.from.at} ${wire.fromY} ${rank}`;
      let bend = bends.get(key);
      if (!bend) {
        bends.set(key, (bend = { ...knotOf(part.length + bends.size), rank }));
        layers[rank]?.push(bend);
        attach({ from, to: bend, fromY, toY: 0 });
      }
      [from, fromY] = [bend, 0];
    }
    attach({ from, to: wire.to, fromY, toY: wire.toY });
  }
  return layers;
}

const span = (wire: Wire): number => wire.to.rank - wire.from.rank;

function longestBent(wires: readonly Wire[]): number {
  let [left, longest] = [MOST_BENDS, 1];
  for (const length of wires.map(span).sort((a, b) => a - b)) {
    left -= length - 1;
    if (left < 0) return longest;
    longest = length;
  }
  return Infinity;
}

/** The columns in the order in which a walk along the links finds their knots. */
function inOrder(columns: readonly Knot[][]): Knot[][] {
  const layers: Knot[][] = columns.map(() => []);
  const seen = new Set<Knot>();
  for (const start of columns.flat()) {
    const stack = [start];
    for (let knot = stack.pop(); knot; knot = stack.pop()) {
      if (seen.has(knot)) continue;
      seen.add(knot);
      layers[knot.rank]?.push(knot);
      stack.push(...knot.out.map((wire) => wire.to).reverse());
    }
  }
  for (const layer of layers) number(layer);
  return layers;
}

function number(layer: readonly Knot[]): void {
  layer.forEach((knot, place) => (knot.place = place));
}

/** Where a link leaves or reaches its column: the place of the knot, and within it by height. */
const tail = ({ from, fromY }: Wire): number => from.place + fromY / (from.height + 1);
const head = ({ to, toY }: Wire): number => to.place + toY / (to.height + 1);

/** Orders each column by the means of its neighbours' places, to and fro, and keeps the order with the fewest crossings. */
function untangle(layers: Knot[][]): void {
  let fewest = crossings(layers);
  let best = layers.map((layer) => [...layer]);
  for (let [sweep, idle] = [0, 0]; fewest > 0 && idle < PATIENCE; sweep += 1) {
    const forwards = sweep % 2 === 0;
    for (const layer of forwards ? layers : [...layers].reverse()) byMeans(layer, forwards);
    for (const layer of layers) exchange(layer);
    const count = crossings(layers);
    idle = count < fewest * 0.99 ? 0 : idle + 1;
    if (count >= fewest) continue;
    fewest = count;
    best = layers.map((layer) => [...layer]);
  }
  best.forEach((layer, rank) => {
    layers[rank] = layer;
    number(layer);
  });
}

function byMeans(layer: Knot[], forwards: boolean): void {
  const means = new Map<Knot, number>();
  for (const knot of layer) {
    const ends = forwards ? knot.into.map(tail) : knot.out.map(head);
    if (ends.length) means.set(knot, ends.reduce((a, b) => a + b, 0) / ends.length);
  }
  const sorted = layer.filter((knot) => means.has(knot)).sort((a, b) => (means.get(a) ?? 0) - (means.get(b) ?? 0));
  let next = 0;
  layer.forEach((knot, place) => means.has(knot) && (layer[place] = sorted[next++] ?? knot));
  number(layer);
}

/** Exchanges neighbours in a column where that takes crossings away (Gansner, Koutsofios, North and Vo, 1993). */
function exchange(layer: Knot[]): void {
  const ends = new Map(layer.map((knot) => [knot, [knot.into.map(tail), knot.out.map(head)] as const]));
  for (let [pass, better] = [0, true]; better && pass < PATIENCE; pass += 1) {
    better = false;
    for (let place = 0; place + 1 < layer.length; place += 1) {
      const [upper, lower] = [layer[place], layer[place + 1]] as [Knot, Knot];
      const [a, b] = [ends.get(upper), ends.get(lower)];
      if (!a || !b || gain(a[0], b[0]) + gain(a[1], b[1]) <= 0) continue;
      [layer[place], layer[place + 1]] = [lower, upper];
      better = true;
    }
  }
  number(layer);
}

/** How many crossings fewer there are after an exchange of two knots whose links end so. */
function gain(upper: readonly number[], lower: readonly number[]): number {
  if (upper.length * lower.length > MOST_PAIRS) return 0;
  let gained = 0;
  for (const a of upper) for (const b of lower) gained += Math.sign(a - b);
  return gained;
}

/** How often links between neighbouring columns cross: pairs that leave in one order and arrive in the other. */
function crossings(layers: readonly Knot[][]): number {
  let count = 0;
  for (const layer of layers) {
    const arrived: number[] = [];
    const wires = layer.flatMap((knot) => knot.out).map((wire) => [tail(wire), head(wire)] as const);
    for (const [, end] of wires.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
      let [low, high] = [0, arrived.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((arrived[middle] ?? 0) <= end) low = middle + 1;
        else high = middle;
      }
      count += arrived.length - low;
      arrived.splice(low, 0, end);
    }
  }
  return count;
}

/** Heights: each knot as near to level with its neighbours as the others of its column allow, to and fro, at last with both sides. */
function level(layers: readonly Knot[][], gap: number): void {
  for (const layer of layers) fit(layer, layer.map(() => [0, 1]), gap);
  for (let sweep = 0; sweep < LEVELLINGS; sweep += 1) {
    const [forwards, both] = [sweep % 2 === 0, sweep + 2 >= LEVELLINGS];
    for (const layer of forwards ? layers : [...layers].reverse()) fit(layer, layer.map((knot) => wish(knot, forwards || both, !forwards || both)), gap);
  }
}

/** The height that a knot wants, the median over its links, and how much. */
function wish(knot: Knot, left: boolean, right: boolean): readonly [number, number] {
  const heights = [
    ...(left ? knot.into.map(({ from, fromY, toY }) => from.y + fromY - toY) : []),
    ...(right ? knot.out.map(({ to, fromY, toY }) => to.y + toY - fromY) : []),
  ].sort((a, b) => a - b);
  const middle = (heights.length - 1) / 2;
  const [low, high] = [heights[Math.floor(middle)] ?? knot.y, heights[Math.ceil(middle)] ?? knot.y];
  return [(low + high) / 2, knot.block ? heights.length + 0.1 : 1];
}

/** Sets a column to the heights nearest to those wanted that keep order and gaps: isotonic regression by pooling (Ayer and others, 1955). */
function fit(layer: readonly Knot[], wishes: readonly (readonly [number, number])[], gap: number): void {
  const pools: { y: number; weight: number; last: number }[] = [];
  const offsets: number[] = [];
  const beside = (knot?: Knot) => (knot?.block ? gap / 2 : BEND);
  let offset = 0;
  layer.forEach((knot, place) => {
    offsets.push(offset);
    const [y, weight] = wishes[place] ?? [0, 1];
    let pool = { y: y - offset, weight, last: place };
    for (let above = pools.at(-1); above && above.y > pool.y; above = pools.at(-1)) {
      pools.pop();
      const sum = above.weight + pool.weight;
      pool = { y: (above.y * above.weight + pool.y * pool.weight) / sum, weight: sum, last: place };
    }
    pools.push(pool);
    offset += knot.height + beside(knot) + beside(layer[place + 1]);
  });
  let place = 0;
  for (const { y, last } of pools) for (; place <= last; place += 1) (layer[place] as Knot).y = y + (offsets[place] ?? 0);
}
