import { describe, expect, it, vi } from "vitest";
import { drawFading, FADES, LONG } from "../../src/canvas/fading";
import type { Pen } from "../../src/canvas/curves";
import { LinkRest, REST_MS } from "../../src/canvas/resting";
import { pick } from "../../src/canvas/picking";
import { overlaps } from "../../src/canvas/rect";
import { setLinksHidden } from "../../src/core/edits";
import { ROOT, type Point } from "../../src/core/types";
import { valueWords } from "../../src/ui/parts/wirevalue";
import { ValueCache } from "../../src/net/values";
import { bench, link, node, state, type Bench } from "./bench";

/** A pen that notes where strokes begin and end. */
function noting(): Pen & { readonly strokes: [Point, Point][] } {
  const strokes: [Point, Point][] = [];
  let at: Point = [0, 0];
  const to = (x: number, y: number): void => {
    strokes.push([at, [x, y]]);
    at = [x, y];
  };
  return { strokes, moveTo: (x, y) => (at = [x, y]), lineTo: to, bezierCurveTo: (_a, _b, _c, _d, x, y) => to(x, y) };
}

/** a → b → c, and a → d as well, with b close to a. */
function desk(): Bench {
  const nodes = [node("a", [0, 0], [], ["X"]), node("b", [260, 0], ["X"], ["X"]), node("c", [900, 0], ["X"]), node("d", [900, 300], ["X"])];
  return bench(state(nodes, [link("1", "a", "b", "X"), link("2", "b", "c", "X"), link("3", "a", "d", "X")]));
}

const hide = (b: Bench, ...ids: string[]): void => b.editor.document.transact("hide", (t) => setLinksHidden(t, ROOT, ids, true));

describe("a long wire", () => {
  it.each(["curve", "straight", "orthogonal"] as const)("fades towards its middle without a gap (%s)", (style) => {
    const pens = FADES.map(noting);
    drawFading(pens, [[0, 0], [2 * LONG, 300]], style);
    const strokes = pens.flatMap((pen) => pen.strokes).sort((a, b) => a[0][0] - b[0][0] || a[0][1] - b[0][1]);
    expect(strokes[0]?.[0]).toEqual([0, 0]);
    expect(strokes.at(-1)?.[1]).toEqual([2 * LONG, 300]);
    for (const [index, [start]] of strokes.entries()) {
      const end = strokes[index - 1]?.[1] ?? start;
      expect(Math.hypot(start[0] - end[0], start[1] - end[1])).toBeLessThan(1e-6);
    }
    expect(pens.every((pen) => pen.strokes.length > 0)).toBe(true);
  });

  it("of which only a leg is long fades there alone", () => {
    const pens = FADES.map(noting);
    drawFading(pens, [[0, 0], [100, 0], [100 + LONG, 0]], "straight");
    expect(pens[0]?.strokes[0]).toEqual([[0, 0], [100, 0]]);
    expect(pens[1]?.strokes.every(([start]) => start[0] > 100)).toBe(true);
  });
});

describe("a hidden link", () => {
  it("is no wire to the pointer, and two tags that lead to its ends", () => {
    const b = desk();
    const middle = [(b.model.socketPoint("b", "out:x")?.[0] ?? 0) + 200, b.model.socketPoint("b", "out:x")?.[1] ?? 0] as const;
    expect(pick(b.model, middle, 1)).toEqual({ kind: "link", id: "2" });
    hide(b, "2");
    expect(pick(b.model, middle, 1)).toEqual({ kind: "canvas" });
    const [first, second] = b.model.tags;
    if (!first || !second) throw new Error("a hidden link has two tags");
    expect([first.text, second.text]).toEqual(["→ x", "Typeb →"]);
    const at: Point = [first.rect.x + 12, first.rect.y + 9];
    expect(pick(b.model, at, 1)).toEqual({ kind: "tag", id: "2", node: "b", other: "c" });
    b.drag([at]);
    expect([...b.editor.selection]).toEqual(["c"]);
    expect(b.calls).toEqual([["reveal", "c"]]);
    // A selected end shows the wire again.
    expect(pick(b.model, middle, 1)).toEqual({ kind: "link", id: "2" });
  });

  it("has tags that lie under no node and over no other", () => {
    const b = desk();
    hide(b, "1", "3");
    const { tags } = b.model;
    expect(tags.length).toBe(4);
    for (const tag of tags) {
      for (const { rect, node: each } of b.model.nodes.values()) expect(each.id !== tag.node && overlaps(rect, tag.rect)).toBe(false);
    }
    const [first, other] = tags.filter((tag) => tag.atSource);
    expect(first && other && overlaps(first.rect, other.rect)).toBe(false);
  });
});

describe("a pointer that rests on a wire", () => {
  it("is told of once it rests, follows it, and of its leaving", () => {
    vi.useFakeTimers();
    const said: unknown[] = [];
    const rest = new LinkRest((id, at) => said.push([id, ...at]));
    rest.over("1", [0, 0]);
    vi.advanceTimersByTime(REST_MS / 2);
    rest.over("2", [5, 5]);
    vi.advanceTimersByTime(REST_MS - 1);
    expect(said).toEqual([]);
    vi.advanceTimersByTime(1);
    rest.over("2", [6, 6]);
    rest.leave();
    rest.leave();
    vi.advanceTimersByTime(REST_MS);
    expect(said).toEqual([["2", 5, 5], ["2", 6, 6], [undefined, 6, 6]]);
    vi.useRealTimers();
  });
});

describe("a value in words", () => {
  it("says type, shape, precision, size and range", () => {
    const facts = { shape: [1, 4, 16, 16], dtype: "float16", minimum: -3.2149, maximum: 4.05, mean: 0.0213 };
    const words = valueWords({ type: "LATENT", text: "{samples: …}", count: 1, bytes: 512_000, facts, picture: "" });
    expect(words).toEqual({ head: "LATENT 1×4×16×16 · f16 · 512 kB", range: "−3.21 … 4.05 · mean 0.0213", text: "", pictured: true });
  });

  it("shows text as it is, shortened, and says how many there are", () => {
    const words = valueWords({ type: "STRING", text: "a".repeat(500), count: 3, bytes: 500, facts: {}, picture: "" });
    expect(words.head).toBe("STRING · 500 B · 3 items");
    expect(words.text.length).toBe(161);
    expect(valueWords({ type: "MODEL", text: "Model", facts: {}, picture: "" })).toEqual({ head: "MODEL", range: "", text: "", pictured: false });
  });
});

describe("values of a run", () => {
  it("are asked for once, and again where they were not there", async () => {
    const asked: string[] = [];
    let there = false;
    const cache = new ValueCache((job, id, output) => {
      asked.push(`${job}/${id}/${output}`);
      return Promise.resolve(there ? { type: "INT", text: "1", facts: {} } : undefined);
    });
    expect(await cache.get("j", "5", 0)).toBeUndefined();
    there = true;
    expect(await cache.get("j", "5", 0)).toMatchObject({ type: "INT" });
    expect(await cache.get("j", "5", 0)).toMatchObject({ type: "INT" });
    await cache.get("k", "5", 0);
    expect(asked).toEqual(["j/5/0", "j/5/0", "k/5/0"]);
  });
});
