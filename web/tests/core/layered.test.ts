import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered, type Block, type Edge } from "../../src/core/layered";

const GAPS = { column: 64, row: 32 };
type Places = ReadonlyMap<string, readonly [number, number]>;

const blocksOf = (count: number): Block[] => Array.from({ length: count }, (_, at) => ({ id: `n${at}`, width: 240, height: 100 }));
const edge = (from: number, to: number, fromY = 50, toY = 50): Edge => ({ from: `n${from}`, to: `n${to}`, fromY, toY });
const at = (places: Places, id: number | string) => {
  const place = places.get(typeof id === "number" ? `n${id}` : id);
  if (!place) throw new Error(`no place for ${id}`);
  return place;
};

/** Pairs of links between the same two columns that cross. */
function crossings(places: Places, edges: readonly Edge[]): number {
  const lines = edges.map(({ from, to, fromY = 0, toY = 0 }) => {
    const [[left, start], [right, end]] = [at(places, from), at(places, to)];
    return { columns: `${left} ${right}`, start: start + fromY, end: end + toY };
  });
  let count = 0;
  lines.forEach((a, one) =>
    lines.slice(one + 1).forEach((b) => {
      if (a.columns === b.columns && (a.start - b.start) * (a.end - b.end) < 0) count += 1;
    }),
  );
  return count;
}

function overlaps(places: Places, blocks: readonly Block[]): string[] {
  return blocks.flatMap((a, one) =>
    blocks.slice(one + 1).flatMap((b) => {
      const [[ax, ay], [bx, by]] = [at(places, a.id), at(places, b.id)];
      const apart = ax + a.width <= bx || bx + b.width <= ax || ay + a.height <= by || by + b.height <= ay;
      return apart ? [] : [`${a.id} ${b.id}`];
    }),
  );
}

/** Links that do not lead to the right, past the whole of their first block. */
function backwards(places: Places, blocks: readonly Block[], edges: readonly Edge[]): Edge[] {
  const widths = new Map(blocks.map((block) => [block.id, block.width]));
  return edges.filter(({ from, to }) => from !== to && at(places, to)[0] < at(places, from)[0] + (widths.get(from) ?? 0) + GAPS.column);
}

/** Numbers from a seed, the same each time (a linear congruence). */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const roll = dice(seed);
  const left = [...items];
  return items.map(() => left.splice(roll(left.length), 1)[0] as T);
}

const graphs = (loops: boolean) =>
  fc
    .record({
      sizes: fc.array(fc.record({ width: fc.integer({ min: 10, max: 500 }), height: fc.integer({ min: 10, max: 700 }) }), { minLength: 1, maxLength: 24 }),
      ends: fc.array(fc.tuple(fc.nat(23), fc.nat(23), fc.nat(9), fc.nat(9)), { maxLength: 50 }),
    })
    .map(({ sizes, ends }) => ({
      blocks: sizes.map((size, index): Block => ({ id: `n${index}`, ...size })),
      edges: ends
        .map(([a, b, fromY, toY]) => (loops || a < b ? edge(a, b, fromY, toY) : edge(b, a, fromY, toY)))
        .filter(({ from, to }) => [from, to].every((id) => Number(id.slice(1)) < sizes.length)),
    }));

