/** Runs of this tab: sends them, and turns the socket's messages into states of nodes, queue and history. */

import type { Editor } from "../core/editor";
import type { Unsubscribe } from "../core/signal";
import type { Fields, Json, NodeId } from "../core/types";
import type { HistoryItem, QueueItem } from "../ui/state.svelte";
import type { Message, Preview } from "./frames";
import * as jobs from "./jobs";
import type { Job } from "./jobs";
import { historyItem, outputsOf, queueItem } from "./summary";
import { Debounced } from "./timing";

const HISTORY = 100;
const QUEUE_QUIET_MS = 60;
/** A picture stays this long after the next one came, for whoever still loads it. */
const PICTURE_MS = 1000;

/** What runs need of the server. */
export interface RunApi {
  queue(): Promise<{ readonly running: readonly Json[]; readonly waiting: readonly Json[] }>;
  history(most: number): Promise<Fields>;
  historyOf(id: string): Promise<Json | undefined>;
  explain(id: string): Promise<Fields>;
}

/** Where runs are shown. `AppState` is one. */
export interface RunBoard {
  queue: readonly QueueItem[];
  history: readonly HistoryItem[];
  announcement: string;
}

export interface RunWords {
  started(file: string): string;
  finished(file: string): string;
  failed(file: string, reason: string): string;
  stopped(file: string): string;
}

export interface RunFile {
  readonly editor: Editor;
  readonly name: string;
}

/** Who hears that a job ended. */
export interface RunEnd {
  readonly job: string;
  readonly editor: Editor | undefined;
  readonly state: HistoryItem["state"];
  readonly error: string | undefined;
}

/** Follows all jobs that this tab started, also those from before a reload. */
export class Runs {
  readonly #api: RunApi;
  readonly #board: RunBoard;
  readonly #files: () => readonly RunFile[];
  readonly #needed: (editor: Editor) => Iterable<NodeId>;
  readonly #words: RunWords;
  readonly #ended: (end: RunEnd) => void;
  readonly #now: () => number;
  readonly #jobs = new Map<string, Job>();
  readonly #lastOf = new WeakMap<Editor, string>();
  readonly #pictures = new Map<string, string>();
  readonly #refresh: Debounced;
  readonly #remembered = new WeakMap<Editor, string>();
  #entries: ReadonlyMap<string, Json> = new Map();
  #running: string | undefined;

  constructor(around: {
    readonly api: RunApi;
    readonly board: RunBoard;
    /** The open files. */
    readonly files: () => readonly RunFile[];
    readonly needed: (editor: Editor) => Iterable<NodeId>;
    readonly words: RunWords;
    readonly ended?: (end: RunEnd) => void;
    readonly now?: () => number;
  }) {
    this.#api = around.api;
    this.#board = around.board;
    this.#files = around.files;
    this.#needed = around.needed;
    this.#words = around.words;
    this.#ended = around.ended ?? (() => undefined);
    this.#now = around.now ?? Date.now;
    this.#refresh = new Debounced(QUEUE_QUIET_MS, () => void this.refreshQueue());
  }

