import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Fields, Json } from "../../src/core/types";
import { KEYS, Preferences } from "../../src/net/preferences";
import { keep, kept } from "../../src/ui/memory";

const INTERFACE = "darkroom.interface";

/** A server that two browsers share. */
class Server {
  values: Record<string, Json> = {};
  up = true;
  settings(): Promise<Fields> {
    return this.up ? Promise.resolve({ ...this.values }) : Promise.reject(new Error("gone"));
  }
  setSetting(id: string, value: Json): Promise<void> {
    if (!this.up) return Promise.reject(new Error("gone"));
    this.values = { ...this.values, [id]: value };
    return Promise.resolve();
  }
}

const page = { document: { visibilityState: "visible", addEventListener: () => undefined, removeEventListener: () => undefined }, addEventListener: () => undefined, removeEventListener: () => undefined };
let browser: Map<string, string>;
const started: Preferences[] = [];

/** A browser with this in its storage. */
function inBrowser(storage: Record<string, Json> = {}): void {
  browser = new Map(Object.entries(storage).map(([key, value]) => [key, JSON.stringify(value)]));
  vi.stubGlobal("localStorage", { getItem: (key: string) => browser.get(key) ?? null, setItem: (key: string, value: string) => browser.set(key, value) });
}

async function opened(server: Server): Promise<{ readonly preferences: Preferences; readonly applied: string[] }> {
  const applied: string[] = [];
  const preferences = new Preferences(server, (key) => applied.push(key));
  started.push(preferences);
  preferences.start(page as unknown as Window);
  await vi.advanceTimersByTimeAsync(1000);
  return { preferences, applied };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  started.splice(0).forEach((each) => each.stop());
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("preferences", () => {
  it("go on where the browser or the server holds nonsense", async () => {
    const server = new Server();
    server.values = { "Darkroom.Interface": ["a"], "Darkroom.Keys": 7, "Darkroom.Bookmarks": { constructor: 1 } };
    inBrowser({ "darkroom.unsent": { constructor: true, toString: true }, [INTERFACE]: [1] });
    await opened(server);
    keep(INTERFACE, { theme: "light" });
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.values["Darkroom.Interface"]).toEqual({ theme: "light" });
  });

  it("go to the server, and from there to the next browser", async () => {
    const server = new Server();
    inBrowser();
    const first = await opened(server);
    keep(KEYS, { "run.all": ["F5"] });
    keep(INTERFACE, { theme: "light", panel: "files" });
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.values).toEqual({ "Darkroom.Keys": { "run.all": ["F5"] }, "Darkroom.Interface": { theme: "light" } });
    first.preferences.stop();

    inBrowser({ [INTERFACE]: { theme: "dark", panel: "models" } });
    const second = await opened(server);
    expect(second.applied.sort()).toEqual([INTERFACE, KEYS].sort());
    expect(kept(KEYS)).toEqual({ "run.all": ["F5"] });
    expect(kept(INTERFACE)).toEqual({ theme: "light", panel: "models" });
  });

  it("of the first browser come along", async () => {
    const server = new Server();
    inBrowser({ [KEYS]: { "file.save": ["F2"] } });
    await opened(server);
    expect(server.values).toEqual({ "Darkroom.Keys": { "file.save": ["F2"] } });
  });

  it("that only repeat what is there are not sent again", async () => {
    const server = new Server();
    server.values = { "Darkroom.Interface": { theme: "light" } };
    inBrowser();
    await opened(server);
    const sent = vi.spyOn(server, "setSetting");
    keep(INTERFACE, { ...kept(INTERFACE), panel: "queue" });
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).not.toHaveBeenCalled();
  });

  it("changed without a server are sent when it is back, and not overwritten by it", async () => {
    const server = new Server();
    server.values = { "Darkroom.Interface": { theme: "light" } };
    inBrowser();
    const { preferences } = await opened(server);
    server.up = false;
    keep(INTERFACE, { theme: "dark" });
    await vi.advanceTimersByTimeAsync(1000);
    server.up = true;
    await preferences.pull();
    expect(server.values["Darkroom.Interface"]).toEqual({ theme: "dark" });
    expect(kept(INTERFACE)).toEqual({ theme: "dark" });
  });

  it("changed right before a reload, or without a server, are sent by the next page", async () => {
    const server = new Server();
    server.values = { "Darkroom.Interface": { theme: "light" } };
    inBrowser();
    const { preferences } = await opened(server);
    keep(INTERFACE, { theme: "dark" });
    preferences.stop();
    expect(server.values["Darkroom.Interface"]).toEqual({ theme: "light" });
    await opened(server);
    expect(server.values["Darkroom.Interface"]).toEqual({ theme: "dark" });
    expect(kept(INTERFACE)).toEqual({ theme: "dark" });
  });

  it("that are no object are not taken", async () => {
    const server = new Server();
    server.values = { "Darkroom.Keys": "rubbish", "Darkroom.Interface": [1] };
    inBrowser({ [KEYS]: { a: ["B"] } });
    const { applied } = await opened(server);
    expect(applied).toEqual([]);
    expect(kept(KEYS)).toEqual({ a: ["B"] });
  });
});
