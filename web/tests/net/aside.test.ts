import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aside, forgetAside, putAside } from "../../src/net/aside";

describe("what was put aside", () => {
  const held = new Map<string, string>();
  const storage = { getItem: (key: string) => held.get(key) ?? null, setItem: (key: string, text: string) => void held.set(key, text), removeItem: (key: string) => void held.delete(key) };
  beforeEach(() => {
    held.clear();
    vi.stubGlobal("localStorage", storage);
  });
  afterEach(() => vi.unstubAllGlobals());

  it("comes back until it is forgotten, each under its draft", () => {
    putAside("a", { nodes: [] }, "d1");
    putAside("__proto__", { nodes: [1] }, undefined);
    expect(aside("a")).toEqual({ workflow: { nodes: [] }, base: "d1" });
    expect(aside("__proto__")).toEqual({ workflow: { nodes: [1] }, base: undefined });
    forgetAside("a");
    expect(aside("a")).toBeUndefined();
    expect(aside("toString")).toBeUndefined();
  });

  it("is nothing where the storage holds something else, or is full or forbidden", () => {
    for (const text of ["", "{", "null", "7", "[]", '{"workflow":7}', '{"base":"d"}']) {
      held.set("darkroom.aside.a", text);
      expect(aside("a")).toBeUndefined();
    }
    vi.stubGlobal("localStorage", { getItem: fails, setItem: fails, removeItem: fails });
    putAside("a", {}, undefined);
    forgetAside("a");
    expect(aside("a")).toBeUndefined();
  });
});

function fails(): never {
  throw new DOMException("full", "QuotaExceededError");
}
