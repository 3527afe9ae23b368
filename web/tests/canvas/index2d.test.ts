import fc from "fast-check";
import { expect, it } from "vitest";
import { SpatialIndex } from "../../src/canvas/index2d";
import { overlaps } from "../../src/canvas/rect";

const rect = fc.record({
  x: fc.integer({ min: -9000, max: 9000 }),
  y: fc.integer({ min: -9000, max: 9000 }),
  width: fc.integer({ min: 0, max: 12000 }),
  height: fc.integer({ min: 0, max: 3000 }),
});

it("the index finds exactly what a look at everything finds, after moves and removals", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.option(rect)), { maxLength: 60 }), rect, (edits, area) => {
      const index = new SpatialIndex<string>();
      const all = new Map<string, (typeof area)>();
      for (const [key, bounds] of edits) {
        const id = String(key);
        if (bounds === null) {
          index.remove(id);
          all.delete(id);
        } else {
          index.put(id, bounds);
          all.set(id, bounds);
        }
      }
      const expected = [...all].filter(([, bounds]) => overlaps(bounds, area)).map(([id]) => id);
      expect([...index.near(area)].sort()).toEqual(expected.sort());
      expect(index.size).toBe(all.size);
    }),
  );
});