describe("a layered drawing", () => {
  it("places every block once, none upon another, whatever the links", () => {
    fc.assert(
      fc.property(graphs(true), ({ blocks, edges }) => {
        const places = layered(blocks, edges, GAPS);
        expect([...places.keys()].sort()).toEqual(blocks.map((block) => block.id).sort());
        expect(overlaps(places, blocks)).toEqual([]);
        expect(Math.min(...[...places.values()].map(([x]) => x))).toBe(0);
      }),
    );
  });

  it("leads all links to the right where there is no loop", () => {
    fc.assert(
      fc.property(graphs(false), ({ blocks, edges }) => {
        expect(backwards(layered(blocks, edges, GAPS), blocks, edges)).toEqual([]);
      }),
    );
  });

  it("turns one link of a loop round and no more", () => {
    const blocks = blocksOf(5);
    const edges = [edge(0, 1), edge(1, 2), edge(2, 3), edge(3, 1), edge(3, 4), edge(4, 4)];
    expect(backwards(layered(blocks, edges, GAPS), blocks, edges)).toEqual([edge(3, 1)]);
  });

  it("answers the same again, and leaves what it was given alone", () => {
    const roll = dice(7);
    const blocks = blocksOf(60);
    const edges = Array.from({ length: 90 }, () => [roll(60), roll(60)].sort((a, b) => a - b)).map(([a = 0, b = 0]) => edge(a, b));
    const before = JSON.stringify([blocks, edges]);
    const first = [...layered(blocks, edges, GAPS)];
    expect([...layered(blocks, edges, GAPS)]).toEqual(first);
    expect(JSON.stringify([blocks, edges])).toBe(before);
  });

  it("knows nothing of links to blocks that are not there, and of none at all", () => {
    expect([...layered([], [edge(0, 1)], GAPS)]).toEqual([]);
    expect([...layered(blocksOf(1), [edge(0, 1), edge(3, 0)], GAPS)]).toEqual([["n0", [0, 0]]]);
  });
});

describe("crossings", () => {
  it("are none in a tree, a ladder and a fan, however their links are shuffled", () => {
    const tree = Array.from({ length: 62 }, (_, child) => edge(Math.floor(child / 2), child + 1));
    const ladder = Array.from({ length: 20 }, (_, step) => [edge(2 * step, 2 * step + 2), edge(2 * step + 1, 2 * step + 3)]).flat();
    const fan = Array.from({ length: 12 }, (_, ray) => [edge(0, ray + 1), edge(ray + 1, 13)]).flat();
    for (const edges of [tree, [edge(42, 0), edge(42, 1), ...ladder], fan]) {
      for (let seed = 1; seed <= 12; seed += 1) {
        const places = layered(shuffled(blocksOf(64), seed), shuffled(edges, seed + 50), GAPS);
        expect(crossings(places, edges)).toBe(0);
      }
    }
  });

  it("of complete graphs in two columns are as few as can be: C(a, 2) C(b, 2)", () => {
    for (const [left, right, least] of [[2, 2, 1], [3, 3, 9], [3, 4, 18], [5, 4, 60]] as const) {
      const edges = Array.from({ length: left * right }, (_, pair) => edge(Math.floor(pair / right), left + (pair % right)));
      expect(crossings(layered(blocksOf(left + right), shuffled(edges, left), GAPS), edges)).toBe(least);
    }
  });

  it("of the cube drawn from one corner are two", () => {
    const edges = Array.from({ length: 8 }, (_, corner) => [1, 2, 4].filter((bit) => !(corner & bit)).map((bit) => edge(corner, corner | bit))).flat();
    for (let seed = 1; seed <= 6; seed += 1) expect(crossings(layered(shuffled(blocksOf(8), seed), shuffled(edges, seed), GAPS), edges)).toBeLessThanOrEqual(2);
  });

  it("count the sockets of a block: what is plugged in higher stands higher", () => {
    const edges = [edge(2, 3, 20, 20), edge(1, 3, 20, 40), edge(0, 3, 20, 60), edge(3, 5, 40, 20), edge(3, 4, 20, 20)];
    const places = layered(blocksOf(6), edges, GAPS);
    expect([2, 1, 0].map((id) => at(places, id)[1])).toEqual([2, 1, 0].map((id) => at(places, id)[1]).sort((a, b) => a - b));
    expect(at(places, 4)[1]).toBeLessThan(at(places, 5)[1]);
  });

  it("leave equals in the order in which they were given", () => {
    const places = layered(blocksOf(6), [5, 3, 1, 2, 4].map((end) => edge(0, end)), GAPS);
    const heights = [5, 3, 1, 2, 4].map((id) => at(places, id)[1]);
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
  });
});

