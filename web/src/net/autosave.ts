/** Keeps what is drawn and not saved yet as a draft on the server: after every edit, one request at a time. */

import type { GraphDocument } from "../core/document";
import type { DocumentState, Json } from "../core/types";
import { ApiError } from "./errors";
import { Debounced } from "./timing";

const QUIET_MS = 500;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15000;
/** Browsers send no more than 64 KiB with a page that is closing. */
const MOST_KEEPALIVE = 60_000;

/** Where drafts go. */
export interface DraftStore {
  /** Whether somebody else's draft is under this name already. */
  taken(name: string): Promise<boolean>;
  put(name: string, workflow: Json, base: string | undefined, keepalive: boolean): Promise<void>;
  drop(name: string): Promise<void>;
  /** Keeps it where no server is needed, until a `put` comes through. */
  aside(name: string, workflow: Json, base: string | undefined): void;
}

/** What autosave asks of an open file. */
export interface Drafted {
  readonly document: GraphDocument;
  readonly name: () => string;
  /** Digest of what the file is based on. */
  readonly base: () => string | undefined;
  readonly write: () => Json;
}

const UNKNOWN: DocumentState = { graphs: new Map(), rest: {} };

export type DraftTrouble = { readonly text: string; readonly offline: boolean } | undefined;

/** Drafts of one open file. tell: trouble with keeping them, undefined when it is over. */
export class Autosave {
  readonly #file: Drafted;
  readonly #store: DraftStore;
  readonly #tab: string;
  readonly #tell: (trouble: DraftTrouble) => void;
  readonly #quiet: Debounced;
  readonly #stop: () => void;
  #kept: DocumentState;
  #draft: string | undefined;
  #sending: Promise<void> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #ended = false;

  /** tab: id of this browser tab; draft: the draft that this file was recovered from, which is ours then */
  constructor(file: Drafted, store: DraftStore, tab: string, tell: (trouble: DraftTrouble) => void, draft?: string) {
    this.#file = file;
    this.#store = store;
    this.#tab = tab;
    this.#tell = tell;
    this.#draft = draft;
    this.#kept = file.document.state;
    this.#quiet = new Debounced(QUIET_MS, () => void this.flush());
    this.#stop = file.document.changed.subscribe(() => this.#quiet.call());
  }

  /** Name under which the draft is kept; undefined while there is none. */
  get draft(): string | undefined {
    return this.#draft;
  }

  /** Whether an edit is not on the server yet. */
  get pending(): boolean {
    return this.#kept !== this.#file.document.state;
  }

  /** Sends what is not there yet, and does not wait for quiet. */
  async flush(): Promise<void> {
    this.#quiet.cancel();
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
    await this.#sending;
  }

  /** Makes a draft though nothing was edited yet. */
  async keep(): Promise<void> {
    if (!this.pending && this.#draft === undefined) this.#kept = UNKNOWN;
    await this.flush();
  }

  /** Tries again now, for example when the connection is back. */
  retryNow(): void {
    clearTimeout(this.#retry);
    if (this.pending) void this.flush();
  }

  /** The last chance, when the page is closing. */
  atExit(): void {
    if (!this.pending) return;
    // There is no time to ask whether somebody else's draft has the plain name.
    this.#draft ??= this.#ownName();
    const workflow = this.#file.write();
    this.#store.aside(this.#draft, workflow, this.#file.base());
    if (new TextEncoder().encode(JSON.stringify(workflow)).length > MOST_KEEPALIVE) return;
    void this.#store.put(this.#draft, workflow, this.#file.base(), true).catch(() => undefined);
  }

  /** Sends the whole draft again: what the server has of it is gone, or is older than it looks. */
  async resend(): Promise<void> {
    this.#kept = UNKNOWN;
    await this.flush();
  }

  /** The server moved the drafts of a renamed file. */
  async moved(from: string, to: string): Promise<void> {
    if (this.#draft !== from) return;
    this.#draft = to;
    await this.resend();
  }

  /** After a save: the draft says nothing new any more. state: what was saved */
  async saved(state: DocumentState): Promise<void> {
    await this.#sending;
    const draft = this.#draft;
    if (this.#file.document.state !== state) {
      // The draft is based on what was saved just now.
      this.#kept = UNKNOWN;
      this.#quiet.call();
      return;
    }
    this.#quiet.cancel();
    this.#kept = state;
    this.#draft = undefined;
    this.#over();
    if (draft !== undefined) await this.#store.drop(draft).catch(() => undefined);
  }

  /** The file holds again what is saved: its draft says nothing that is worth keeping. */
  async discard(): Promise<void> {
    const { state } = this.#file.document;
    await this.#sending;
    if (this.#file.document.state === state) this.#quiet.cancel();
    this.#kept = state;
    const draft = this.#draft;
    this.#draft = undefined;
    this.#over();
    if (draft !== undefined) await this.#store.drop(draft).catch(() => undefined);
  }

  /** Takes the present state as kept: it was changed by a run, or read anew, and is worth no draft. */
  settle(): void {
    this.#kept = this.#file.document.state;
  }

  stop(): void {
    this.#ended = true;
    this.#stop();
    this.#quiet.cancel();
    clearTimeout(this.#retry);
  }

  /** One request after the other, until nothing new is there or one fails. */
  async #sendAll(): Promise<void> {
    while (this.pending && !this.#ended && !this.#quiet.waiting) {
      await this.#send();
      if (this.#failures > 0) return;
    }
  }

  async #send(): Promise<void> {
    const state = this.#file.document.state;
    try {
      this.#draft ??= await this.#freeName();
      await this.#store.put(this.#draft, this.#file.write(), this.#file.base(), false);
      this.#kept = state;
      this.#over();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The file's own name, or one of this tab where another tab keeps its draft there. */
  async #freeName(): Promise<string> {
    const name = this.#file.name();
    return (await this.#store.taken(name)) ? this.#ownName() : name;
  }

  #ownName(): string {
    return `${this.#file.name()}~${this.#tab.slice(0, 8)}`;
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    const offline = !(error instanceof ApiError);
    if (this.#draft !== undefined) this.#store.aside(this.#draft, this.#file.write(), this.#file.base());
    this.#tell({ text: error instanceof Error ? error.message : String(error), offline });
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1));
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.flush(), wait);
  }

  #over(): void {
    clearTimeout(this.#retry);
    if (this.#failures > 0) this.#tell(undefined);
    this.#failures = 0;
  }
}
