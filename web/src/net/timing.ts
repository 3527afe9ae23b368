/** Waiting for quiet. */

/** Runs `work` once, `ms` after the last call. */
export class Debounced {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly ms: number,
    readonly work: () => void,
  ) {}

  call(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.work();
    }, this.ms);
  }

  get waiting(): boolean {
    return this.#timer !== undefined;
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
