import { describe, expect, it } from "vitest";
import { LEAVE_MS, MOST_MOUNTED, MountPolicy, MOUNTS_A_FRAME, type MountWish } from "../../src/canvas/mounting";

const ids = (count: number, prefix = "n"): string[] => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const wish = (near: readonly string[], more: Partial<MountWish> = {}): MountWish => ({ near, kept: () => false, alive: () => true, ...more });

/** Steps until nothing more is to be mounted at once. */
function settle(policy: MountPolicy, wanted: MountWish, now = 0): number {
  let frames = 0;
  while (policy.step(wanted, now).again === 0 && frames < 100) frames += 1;
  return frames;
}

describe("mounting", () => {
  it("takes at most six nodes a frame, nearest first", () => {
    const policy = new MountPolicy();
    const step = policy.step(wish(ids(20)), 0);
    expect(step.mount).toEqual(ids(MOUNTS_A_FRAME));
    expect(step.again).toBe(0);
  });

  it("never holds more than 150 nodes, and comes to rest", () => {
    const policy = new MountPolicy();
    expect(settle(policy, wish(ids(2000)))).toBeLessThan(30);
    expect(policy.mounted.size).toBe(MOST_MOUNTED);
    expect(policy.step(wish(ids(2000)), 1).again).toBeUndefined();
  });

  it("lets a node leave only after a delay, and not at all if it comes back", () => {
    const policy = new MountPolicy();
    settle(policy, wish(ids(3)));
    expect(policy.step(wish([]), 100).unmount).toEqual([]);
    expect(policy.step(wish(["n1"]), 100 + LEAVE_MS - 1).unmount).toEqual([]);
    expect(policy.step(wish(["n1"]), 100 + LEAVE_MS).unmount).toEqual(["n0", "n2"]);
    expect([...policy.mounted]).toEqual(["n1"]);
  });

  it("keeps focused, selected, dragged and linked-from nodes", () => {
    const policy = new MountPolicy();
    settle(policy, wish(ids(3)));
    const kept = wish([], { kept: (id) => id === "n1" });
    policy.step(kept, 100);
    policy.step(kept, 1000);
    expect([...policy.mounted]).toEqual(["n1"]);
  });

  it("does not mount selected nodes that are far away", () => {
    const policy = new MountPolicy();
    expect(policy.step(wish([], { kept: () => true }), 0).mount).toEqual([]);
  });

  it("displaces what lingers when the room is needed", () => {
    const policy = new MountPolicy();
    settle(policy, wish(ids(MOST_MOUNTED)));
    const step = policy.step(wish(ids(10, "other")), 1);
    expect(step.unmount).toHaveLength(10);
    expect(step.mount).toHaveLength(MOUNTS_A_FRAME);
    expect(policy.mounted.size).toBeLessThanOrEqual(MOST_MOUNTED);
  });

  it("mounts the node that gets the keyboard before all others, wherever it is", () => {
    const policy = new MountPolicy();
    expect(policy.step(wish(ids(20), { forced: "far" }), 0).mount[0]).toBe("far");
  });

  it("drops removed nodes at once", () => {
    const policy = new MountPolicy();
    settle(policy, wish(ids(2)));
    expect(policy.step(wish([], { alive: (id) => id !== "n0" }), 1).unmount).toEqual(["n0"]);
  });
});
