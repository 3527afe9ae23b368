/** The socket to the server: opened again whenever it closes, later and later while nobody answers. */

import { Signal } from "../core/signal";
import { readMessage, readPreview, type Message, type Preview } from "./frames";

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 8000;
const FEATURES = { type: "feature_flags", data: { supports_preview_metadata: true } };

/** As much of a WebSocket as is used. */
export interface Wire {
  binaryType: BinaryType;
  onopen: (() => void) | null;
  onclose: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface Surroundings {
  open(url: string): Wire;
  later(ms: number, work: () => void): () => void;
  random(): number;
}

const BROWSER: Surroundings = {
  open: (url) => new WebSocket(url) as unknown as Wire,
  later: (ms, work) => {
    const id = setTimeout(work, ms);
    return () => clearTimeout(id);
  },
  random: Math.random,
};

/** One client's connection. `start` it once; `stop` ends it for good. */
export class Socket {
  readonly messages = new Signal<Message>();
  readonly previews = new Signal<Preview>();
  /** Whether there is a connection now; told on every change. */
  readonly connected = new Signal<boolean>();

  readonly #url: string;
  readonly #around: Surroundings;
  #wire: Wire | undefined;
  #stopWaiting: (() => void) | undefined;
  #failures = 0;
  #open = false;
  #ended = false;

  constructor(url: string, around: Surroundings = BROWSER) {
    this.#url = url;
    this.#around = around;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  start(): void {
    this.#ended = false;
    this.#connect();
  }

  stop(): void {
    this.#ended = true;
    this.#stopWaiting?.();
    this.#drop();
    this.#say(false);
  }

  /** Does not wait any longer, for example when the machine has its network back. */
  retryNow(): void {
    if (this.#ended || this.#open) return;
    this.#stopWaiting?.();
    this.#failures = 0;
    this.#drop();
    this.#connect();
  }

  /** Gives up on a connection that is known to be dead before the browser notices. */
  lost(): void {
    if (this.#ended) return;
    this.#drop();
    this.#say(false);
    this.#waitThenConnect();
  }

  #connect(): void {
    const wire = this.#around.open(this.#url);
    this.#wire = wire;
    wire.binaryType = "arraybuffer";
    wire.onopen = () => {
      this.#failures = 0;
      wire.send(JSON.stringify(FEATURES));
      this.#say(true);
    };
    wire.onmessage = (event) => this.#take(event.data);
    wire.onclose = () => {
      if (wire !== this.#wire) return;
      this.#wire = undefined;
      this.#say(false);
      if (!this.#ended) this.#waitThenConnect();
    };
  }

  #waitThenConnect(): void {
    this.#stopWaiting?.();
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures);
    this.#failures += 1;
    // Half of it by chance, so that many tabs do not come back in one moment.
    this.#stopWaiting = this.#around.later(wait * (0.5 + this.#around.random() / 2), () => this.#connect());
  }

  #drop(): void {
    const wire = this.#wire;
    this.#wire = undefined;
    if (!wire) return;
    wire.onopen = wire.onclose = wire.onmessage = null;
    wire.close();
  }

  #take(data: unknown): void {
    if (typeof data === "string") {
      const message = readMessage(data);
      if (message) this.messages.emit(message);
    } else if (data instanceof ArrayBuffer) {
      const preview = readPreview(data);
      if (preview) this.previews.emit(preview);
    }
  }

  #say(open: boolean): void {
    if (open === this.#open) return;
    this.#open = open;
    this.connected.emit(open);
  }
}
