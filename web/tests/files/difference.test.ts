import { describe, expect, it } from "vitest";
import { readDefinitions } from "../../src/core/schema";
import { readWorkflow } from "../../src/io/read";
import { inWords, readDifference, scopesOf, valueText, type Difference } from "../../src/ui/files/difference";
import { drawingOf, fitted, viewOf } from "../../src/ui/files/drawing";

const definitions = readDefinitions({});
const node = (id: number, x: number, title: string, link: number | null = null, links: readonly number[] = []): object => ({
  id,
  type: "Unknown",
  title,
  pos: [x, 0],
  size: [200, 80],
  inputs: [{ name: "in", type: "IMAGE", link }],
  outputs: [{ name: "out", type: "IMAGE", links }],
});
const before = readWorkflow(JSON.stringify({ nodes: [node(1, 0, "One", null, [1]), node(2, 300, "Two", 1)], links: [[1, 1, 0, 2, 0, "IMAGE"]], version: 0.4 }), definitions).state;
const after = readWorkflow(JSON.stringify({ nodes: [node(1, 40, "One", null, [2]), node(3, 600, "Three", 2)], links: [[2, 1, 0, 3, 0, "IMAGE"]], version: 0.4 }), definitions).state;
const answer = {
  same: false,
  nodes: {
    added: [{ id: "3", type: "Unknown", title: "Three" }],
    removed: [{ id: "2", type: "Unknown", title: "Two" }],
    changed: [
      { id: "1", type: "Unknown", title: null, mode_change: { before: "on", after: "muted" }, values: { steps: { before: 20, after: 30 }, text: { after: "a boat" } } },
      { id: "Inner/7", type: "KSampler", title: null, values: { seed: { before: 1, after: 2 } } },
    ],
  },
  links: {
    added: [{ from: { node: "1", output: "out" }, to: { node: "3", input: "in" } }],
    removed: [{ from: { node: "1", output: "out" }, to: { node: "2", input: "in" } }],
  },
};
const difference = readDifference(answer);

describe("the difference of two workflows", () => {
  it("is read with the part of the graph that each node stands in", () => {
    expect(scopesOf(difference)).toEqual(["", "Inner"]);
    expect(difference.changed.map((each) => [each.scope, each.id, each.facts.length])).toEqual([
      ["", "1", 3],
      ["Inner", "7", 1],
    ]);
    expect(difference.changed[0]?.facts.at(-1)).toEqual({ name: "text", before: undefined, after: "a boat" });
  });

  it("says in a few words what changed", () => {
    expect(inWords(difference)).toBe("1 node added, 1 node removed, 4 settings changed, 1 link added, 1 link removed");
    expect(inWords({ ...difference, same: true })).toMatch(/^Only places/);
  });

  it("shows values short, and a missing one as that", () => {
    expect(valueText(undefined)).toBe("not there");
    expect(valueText("  ")).toBe("empty");
    expect(valueText([1, "x"])).toBe('[1,"x"]');
    expect(valueText("x".repeat(5000)).length).toBeLessThan(300);
  });

  it("reads nothing out of a malformed answer", () => {
    const nothing: Difference = { same: false, added: [], removed: [], changed: [], linksAdded: [], linksRemoved: [] };
    expect(readDifference({ nodes: 7, links: { added: "x" } })).toEqual(nothing);
  });
});

describe("the drawing of a difference", () => {
  const drawing = drawingOf(before, after, difference, "", definitions);

  it("holds the nodes of both, each with its mark, where it stands now", () => {
    expect(Object.fromEntries(drawing.nodes.map((each) => [each.title, [each.mark, each.x]]))).toEqual({
      One: ["changed", 40],
      Two: ["removed", 300],
      Three: ["added", 600],
    });
  });

  it("holds the links of both, a removed one between places that are drawn", () => {
    expect(drawing.links.map((each) => each.mark)).toEqual(["removed", "added"]);
    for (const link of drawing.links) expect(link.path).toMatch(/^M240 /);
  });

  it("is around everything, and a view of one node lies in its middle", () => {
    const { bounds } = drawing;
    expect(bounds.x).toBeLessThan(40);
    expect(bounds.x + bounds.width).toBeGreaterThan(800);
    const [one] = drawing.nodes;
    if (!one) throw new Error("no node");
    const view = viewOf(one, bounds);
    expect(view.x + view.width / 2).toBeCloseTo(one.x + one.width / 2);
    expect(view.width / view.height).toBeCloseTo(bounds.width / bounds.height);
  });

  it("draws an empty graph as an empty board", () => {
    expect(drawingOf(before, after, difference, "nowhere", definitions)).toMatchObject({ nodes: [], links: [] });
  });

  it("cuts titles to their node", () => {
    expect(fitted("KSampler", 200, 12)).toBe("KSampler");
    expect(fitted("A very long title of a node", 100, 12)).toMatch(/^A very.*…$/);
    expect(fitted("Narrow", 8, 12)).toBe("");
  });
});
