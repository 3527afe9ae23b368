import { describe, expect, it } from "vitest";
import { gridShows, gridStrength } from "../../src/canvas/paint/grid";
import { batches, LIT_WIDTH, REST_WIDTH } from "../../src/canvas/paint/links";
import { clipped, wrapped } from "../../src/canvas/paint/text";
import { exposed } from "../../src/canvas/scene";
import { fixture } from "../fixtures/workflows";
import { bench, link, node, state } from "./bench";

const box = (x: number, y: number, width: number, height: number) => ({ x, y, width, height });

describe("the scene", () => {
  it("draws as many strokes as there are colours, not as there are links", () => {
    const nodes = Array.from({ length: 40 }, (_, index) => node(String(index), [index * 300, 0], ["LATENT", "MODEL"], ["LATENT", "MODEL"]));
    const links = nodes.slice(1).flatMap((_, index) => ["LATENT", "MODEL"].map((type) => link(`${type}${index}`, String(index), String(index + 1), type)));
    const { model } = bench(state(nodes, links));
    expect(model.links.size).toBe(78);
    const made = batches(model.links.values(), (type) => type, undefined);
    expect(made.map(({ links: each, width, alpha }) => [each.length, width, alpha])).toEqual([[39, REST_WIDTH, 0.6], [39, REST_WIDTH, 0.6]]);
  });

  it("lets lit links stand out and all others step back, the lit ones on top", () => {
    const { model } = bench(state([node("a", [0, 0], [], ["X", "Y"]), node("b", [400, 0], ["X", "Y"])], [link("1", "a", "b", "X"), link("2", "a", "b", "Y")]));
    const made = batches(model.links.values(), () => "red", new Set(["1"]));
    expect(made.map(({ alpha, width }) => [alpha, width])).toEqual([[0.2, REST_WIDTH], [1, LIT_WIDTH]]);
  });

  it("is drawn again only when moving it would leave something blank", () => {
    const painted = box(-100, -100, 600, 600);
    const content = box(0, 0, 300, 300);
    expect(exposed(painted, box(0, 0, 400, 400), content, true)).toBe(false);
    expect(exposed(painted, box(200, 0, 400, 400), content, true)).toBe(true);
    expect(exposed(painted, box(200, 0, 400, 400), content, false)).toBe(false);
    expect(exposed(painted, box(-300, 0, 400, 400), box(-250, 0, 10, 10), false)).toBe(true);
  });

  it("fades the grid with the zoom", () => {
    expect(gridStrength(32, 1)).toBe(1);
    expect(gridStrength(32, 0.3)).toBe(0);
    expect(gridShows(0.05)).toBe(false);
  });

  it("shortens titles to their room", () => {
    const width = (text: string): number => text.length;
    expect(clipped("Load Checkpoint", 20, width)).toBe("Load Checkpoint");
    expect(clipped("Load Checkpoint", 8, width)).toBe("Load Ch…");
    expect(wrapped("Empty Latent Image", 8, 3, width)).toEqual(["Empty", "Latent", "Image"]);
    expect(wrapped("Empty Latent Image", 8, 2, width)).toEqual(["Empty", "Latent…"]);
  });
});

describe("the fixtures", () => {
  it.each([39, 245, 1000, 2000])("have exactly %i nodes and only links that both ends know", (count) => {
    const { nodes, links } = fixture(count);
    expect(nodes).toHaveLength(count);
    expect(new Set(links.map(([id]) => id)).size).toBe(links.length);
    for (const [id, from, out, to, slot] of links) {
      expect(nodes[from - 1]?.outputs[out]?.links).toContain(id);
      expect(nodes[to - 1]?.inputs[slot]?.link).toBe(id);
    }
  });
});
