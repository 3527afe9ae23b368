import { describe, expect, it } from "vitest";
import { kindOf } from "../../src/net/conflict";
import type { OpenFile } from "../../src/ui/state.svelte";

const file = (name: string, digest?: string): OpenFile => ({ name, digest }) as unknown as OpenFile;

describe("a refused save", () => {
  it("is a change by somebody else where ours was saved under that name", () => {
    expect(kindOf(file("card", "d1"), "card", true)).toBe("changed");
  });

  it("is a name that another file has where ours was never saved under it", () => {
    expect(kindOf(file("card", "d1"), "other", true)).toBe("taken");
    expect(kindOf(file("card"), "card", true)).toBe("taken");
  });

  it("is a file that is gone where nothing is there", () => {
    expect(kindOf(file("card", "d1"), "card", false)).toBe("gone");
  });
});
