import { describe, expect, it } from "vitest";
import { distance, halfway, sampled } from "../../src/canvas/curves";
import { carriedBy, linksCrossing, nodesTouching, pick } from "../../src/canvas/picking";
import { bench, group, link, node, state } from "./bench";

const { model, editor } = bench(
  state(
    [node("a", [0, 0], [], ["LATENT"]), node("b", [500, 0], ["LATENT"]), node("c", [20, 60])],
    [link("1", "a", "b", "LATENT")],
    [group("g", [-50, -80], [400, 400]), group("inner", [-20, 200], [100, 80])],
  ),
);

describe("picking", () => {
  it("finds a socket, a node, a link, a frame's title and corner, and the canvas", () => {
    const out = model.socketPoint("a", "out:latent") ?? [0, 0];
    expect(pick(model, [out[0] + 4, out[1]], 1)).toEqual({ kind: "socket", node: "a", socket: "out:latent", output: true });
    expect(pick(model, [60, 20], 1)).toEqual({ kind: "node", id: "a" });
    const shape = model.links.get("1");
    const middle = shape === undefined ? [0, 0] as const : halfway(model.points(shape));
    expect(pick(model, middle, 1)).toEqual({ kind: "link", id: "1" });
    expect(pick(model, [100, -70], 1)).toEqual({ kind: "group", id: "g" });
    expect(pick(model, [345, 315], 1)).toEqual({ kind: "groupCorner", id: "g" });
    expect(pick(model, [300, 280], 1)).toEqual({ kind: "canvas" });
  });

  it("takes the topmost of nodes that overlap, and a selected one before all", () => {
    expect(pick(model, [60, 80], 1)).toEqual({ kind: "node", id: "c" });
    editor.select(["a"]);
    expect(pick(model, [60, 80], 1)).toEqual({ kind: "node", id: "a" });
    editor.select([]);
  });

  it("does not mean sockets that are too small to see", () => {
    const out = model.socketPoint("a", "out:latent") ?? [0, 0];
    expect(pick(model, [out[0] - 1, out[1]], 0.2)).toEqual({ kind: "node", id: "a" });
  });

  it("reaches farther for a finger", () => {
    const out = model.socketPoint("a", "out:latent") ?? [0, 0];
    expect(pick(model, [out[0] + 18, out[1]], 1, true).kind).toBe("socket");
    expect(pick(model, [out[0] + 18, out[1]], 1).kind).not.toBe("socket");
  });

  it("finds what a marquee touches and what a stroke crosses", () => {
    expect(nodesTouching(model, { x: -10, y: -10, width: 40, height: 40 })).toEqual(["a"]);
    expect([...linksCrossing(model, [[350, -200], [350, 300]])]).toEqual(["1"]);
    expect([...linksCrossing(model, [[350, 200], [350, 300]])]).toEqual([]);
  });

  it("knows what a frame carries: nodes with their header in it, and frames inside it", () => {
    const carried = carriedBy(model, "g");
    expect([...carried.nodes].sort()).toEqual(["a", "c"]);
    expect([...carried.groups].sort()).toEqual(["g", "inner"]);
  });

  it("measures distances to all styles of links", () => {
    for (const style of ["curve", "straight", "orthogonal"] as const) {
      const points = sampled([[0, 0], [100, 50]], style);
      expect(points[0]).toEqual([0, 0]);
      expect(points.at(-1)).toEqual([100, 50]);
      expect(distance(points, halfway(points))).toBeLessThan(0.01);
    }
  });
});
