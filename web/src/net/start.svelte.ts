/** Gives the page its life: node types, the files of the last visit, the socket, checks and drafts. */

import { untrack } from "svelte";
import { readDefinitions } from "../core/schema";
import { printJson } from "../io/json";
import { goToNode } from "../ui/runs/actions";
import { openTemplate, openText, reasonOf, type AppState, type OpenFile } from "../ui/state.svelte";
import { t } from "../ui/texts";
import { socketUrl } from "./api";
import { watchAddress } from "./arriving";
import { aside, forgetAside, putAside } from "./aside";
import { Autosave, type DraftStore } from "./autosave";
import { checkAsYouEdit } from "./checker";
import { claimClientId, isAlive } from "./client";
import { changesMeaning, NEXT_SEED } from "./meaning";
import { KEYS, Preferences } from "./preferences";
import { watchOtherTabs } from "./presence.svelte";
import { follow } from "./runs";
import type { NetServices } from "./services";
import { keepSession, keptSession, type TabEntry } from "./session";
import { Socket } from "./socket";
import { Debounced } from "./timing";
import { words } from "./words";

const FIRST_TEMPLATE = "text_to_image";
const AUTO_RUN_MS = 400;
/** A connection that is back within this time is nobody's business. */
const CALM_MS = 800;

/** Starts everything; resolves when the first file is shown. Returns how to stop. */
export async function start(app: AppState, services: NetServices): Promise<() => void> {
  services.client = await claimClientId();
  app.definitions = readDefinitions(await services.api.objectInfo());
  const drafts = await reopen(app, services);
  const stopWatching = watch(app, services, drafts);
  const stopSocket = connect(app, services);
  void services.runs.loadHistory().catch(() => undefined);
  const preferences = new Preferences(services.api, (key) => (key === KEYS ? app.commands?.recall() : app.recall()));
  preferences.start();
  const stops = [watchOtherTabs(app, services), watchAddress(app, services), () => preferences.stop()];
  return () => {
    stopWatching();
    stopSocket();
    stops.forEach((stop) => stop());
  };
}

/** Opens what this tab had open, else what the last tab of this browser had, else the first template. */
async function reopen(app: AppState, services: NetServices): Promise<Map<OpenFile, string>> {
  const drafts = new Map<OpenFile, string>();
  const kept = keptSession();
  // Another living tab has those files; this one starts afresh and takes nothing away from it.
  if (kept && (kept.mine || !(await isAlive(kept.session.client)))) {
    // A duplicated tab shows what the first one shows, whose drafts are not its own.
    const own = !kept.mine || kept.session.client === services.client;
    for (const entry of kept.session.files) {
      const file = await reopenOne(app, services, entry, own ? drafts : undefined);
      if (file && entry.job !== undefined) services.runs.remember(file.editor, entry.job);
    }
    const active = app.files.find((file) => file.name === kept.session.active);
    if (active) app.activeKey = active.key;
  }
  if (app.files.length === 0) await openTemplate(app, FIRST_TEMPLATE);
  return drafts;
}

/** drafts: gets the name of the file's draft; undefined where that belongs to another tab */
async function reopenOne(app: AppState, services: NetServices, entry: TabEntry, drafts: Map<OpenFile, string> | undefined): Promise<OpenFile | undefined> {
  try {
    const draft = entry.draft === undefined ? undefined : ((drafts && aside(entry.draft)) ?? (await services.draft(entry.draft)));
    const saved = entry.digest === undefined ? undefined : await services.api.workflow(entry.name).catch(() => undefined);
    if (!draft && !saved) return await reopenTemplate(app, services, entry.name);
    const first = saved?.workflow ?? draft?.workflow ?? null;
    const file = openText(app, entry.name, printJson(first), saved?.digest ?? draft?.base);
    if (draft && entry.draft !== undefined) drafts?.set(file, entry.draft);
    if (!draft || !saved) return file;
    services.replace(file, draft.workflow, words.recoveryLabel);
    app.notify(draft.base === saved.digest ? words.recovered(entry.name) : words.recoveredOld(entry.name), "info");
    // A save compares with what the draft was drawn from, so that theirs is not overwritten unseen.
    file.digest = draft.base;
    return file;
  } catch (error) {
    app.notify(reasonOf(error), "warning");
    return undefined;
  }
}

async function reopenTemplate(app: AppState, services: NetServices, name: string): Promise<OpenFile | undefined> {
  const template = name.replace(/ \d+$/, "");
  const known = await services.listTemplates();
  return known.some((each) => each.name === template) ? openTemplate(app, template) : undefined;
}

/** Looks after every open file: checks, drafts, runs on change, and the memory of what is open. */
function watch(app: AppState, services: NetServices, drafts: ReadonlyMap<OpenFile, string>): () => void {
  const kept = new Map<OpenFile, () => void>();
  const digests = new WeakMap<OpenFile, string | undefined>();
  const remember = (): void => keepSession(sessionOf(app, services));
  const stopEffects = $effect.root(() => {
    $effect(() => {
      const files = app.files;
      untrack(() => {
        for (const file of files) if (!kept.has(file)) kept.set(file, care(app, services, file, drafts.get(file), remember));
        for (const [file, stop] of [...kept]) if (!files.includes(file)) kept.delete(file) && stop();
      });
    });
    $effect(() => {
      for (const file of app.files) {
        // It was deleted: what the tab shows is a draft from here on, and the server has dropped the one before.
        if (digests.get(file) !== undefined && file.digest === undefined) untrack(() => void services.autosave(file)?.resend());
        digests.set(file, file.digest);
      }
    });
    $effect(() => {
      for (const file of app.files) void [file.name, file.digest];
      void app.activeKey;
      untrack(remember);
    });
  });
  const leaving = (): void => {
    for (const file of app.files) services.autosave(file)?.atExit();
    remember();
  };
  window.addEventListener("pagehide", leaving);
  services.whenEnded.add(remember);
  return () => {
    services.whenEnded.delete(remember);
    stopEffects();
    window.removeEventListener("pagehide", leaving);
    kept.forEach((stop) => stop());
  };
}

