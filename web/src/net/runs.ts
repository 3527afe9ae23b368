/** Runs of this tab: follows them by the socket's messages, and keeps states of nodes, queue and history. */

import type { Editor } from "../core/editor";
import type { Unsubscribe } from "../core/signal";
import type { Failure, Fields, Json, NodeId } from "../core/types";
import type { HistoryItem, QueueItem } from "../ui/state.svelte";
import { agrees } from "./agreeing";
import type { Message, Preview } from "./frames";
import * as jobs from "./jobs";
import type { Job } from "./jobs";
import { LivePictures } from "./livepictures";
import { historyItem, outputsOf, promptOf, queueItem, usualSeconds, withWaits } from "./summary";
import { Debounced } from "./timing";

const HISTORY = 100;
const QUEUE_QUIET_MS = 60;
/** The queue may have been read before these ended; so many are enough to know them by. */
const ENDED_REMEMBERED = 50;
/** Before this much is done, what is left is not told from it. */
const LITTLE = 0.02;

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
  readonly failure?: Failure;
}

interface Around {
  readonly api: RunApi;
  readonly board: RunBoard;
  /** The open files. */
  readonly files: () => readonly RunFile[];
  readonly needed: (editor: Editor) => Iterable<NodeId>;
  readonly words: RunWords;
  /** Who we are to the server; undefined where every job counts as ours. */
  readonly client?: () => string;
  readonly ended?: (end: RunEnd) => void;
  /** Told of the prompt of the job whose results a file shows. */
  readonly restored?: (editor: Editor, prompt: Fields) => void;
  readonly now?: () => number;
}

/** Follows all jobs that this tab started, also those from before a reload. */
export class Runs {
  readonly #around: Around;
  readonly #board: RunBoard;
  readonly #now: () => number;
  readonly #jobs = new Map<string, Job>();
  readonly #gone = new Set<string>();
  readonly #lastOf = new WeakMap<Editor, string>();
  readonly #pictures = new LivePictures();
  readonly #refresh: Debounced;
  readonly #remembered = new WeakMap<Editor, string>();
  #entries: ReadonlyMap<string, Json> = new Map();
  #usual: ReadonlyMap<string, number> = new Map();

  constructor(around: Around) {
    this.#around = around;
    this.#board = around.board;
    this.#now = around.now ?? Date.now;
    this.#refresh = new Debounced(QUEUE_QUIET_MS, () => void this.refreshQueue());
  }

