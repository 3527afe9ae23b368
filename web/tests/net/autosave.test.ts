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
  const troubles: DraftTrouble[] = [];
  const file = { document, name: () => "a", base: () => "d1", write: () => ({ version: Number(document.state.rest["n"] ?? 0) }) };
  const saver = new Autosave(file, { taken: async () => false, put, drop, ...store }, "0123456789", (trouble) => troubles.push(trouble));
  const edit = (n: number): void => document.transact("Edit", (t) => t.putRest(undefined, { n }));
  return { document, put, drop, troubles, saver, edit };
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
    const { document, edit, saver, put } = setUp();
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
