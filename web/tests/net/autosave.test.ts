import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GraphDocument } from "../../src/core/document";
import { ROOT, type Graph } from "../../src/core/types";
import { Autosave, type DraftStore, type DraftTrouble } from "../../src/net/autosave";
import { ApiError, Unreachable } from "../../src/net/errors";

const GRAPH: Graph = { id: ROOT, name: "", nodes: new Map(), links: new Map(), groups: new Map(), reroutes: new Map(), rest: {} };

function setUp(store: Partial<DraftStore> = {}) {
  const document = new GraphDocument({ graphs: new Map([[ROOT, GRAPH]]), rest: {} });
  const put = vi.fn<DraftStore["put"]>(async () => undefined);
  const drop = vi.fn<DraftStore["drop"]>(async () => undefined);
  const aside = vi.fn<DraftStore["aside"]>();
  const troubles: DraftTrouble[] = [];
  const file = { document, name: () => "a", base: () => "d1", write: () => ({ version: Number(document.state.rest["n"] ?? 0) }) };
  const saver = new Autosave(file, { taken: async () => false, put, drop, aside, ...store }, "0123456789", (trouble) => troubles.push(trouble));
  const edit = (n: number): void => document.transact("Edit", (t) => t.putRest(undefined, { n }));
  return { document, put, drop, aside, troubles, saver, edit };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("autosave", () => {
  it("sends a draft half a second after the last edit", async () => {
    const { put, edit, saver } = setUp();
    edit(1);
    await vi.advanceTimersByTimeAsync(400);
    edit(2);
    await vi.advanceTimersByTimeAsync(400);
    expect(put).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(put.mock.calls).toEqual([["a", { version: 2 }, "d1", false]]);
    expect(saver.pending).toBe(false);
  });

  it("has one request on its way, and sends what came meanwhile after it", async () => {
    let open = 0;
    let most = 0;
    const { edit, saver } = setUp({
      put: async () => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setTimeout(resolve, 2000));
        open -= 1;
      },
    });
    edit(1);
    await vi.advanceTimersByTimeAsync(600);
    edit(2);
    await vi.advanceTimersByTimeAsync(9000);
    expect(most).toBe(1);
    expect(saver.pending).toBe(false);
  });

  it("tries again while nobody answers, and says when it is over", async () => {
    let fail = true;
    const { edit, troubles, saver } = setUp({
      put: async () => {
        if (fail) throw new Unreachable(undefined);
      },
    });
    edit(1);
    await vi.advanceTimersByTimeAsync(4000);
    expect(troubles.at(-1)).toMatchObject({ offline: true });
    expect(saver.pending).toBe(true);
    fail = false;
    saver.retryNow();
    await vi.advanceTimersByTimeAsync(10);
    expect(troubles.at(-1)).toBeUndefined();
    expect(saver.pending).toBe(false);
  });

  it("tells of a full disk in the server's words", async () => {
    const { edit, troubles } = setUp({
      put: async () => {
        throw new ApiError(507, { error: "the disk is full" });
      },
    });
    edit(1);
    await vi.advanceTimersByTimeAsync(600);
    expect(troubles).toEqual([{ text: "the disk is full", offline: false }]);
  });

  it("leaves another tab's draft alone", async () => {
    const { put, edit, saver } = setUp({ taken: async () => true });
    edit(1);
    await vi.advanceTimersByTimeAsync(600);
    expect(put.mock.calls[0]?.[0]).toBe("a~01234567");
    expect(saver.draft).toBe("a~01234567");
  });

  it("forgets the draft after a save, unless something was drawn meanwhile", async () => {
    const { document, edit, saver, put, drop } = setUp();
    edit(1);
    await vi.advanceTimersByTimeAsync(600);
    const saved = document.state;
    edit(2);
    await saver.saved(saved);
    expect(saver.draft).toBe("a");
    await saver.saved(document.state);
    expect(saver.draft).toBeUndefined();
    await vi.advanceTimersByTimeAsync(2000);
    expect(put).toHaveBeenCalledTimes(1);
    expect(drop.mock.calls).toEqual([["a"]]);
  });

  it("sends what was drawn during a save again, based on what was saved", async () => {
    const { document, edit, saver, put } = setUp();
    edit(1);
    await saver.flush();
    const saved = document.state;
    edit(2);
    await saver.flush();
    await saver.saved(saved);
    expect(saver.pending).toBe(true);
    await vi.advanceTimersByTimeAsync(600);
    expect(put.mock.calls.at(-1)).toEqual(["a", { version: 2 }, "d1", false]);
    expect(saver.pending).toBe(false);
  });

  it("keeps the very first edit of a page that closes at once, under a name that is nobody else's", () => {
    const { edit, saver, put, aside } = setUp({ taken: async () => true });
    edit(1);
    saver.atExit();
    expect(put.mock.calls).toEqual([["a~01234567", { version: 1 }, "d1", true]]);
    expect(aside.mock.calls).toEqual([["a~01234567", { version: 1 }, "d1"]]);
    expect(saver.draft).toBe("a~01234567");
  });

  it("puts aside what is too large for a closing page, counted in bytes", async () => {
    const { document, put, aside } = setUp();
    const file = { document, name: () => "a", base: () => "d1", write: () => ({ text: "字".repeat(30_000) }) };
    const saver = new Autosave(file, { taken: async () => false, put, drop: async () => undefined, aside }, "0123456789", () => undefined);
    document.transact("Edit", (t) => t.putRest(undefined, { n: 1 }));
    saver.atExit();
    expect(put).not.toHaveBeenCalled();
    expect(aside).toHaveBeenCalledTimes(1);
  });

  it("puts aside what the server does not take", async () => {
    let fail = false;
    const { edit, aside } = setUp({
      put: async () => {
        if (fail) throw new Unreachable(undefined);
      },
    });
    edit(1);
    await vi.advanceTimersByTimeAsync(600);
    expect(aside).not.toHaveBeenCalled();
    fail = true;
    edit(2);
    await vi.advanceTimersByTimeAsync(600);
    expect(aside.mock.calls).toEqual([["a", { version: 2 }, "d1"]]);
  });

  it("follows a file that is renamed, and sends the draft there", async () => {
    const { edit, saver, put } = setUp();
    edit(1);
    await saver.flush();
    await saver.moved("other", "c");
    expect(saver.draft).toBe("a");
    await saver.moved("a", "b");
    expect(put.mock.calls.at(-1)?.[0]).toBe("b");
    expect([saver.draft, saver.pending]).toEqual(["b", false]);
  });

  it("does not take an edit for kept that came while a draft was thrown away", async () => {
    let done: () => void = () => undefined;
    const { edit, saver } = setUp({ put: () => new Promise((resolve) => (done = resolve)) });
    edit(1);
    await vi.advanceTimersByTimeAsync(600);
    const discarded = saver.discard();
    edit(2);
    done();
    await discarded;
    expect(saver.pending).toBe(true);
  });

  it("keeps a file that nobody edited when it is told to", async () => {
    const { put, saver } = setUp();
    await saver.keep();
    expect(put).toHaveBeenCalledTimes(1);
    expect(saver.pending).toBe(false);
  });

  it("drops the draft where the file holds again what is saved, whatever its name is", async () => {
    const { edit, drop, put, saver } = setUp();
    edit(1);
    await saver.flush();
    edit(2);
    await saver.discard();
    expect(drop.mock.calls).toEqual([["a"]]);
    expect([saver.pending, saver.draft]).toEqual([false, undefined]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(put).toHaveBeenCalledTimes(1);
  });
});