  /** A job that was just sent. */
  sent(id: string, file: string, editor: Editor, nodes: Iterable<NodeId>): void {
    const job = jobs.newJob(id, file, editor, nodes, this.#now());
    if (!this.isBusy(editor)) jobs.begin(job);
    this.#jobs.set(id, job);
    this.#lastOf.set(editor, id);
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

  /** The job that runs now; where several do, one of this tab. */
  get running(): string | undefined {
    const running = this.#board.queue.filter((item) => item.state === "running");
    return (running.find((item) => item.mine) ?? running[0])?.id;
  }

  /** Takes a message of the socket. */
  take(message: Message): void {
    const { type, data } = message;
    if (type === "status") this.#refresh.call();
    const id = data["prompt_id"];
    if (typeof id !== "string") return;
    const job = this.#jobOf(id);
    if (!job) return;
    if (type === "execution_start") this.#start(job);
    else if (type === "executing" && typeof data["node"] !== "string") void this.#end(job);
    else if (jobs.take(job, type, data, this.#now())) this.#showProgress(job);
  }

  /** Takes a picture of what a node works on. */
  preview(preview: Preview): void {
    const job = this.#jobs.get(preview.job ?? this.running ?? "");
    const node = preview.node ?? job?.running;
    if (!job || node === undefined) return;
    const url = this.#pictures.show(job.id, node, preview.picture);
    const { state, value, max, rate } = job.editor.run(node);
    const going = state === "idle" || state === "queued" ? "running" : state;
    const progress = { ...(value === undefined ? {} : { value }), ...(max === undefined ? {} : { max }), ...(rate === undefined ? {} : { rate }) };
    jobs.mark(job, node, going, { ...progress, preview: url });
  }

  /** After a lost connection or a reload: what runs, what waits, and what ended meanwhile. */
  async catchUp(): Promise<void> {
    if (!(await this.refreshQueue())) return;
    const alive = new Set(this.#board.queue.map((item) => item.id));
    for (const job of [...this.#jobs.values()]) if (!alive.has(job.id)) await this.#end(job);
  }

  /** Reads the queue anew; false where the server does not answer. */
  async refreshQueue(): Promise<boolean> {
    try {
      const { running, waiting } = await this.#around.api.queue();
      const client = this.#around.client?.();
      const items = [...running.map((each) => queueItem(each, "running", client)), ...waiting.map((each) => queueItem(each, "waiting", client))];
      const found = items.filter((item) => item !== undefined).filter((item) => !this.#gone.has(item.id));
      const before = this.#board.queue.filter((item) => !found.some((each) => each.id === item.id) && !this.#jobs.has(item.id));
      for (const item of found) this.#adopt(item);
      this.#show(found);
      this.#showPlaces();
      this.#missed(new Set(found.map((item) => item.id)));
      for (const item of before) void this.#addPast(item.id);
      return true;
    } catch {
      // The banner tells of a lost connection; the queue is read again when it is back.
      return false;
    }
  }

  /** Reads what ended before this page was opened, and gives nodes of open files their results back. */
  async loadHistory(): Promise<void> {
    const entries = Object.entries(await this.#around.api.history(HISTORY));
    this.#setHistory(entries.flatMap(([id, entry]) => historyItem(id, entry) ?? []).reverse());
    this.#entries = new Map(entries);
    for (const file of this.#around.files()) this.giveBack(file.editor, file.name);
  }

  /** The job whose results a file showed when it was last open. */
  remember(editor: Editor, job: string): void {
    this.#remembered.set(editor, job);
  }

  /** Shows the results of a file's job on its nodes, as after a reload: the one it showed last, else the newest that was asked for the same. */
  giveBack(editor: Editor, name: string): void {
    if (this.#lastOf.has(editor)) return;
    const { history } = this.#board;
    const remembered = this.#remembered.get(editor);
    const item = history.find((each) => each.id === remembered) ?? history.find((each) => each.title === name && each.state === "done" && agrees(editor, promptOf(this.#entries.get(each.id))));
    if (!item) return;
    this.#lastOf.set(editor, item.id);
    const entry = this.#entries.get(item.id);
    for (const [node, output] of outputsOf(entry)) {
      if (editor.run(node).state === "idle") editor.setRun(node, { state: "done", output, ended: item.ended });
    }
    const { failure, error } = item;
    if (failure?.node) editor.setRun(failure.node, { state: "error", error: error ?? "", failure });
    this.#around.restored?.(editor, promptOf(entry));
    void this.#explain(editor, item.id, true);
  }

  /** Takes jobs off the shown history, all of them where none is named. */
  forget(id?: string): void {
    this.#setHistory(id === undefined ? [] : this.#board.history.filter((item) => item.id !== id));
  }

  /** Follows nothing more of a file that was closed. */
  close(editor: Editor): void {
    for (const job of [...this.#jobs.values()]) if (job.editor === editor) this.#jobs.delete(job.id);
  }

  #start(job: Job): void {
    this.#lastOf.set(job.editor, job.id);
    job.finished.clear();
    job.started = this.#now();
    jobs.begin(job);
    this.#board.announcement = this.#around.words.started(job.file);
    this.#refresh.call();
  }

  async #end(job: Job): Promise<void> {
    if (!this.#jobs.delete(job.id)) return;
    this.#bury(job.id);
    jobs.end(job);
    this.#pictures.drop(job.id);
    this.#refresh.call();
    const entry = await this.#entryOf(job.id);
    const item = entry === undefined ? undefined : historyItem(job.id, entry);
    const { ended = () => undefined } = this.#around;
    if (!item) return ended({ job: job.id, editor: job.editor, state: "cancelled", error: undefined });
    this.#setHistory([item, ...this.#board.history.filter((each) => each.id !== item.id)]);
    const { failure, error } = item;
    for (const [node, output] of outputsOf(entry)) if (!job.editor.run(node).output) jobs.executed(job, node, output, this.#now());
    if (failure?.node && job.editor.run(failure.node).state !== "error") jobs.mark(job, failure.node, "error", { error: error ?? "", failure });
    await this.#explain(job.editor, job.id, false);
    this.#board.announcement = this.#said(job, item);
    ended({ job: job.id, editor: job.editor, state: item.state, error, ...(failure ? { failure } : {}) });
  }

  /** A job of another window that left the queue. */
  async #addPast(id: string): Promise<void> {
    const entry = await this.#entryOf(id);
    const item = entry === undefined ? undefined : historyItem(id, entry);
    if (item) this.#setHistory([item, ...this.#board.history.filter((each) => each.id !== id)]);
  }

  #bury(id: string): void {
    this.#gone.add(id);
    for (const oldest of this.#gone) if (this.#gone.size > ENDED_REMEMBERED) this.#gone.delete(oldest);
    this.#show(this.#board.queue.filter((item) => item.id !== id));
  }

  #said(job: Job, item: HistoryItem): string {
    const { words } = this.#around;
    if (item.state === "done") return words.finished(job.file);
    return item.state === "error" ? words.failed(job.file, item.error ?? "") : words.stopped(job.file);
  }

  async #entryOf(id: string): Promise<Json | undefined> {
    try {
      return await this.#around.api.historyOf(id);
    } catch {
      return undefined;
    }
  }

  /** afresh: states are told too, as nobody saw the job run. */
  async #explain(editor: Editor, id: string, afresh: boolean): Promise<void> {
    try {
      const { steps } = await this.#around.api.explain(id);
      if (this.#lastOf.get(editor) !== id) return;
      if (afresh) jobs.restore(editor, steps);
      jobs.explained(editor, steps);
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
    const files = this.#around.files();
    const file = files.find((each) => this.#remembered.get(each.editor) === item.id) ?? (item.mine ? files.find((each) => each.name === item.title) : undefined);
    if (!file) return undefined;
    const job = jobs.newJob(item.id, file.name, file.editor, this.#around.needed(file.editor), this.#now());
    this.#jobs.set(item.id, job);
    this.#lastOf.set(file.editor, item.id);
    return job;
  }

  /** Jobs that the queue has shown and shows no more have ended, although nobody said so here. */
  #missed(there: ReadonlySet<string>): void {
    for (const job of [...this.#jobs.values()]) {
      if (there.has(job.id)) job.seen = true;
      else if (job.seen) void this.#end(job);
    }
  }

  /** Says on the nodes of each file how many runs come before the next of its own. */
  #showPlaces(): void {
    const told = new Set<Editor>();
    for (const [place, item] of this.#board.queue.entries()) {
      const job = this.#jobs.get(item.id);
      if (!job || told.has(job.editor)) continue;
      told.add(job.editor);
      if (item.state === "waiting") jobs.begin(job, place);
    }
  }

  #showProgress(job: Job): void {
    if (this.#board.queue.some((item) => item.id === job.id && item.state === "running")) this.#show(this.#board.queue);
  }

  #show(queue: readonly QueueItem[]): void {
    this.#board.queue = withWaits(queue.map((item) => this.#withProgress(item)), this.#usual);
  }

  #setHistory(history: readonly HistoryItem[]): void {
    this.#board.history = history;
    this.#usual = usualSeconds(history);
  }

  #withProgress(item: QueueItem): QueueItem {
    const job = this.#jobs.get(item.id);
    const { id, title, mine, state } = item;
    if (!job || state !== "running") return { id, title, mine, state };
    const progress = jobs.fractionOf(job);
    const passed = (this.#now() - job.started) / 1000;
    const usual = this.#usual.get(title);
    const left = progress > LITTLE ? (passed / progress) * (1 - progress) : usual === undefined || usual < passed ? undefined : usual - passed;
    return { id, title, mine, state, progress, ...(left === undefined ? {} : { secondsLeft: left }), ...(job.running === undefined ? {} : { node: job.running }) };
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