  /** A job that was just sent. */
  sent(id: string, file: string, editor: Editor, nodes: Iterable<NodeId>): void {
    this.#jobs.set(id, jobs.newJob(id, file, editor, nodes, this.#now()));
    this.#lastOf.set(editor, id);
    const job = this.#jobs.get(id);
    if (job && ![...this.#jobs.values()].some((each) => each !== job && each.editor === editor)) jobs.begin(job);
    this.#refresh.call();
  }

  /** A job that the server did not take after all. */
  refused(id: string): void {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    if (job) jobs.end(job);
  }

  /** Whether this file has a job that waits or runs. */
  isBusy(editor: Editor): boolean {
    return [...this.#jobs.values()].some((job) => job.editor === editor);
  }

  /** The job whose values the nodes of a file have. */
  lastJob(editor: Editor): string | undefined {
    return this.#lastOf.get(editor);
  }

  /** The job that runs now. */
  get running(): string | undefined {
    return this.#running;
  }

  /** Takes a message of the socket. */
  take(message: Message): void {
    const { type, data } = message;
    if (type === "status") this.#refresh.call();
    const id = data["prompt_id"];
    if (typeof id !== "string") return;
    const job = this.#jobOf(id);
    if (!job) return;
    switch (type) {
      case "execution_start":
        return this.#start(job);
      case "execution_cached":
        jobs.cached(job, data["nodes"]);
        break;
      case "progress_state":
        jobs.progressState(job, data["nodes"]);
        break;
      case "progress":
        if (typeof data["node"] === "string") jobs.progress(job, data["node"], data["value"], data["max"]);
        break;
      case "executing":
        if (typeof data["node"] !== "string") return void this.#end(job);
        jobs.executing(job, shown(data));
        break;
      case "executed":
        jobs.executed(job, shown(data), data["output"]);
        break;
      case "execution_error":
        jobs.failed(job, data);
        break;
      default:
        return;
    }
    this.#showProgress(job);
  }

  /** Takes a picture of what a node works on. */
  preview(preview: Preview): void {
    const job = this.#jobs.get(preview.job ?? this.#running ?? "");
    const node = preview.node ?? job?.running;
    if (!job || node === undefined) return;
    const url = URL.createObjectURL(preview.picture);
    this.#replacePicture(`/${job.id}/${node}`, url);
    const run = job.editor.run(node);
    job.editor.setRun(node, { ...run, state: run.state === "idle" || run.state === "queued" ? "running" : run.state, preview: url });
  }

  /** After a lost connection or a reload: what runs, what waits, and what ended meanwhile. */
  async catchUp(): Promise<void> {
    await this.refreshQueue();
    const alive = new Set(this.#board.queue.map((item) => item.id));
    for (const job of [...this.#jobs.values()]) if (!alive.has(job.id)) await this.#end(job);
  }

  /** Reads the queue anew. */
  async refreshQueue(): Promise<void> {
    try {
      const { running, waiting } = await this.#api.queue();
      const items = [...running.map((each) => queueItem(each, "running")), ...waiting.map((each) => queueItem(each, "waiting"))];
      const found = items.filter((item) => item !== undefined);
      this.#running = found.find((item) => item.state === "running")?.id;
      this.#board.queue = found.map((item) => this.#withProgress(item));
      for (const item of found) this.#adopt(item);
    } catch {
      // The banner tells of a lost connection; the queue is read again when it is back.
    }
  }

  /** Reads what ended before this page was opened, and gives nodes of open files their results back. */
  async loadHistory(): Promise<void> {
    const entries = Object.entries(await this.#api.history(HISTORY));
    this.#board.history = entries.flatMap(([id, entry]) => historyItem(id, entry) ?? []).reverse();
    this.#entries = new Map(entries);
    for (const file of this.#files()) this.giveBack(file.editor, file.name);
  }

  /** The job whose results a file showed when it was last open. */
  remember(editor: Editor, job: string): void {
    this.#remembered.set(editor, job);
  }

  /** Shows the results of a file's newest job on its nodes, as after a reload. */
  giveBack(editor: Editor, name: string): void {
    if (this.#lastOf.has(editor)) return;
    const { history } = this.#board;
    const remembered = this.#remembered.get(editor);
    const item = history.find((each) => each.id === remembered) ?? history.find((each) => each.title === name && each.state === "done");
    if (!item) return;
    this.#lastOf.set(editor, item.id);
    for (const [node, output] of outputsOf(this.#entries.get(item.id))) {
      if (editor.run(node).state === "idle") editor.setRun(node, { state: "done", output });
    }
    void this.#explain(editor, item.id);
  }

  /** Takes a job off the shown history. */
  forget(id: string): void {
    this.#board.history = this.#board.history.filter((item) => item.id !== id);
  }

  /** Follows nothing more of a file that was closed. */
  close(editor: Editor): void {
    for (const job of [...this.#jobs.values()]) if (job.editor === editor) this.#jobs.delete(job.id);
  }

  #start(job: Job): void {
    this.#running = job.id;
    this.#lastOf.set(job.editor, job.id);
    job.finished.clear();
    job.started = this.#now();
    jobs.begin(job);
    this.#board.announcement = this.#words.started(job.file);
    this.#refresh.call();
  }

  async #end(job: Job): Promise<void> {
    if (!this.#jobs.delete(job.id)) return;
    if (this.#running === job.id) this.#running = undefined;
    jobs.end(job);
    this.#dropPictures(job);
    this.#refresh.call();
    const entry = await this.#entryOf(job.id);
    const item = entry === undefined ? undefined : historyItem(job.id, entry);
    if (!item) return this.#ended({ job: job.id, editor: job.editor, state: "cancelled", error: undefined });
    this.#board.history = [item, ...this.#board.history.filter((each) => each.id !== item.id)];
    for (const [node, output] of outputsOf(entry)) if (!job.editor.run(node).output) jobs.executed(job, node, output);
    await this.#explain(job.editor, job.id);
    this.#board.announcement = this.#said(job, item);
    this.#ended({ job: job.id, editor: job.editor, state: item.state, error: item.error });
  }

  #said(job: Job, item: HistoryItem): string {
    if (item.state === "done") return this.#words.finished(job.file);
    return item.state === "error" ? this.#words.failed(job.file, item.error ?? "") : this.#words.stopped(job.file);
  }

  async #entryOf(id: string): Promise<Json | undefined> {
    try {
      return await this.#api.historyOf(id);
    } catch {
      return undefined;
    }
  }

  async #explain(editor: Editor, id: string): Promise<void> {
    try {
      jobs.explained(editor, (await this.#api.explain(id))["steps"]);
    } catch {
      // Reasons are a comfort: without them the run is as good.
    }
  }

  /** The job, taken up where it is from before a reload. */
  #jobOf(id: string): Job | undefined {
    const item = this.#board.queue.find((each) => each.id === id);
    return this.#jobs.get(id) ?? (item ? this.#adopt(item) : undefined);
  }

  #adopt(item: QueueItem): Job | undefined {
    const known = this.#jobs.get(item.id);
    if (known) return known;
    const files = this.#files();
    const file = files.find((each) => this.#remembered.get(each.editor) === item.id) ?? files.find((each) => each.name === item.title);
    if (!file) return undefined;
    const job = jobs.newJob(item.id, file.name, file.editor, this.#needed(file.editor), this.#now());
    this.#jobs.set(item.id, job);
    this.#lastOf.set(file.editor, item.id);
    return job;
  }

  #showProgress(job: Job): void {
    const changed = this.#board.queue.map((item) => (item.id === job.id ? this.#withProgress(item) : item));
    if (changed.some((item, index) => item !== this.#board.queue[index])) this.#board.queue = changed;
  }

  #withProgress(item: QueueItem): QueueItem {
    const job = this.#jobs.get(item.id);
    if (!job || item.state !== "running") return item;
    const progress = jobs.fractionOf(job);
    const passed = (this.#now() - job.started) / 1000;
    const left = progress > 0.1 ? { secondsLeft: (passed / progress) * (1 - progress) } : {};
    return { ...item, progress, ...left, ...(job.running === undefined ? {} : { node: job.running }) };
  }

  #replacePicture(key: string, url: string): void {
    const old = this.#pictures.get(key);
    this.#pictures.set(key, url);
    if (old !== undefined) setTimeout(() => URL.revokeObjectURL(old), PICTURE_MS);
  }

  #dropPictures(job: Job): void {
    for (const [key, url] of [...this.#pictures]) {
      if (!key.includes(`/${job.id}/`)) continue;
      this.#pictures.delete(key);
      setTimeout(() => URL.revokeObjectURL(url), PICTURE_MS);
    }
  }
}

/** Joins runs to a socket; returns how to stop. */
export function follow(
  runs: Runs,
  socket: { readonly messages: { subscribe(f: (m: Message) => void): Unsubscribe }; readonly previews: { subscribe(f: (p: Preview) => void): Unsubscribe } },
): Unsubscribe {
  const stops = [socket.messages.subscribe((message) => runs.take(message)), socket.previews.subscribe((preview) => runs.preview(preview))];
  return () => stops.forEach((stop) => stop());
}

function shown(data: Fields): NodeId {
  const display = data["display_node"];
  return typeof display === "string" ? display : String(data["node"]);
}

