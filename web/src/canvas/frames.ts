/** Frames on demand: none while nothing has changed. */

export class Frames {
  #frame: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = Infinity;
  /** How many frames have been drawn. */
  count = 0;
  /** Script time of the newest frames, in milliseconds, newest last. */
  readonly times: number[] = [];

  constructor(readonly draw: (now: number) => void) {}

  /** Asks for the next frame. */
  request(): void {
    this.#frame ??= requestAnimationFrame((now) => {
      this.#frame = undefined;
      this.count += 1;
      const start = performance.now();
      this.draw(now);
      this.times.push(performance.now() - start);
      if (this.times.length > 600) this.times.splice(0, 300);
    });
  }

  /** Asks for a frame in so many milliseconds; the soonest of several wins. */
  wake(delay: number): void {
    if (delay <= 0) {
      this.request();
      return;
    }
    const due = performance.now() + delay;
    if (due >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#due = Infinity;
      this.request();
    }, delay);
  }

  stop(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
  }
}
