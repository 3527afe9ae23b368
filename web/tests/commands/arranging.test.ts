import { expect, it } from "vitest";
import { distributed } from "../../src/commands/arranging";

const box = (id: string, x: number, width: number) => ({ id, pos: [x, 0] as const, width, height: 10 });

it("distributes boxes with equal gaps, and leaves the first and the last", () => {
  const places = distributed([box("b", 30, 20), box("a", 0, 10), box("c", 90, 10)], 0);
  expect([...places].map(([id, pos]) => [id, pos[0]])).toEqual([["a", 0], ["b", 40], ["c", 90]]);
});

it("has nothing to do with two", () => expect(distributed([box("a", 0, 1), box("b", 5, 1)], 0).size).toBe(0));
