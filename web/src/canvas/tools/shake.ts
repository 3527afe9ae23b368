/** Recognises a shake: the pointer turning round several times in a short while. */

const TURNS = 4;
const WITHIN_MS = 700;
const STROKE_PIXELS = 18;

export class Shake {
  readonly #turns: number[] = [];
  #extreme: number | undefined;
  #direction = 0;

  /** True at the move that completes a shake. */
  feel(x: number, time: number): boolean {
    this.#extreme ??= x;
    const away = x - this.#extreme;
    if (this.#direction === 0 || Math.sign(away) === this.#direction) {
      if (Math.abs(away) < STROKE_PIXELS && this.#direction === 0) return false;
      this.#direction = Math.sign(away);
      this.#extreme = x;
      return false;
    }
    if (Math.abs(away) < STROKE_PIXELS) return false;
    this.#direction = Math.sign(away);
    this.#extreme = x;
    this.#turns.push(time);
    while ((this.#turns[0] ?? time) < time - WITHIN_MS) this.#turns.shift();
    if (this.#turns.length < TURNS) return false;
    this.#turns.length = 0;
    return true;
  }
}
