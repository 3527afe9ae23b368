/** Other tabs of this browser: who has a file open, and who has just saved it. */

import { untrack } from "svelte";
import type { AppState, OpenFile } from "../ui/state.svelte";
import { t } from "../ui/texts";
import type { NetServices } from "./services";

const CHANNEL = "darkroom.files";

/** asks: whether somebody else has it open; has: the answer; saved: it has other content now */
interface Message {
  readonly kind: "asks" | "has" | "saved";
  readonly name: string;
  readonly from: string;
  readonly to?: string;
  readonly digest?: string;
}

/** Watches the other tabs; returns how to stop. */
export function watchOtherTabs(app: AppState, services: NetServices): () => void {
  if (!("BroadcastChannel" in globalThis)) return () => undefined;
  const channel = new BroadcastChannel(CHANNEL);
  const from = services.client;
  const known = new Map<OpenFile, { name: string; digest: string }>();
  const said = new Set<string>();
  const tell = (message: Omit<Message, "from">): void => channel.postMessage({ ...message, from });

  const noticed = (file: OpenFile, digest: string): void => {
    const before = known.get(file);
    known.set(file, { name: file.name, digest });
    if (before?.name !== file.name) tell({ kind: "asks", name: file.name });
    else if (before.digest !== digest) tell({ kind: "saved", name: file.name, digest });
  };
  channel.onmessage = (event: MessageEvent<unknown>) => {
    const message = messageOf(event.data);
    if (!message || message.from === from || (message.to !== undefined && message.to !== from)) return;
    const file = app.files.find((each) => each.name === message.name && each.digest !== undefined);
    if (!file) return;
    if (message.kind === "asks") tell({ kind: "has", name: file.name, to: message.from });
    else if (message.kind === "saved") void takeOver(app, services, file, message.digest);
    else if (!said.has(file.name)) {
      said.add(file.name);
      app.notify(t("presence.also", { name: file.name }), "info");
    }
  };
  const stopEffects = $effect.root(() => {
    $effect(() => {
      const open = app.files.flatMap((file) => (file.digest === undefined ? [] : [{ file, digest: file.digest, name: file.name }]));
      untrack(() => {
        for (const { file, digest } of open) noticed(file, digest);
        for (const file of [...known.keys()]) if (!open.some((each) => each.file === file)) known.delete(file);
      });
    });
  });
  return () => {
    stopEffects();
    channel.close();
  };
}

/** A tab without edits of its own follows the one that saved; one with edits keeps them, and is told. */
async function takeOver(app: AppState, services: NetServices, file: OpenFile, digest: string | undefined): Promise<void> {
  if (file.digest === digest) return;
  if (file.dirty) return app.notify(t("presence.savedDirty", { name: file.name }), "warning");
  try {
    await services.reload(file, t("conflict.takeLabel"));
    app.notify(t("presence.saved", { name: file.name }), "info");
  } catch {
    // The server is not there, or somebody draws just now; the next save compares anyway.
    if (file.dirty) app.notify(t("presence.savedDirty", { name: file.name }), "warning");
  }
}

function messageOf(data: unknown): Message | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const { kind, name, from, to, digest } = data as Record<string, unknown>;
  const isKind = kind === "asks" || kind === "has" || kind === "saved";
  if (!isKind || typeof name !== "string" || typeof from !== "string") return undefined;
  return { kind, name, from, ...(typeof to === "string" ? { to } : {}), ...(typeof digest === "string" ? { digest } : {}) };
}
