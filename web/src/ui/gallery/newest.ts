/** Pictures that come faster than they can be decoded: only the newest is shown, and each only when it is ready. */

export type Decode = (url: string) => Promise<void>;

/** Decodes off the page's thread, as browsers do for images that are not in the page yet. */
export async function decodeImage(url: string): Promise<void> {
  const image = new Image();
  image.src = url;
  await image.decode();
}

export class NewestFrame {
  readonly #show: (url: string) => void;
  readonly #decode: Decode;
  #waiting: string | undefined;
  #busy = false;
  #stopped = false;

  constructor(show: (url: string) => void, decode: Decode = decodeImage) {
    this.#show = show;
    this.#decode = decode;
  }

  /** Takes the next picture; those that waited before it are left out. */
  offer(url: string): void {
    this.#waiting = url;
    if (!this.#busy) void this.#work();
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting = undefined;
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let url = this.#waiting; url !== undefined; url = this.#waiting) {
      this.#waiting = undefined;
      try {
        await this.#decode(url);
        if (!this.#stopped) this.#show(url);
      } catch {
        // A frame that is gone before it was decoded has a successor.
      }
    }
    this.#busy = false;
  }
}