describe("places", () => {
  it("bring the sockets of a chain level", () => {
    const places = layered(blocksOf(4), [edge(0, 1, 20, 60), edge(1, 2, 30, 30), edge(2, 3, 90, 10)], GAPS);
    expect(at(places, 0)[1] + 20).toBeCloseTo(at(places, 1)[1] + 60);
    expect(at(places, 1)[1]).toBeCloseTo(at(places, 2)[1]);
    expect(at(places, 2)[1] + 90).toBeCloseTo(at(places, 3)[1] + 10);
  });

  it("set a block between those that it reads, and close to the one that reads it", () => {
    const places = layered(blocksOf(6), [edge(0, 2), edge(1, 2), edge(2, 3), edge(3, 4), edge(5, 4)], GAPS);
    expect(at(places, 2)[1]).toBeCloseTo((at(places, 0)[1] + at(places, 1)[1]) / 2);
    expect(at(places, 5)[0]).toBe(at(places, 3)[0]);
  });

  it("keep the gaps between blocks of a column, and stay close where nothing pulls apart", () => {
    const places = layered(blocksOf(5), [1, 2, 3, 4].map((end) => edge(0, end)), GAPS);
    expect([1, 2, 3].map((id) => at(places, id + 1)[1] - at(places, id)[1])).toEqual([132, 132, 132].map((step) => expect.closeTo(step)));
    expect(at(places, 1)[0]).toBe(240 + GAPS.column);
  });

  it("let a long link pass a column beside its blocks", () => {
    const places = layered(blocksOf(4), [edge(0, 1), edge(1, 2), edge(0, 2, 80, 80), edge(0, 3), edge(3, 2, 50, 90)], GAPS);
    expect(Math.abs(at(places, 1)[1] - at(places, 3)[1])).toBeGreaterThanOrEqual(100 + GAPS.row);
  });

  it("put parts without a link between them in rows, single blocks last", () => {
    const pairs = Array.from({ length: 3 }, (_, pair) => edge(2 * pair + 1, 2 * pair + 2));
    const places = layered(blocksOf(12), pairs, GAPS);
    expect(overlaps(places, blocksOf(12))).toEqual([]);
    expect([at(places, 1), at(places, 3), at(places, 5)]).toEqual([[0, 0], [608, 0], [0, 164]]);
    expect([at(places, 0), at(places, 7), at(places, 9)]).toEqual([[608, 164], [912, 164], [304, 328]]);
  });
});

describe("large graphs", () => {
  it("may be a chain of 10,000 links, or a hub of 5,000", () => {
    const chain = Array.from({ length: 10_000 }, (_, step) => edge(step, step + 1));
    expect(layered(blocksOf(10_001), chain, GAPS).get("n10000")?.[0]).toBe(10_000 * 304);
    const hub = Array.from({ length: 5_000 }, (_, ray) => edge(0, ray + 1));
    expect(new Set([...layered(blocksOf(5_001), hub, GAPS).values()].map(([x]) => x))).toEqual(new Set([0, 304]));
  });

  it("may have long links without end: those beyond the bends allowed have no say", () => {
    const blocks = blocksOf(1_200);
    const edges = blocks.flatMap((_, from) => [edge(from, from + 1), edge(from, 1_199, 20, 20)]).filter(({ from, to }) => from !== to && to !== "n1200");
    const places = layered(blocks, edges, GAPS);
    expect(backwards(places, blocks, edges)).toEqual([]);
    expect(overlaps(places, blocks)).toEqual([]);
  });

  it("of 2,000 blocks with 3,000 links cross far less than by chance", () => {
    const roll = dice(3);
    const blocks = blocksOf(2_000);
    const edges = Array.from({ length: 3_000 }, () => roll(1_960)).map((from) => edge(from, from + 1 + roll(39)));
    const places = layered(blocks, edges, GAPS);
    expect(backwards(places, blocks, edges)).toEqual([]);
    const random = new Map(blocks.map(({ id }) => [id, [at(places, id)[0], roll(100_000)] as const]));
    expect(crossings(places, edges)).toBeLessThan(crossings(random, edges) / 4);
  });
});