function sessionOf(app: AppState, services: NetServices): Parameters<typeof keepSession>[0] {
  const files = app.files.map((file): TabEntry => {
    const draft = services.autosave(file)?.draft;
    const job = services.runs.lastJob(file.editor);
    return {
      name: file.name,
      ...(file.digest === undefined ? {} : { digest: file.digest }),
      ...(draft === undefined ? {} : { draft }),
      ...(job === undefined ? {} : { job }),
    };
  });
  return { client: services.client, active: app.active?.name, files };
}

/** What is done for one open file; returns how to stop. */
function care(app: AppState, services: NetServices, file: OpenFile, draft: string | undefined, remember: () => void): () => void {
  const { editor } = file;
  const check = checkAsYouEdit(editor, () => services.written(file), (workflow) => services.api.check(workflow));
  const autosave = new Autosave(
    { document: editor.document, name: () => file.name, base: () => file.digest, write: () => services.written(file) },
    draftStore(services, remember),
    services.client,
    (trouble) => {
      // Without a connection the banner says it all.
      if (trouble && !trouble.offline) app.notify(words.draftTrouble(trouble.text), "warning");
    },
    draft,
  );
  services.setAutosave(file, autosave);
  services.runs.giveBack(editor, file.name);
  if (draft !== undefined && aside(draft)) void autosave.resend();
  else void keepUnknown(services, file, autosave);
  const stopAuto = autoRun(app, services, file);
  checks.set(file, check.again);
  return () => {
    check.stop();
    stopAuto();
    checks.delete(file);
    services.runs.close(editor);
    void autosave.flush().finally(() => {
      autosave.stop();
      // The file may have been opened again meanwhile.
      if (services.autosave(file) === autosave) services.setAutosave(file, undefined);
    });
  };
}

const checks = new Map<OpenFile, () => void>();

/** A file that is neither saved nor an example, such as a dropped picture's, has its draft at once: a reload must find it. */
async function keepUnknown(services: NetServices, file: OpenFile, autosave: Autosave): Promise<void> {
  if (file.digest !== undefined || autosave.draft !== undefined) return;
  const templates = await services.listTemplates().catch(() => []);
  const name = file.name.replace(/ \d+$/, "");
  const empty = [...file.editor.document.state.graphs.values()].every((graph) => graph.nodes.size === 0);
  if (!empty && !templates.some((each) => each.name === name)) await autosave.keep();
}

function draftStore(services: NetServices, remember: () => void): DraftStore {
  return {
    taken: async (name) => (await services.draft(name)) !== undefined,
    put: async (name, workflow, base, keepalive) => {
      await services.api.putDraft(name, workflow, base, keepalive);
      forgetAside(name);
      remember();
    },
    drop: (name) => {
      forgetAside(name);
      return services.api.dropDraft(name);
    },
    aside: putAside,
  };
}

/** Runs a file a moment after each edit, while the person has asked for it. */
function autoRun(app: AppState, services: NetServices, file: OpenFile): () => void {
  const { editor } = file;
  let again = false;
  const quiet = new Debounced(AUTO_RUN_MS, () => {
    if (!app.autoRun || app.active !== file) return;
    again = services.runs.isBusy(editor);
    if (!again) services.run(file).catch((error: unknown) => app.notify(reasonOf(error), "error"));
  });
  const stop = editor.document.changed.subscribe((change) => {
    if (app.autoRun && change.label !== NEXT_SEED && changesMeaning(change)) quiet.call();
  });
  const ended = (): void => {
    if (!again || services.runs.isBusy(editor)) return;
    again = false;
    quiet.call();
  };
  services.whenEnded.add(ended);
  return () => {
    quiet.cancel();
    stop();
    services.whenEnded.delete(ended);
  };
}

/** Keeps the socket, tells of its loss, and catches up when it is back. */
function connect(app: AppState, services: NetServices): () => void {
  const socket = new Socket(socketUrl(services.client));
  const stopFollowing = follow(services.runs, socket);
  let calm: ReturnType<typeof setTimeout> | undefined;
  const wait = (): void => {
    clearTimeout(calm);
    calm = setTimeout(() => (app.connected = false), CALM_MS);
  };
  socket.connected.subscribe((open) => {
    if (!open) return wait();
    clearTimeout(calm);
    app.connected = true;
    void services.runs.catchUp();
    for (const file of app.files) services.autosave(file)?.retryNow();
    for (const again of checks.values()) again();
  });
  wait();
  const offline = (): void => socket.lost();
  const online = (): void => socket.retryNow();
  const shown = (): void => {
    if (document.visibilityState === "visible") socket.retryNow();
  };
  services.reconnect = online;
  window.addEventListener("offline", offline);
  window.addEventListener("online", online);
  document.addEventListener("visibilitychange", shown);
  socket.start();
  services.whenEnded.add((end) => {
    if (end.state !== "error" || !end.error) return;
    const { editor, failure } = end;
    const node = editor && failure?.node ? { label: t("runs.show"), run: () => goToNode(app, editor, failure.node) } : undefined;
    app.notify(end.error.split("\n")[0] ?? "", "error", node);
  });
  return () => {
    stopFollowing();
    socket.stop();
    window.removeEventListener("offline", offline);
    window.removeEventListener("online", online);
    document.removeEventListener("visibilitychange", shown);
  };
}
