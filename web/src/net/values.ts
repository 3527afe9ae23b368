/** What flowed over the wires of runs, asked for once. */

import type { NodeId } from "../core/types";
import type { ValueFacts } from "./api";

const MOST = 300;

type Load = (job: string, node: NodeId, output: number) => Promise<ValueFacts | undefined>;

export class ValueCache {
  readonly #load: Load;
  readonly #known = new Map<string, Promise<ValueFacts | undefined>>();

  /** load: asks the server; undefined where a value is not there, or not yet */
  constructor(load: Load) {
    this.#load = load;
  }

  /** The facts of a value; what is not there is asked for again the next time, as a run may still make it. */
  get(job: string, node: NodeId, output: number): Promise<ValueFacts | undefined> {
    const key = `${job}/${node}/${output}`;
    const known = this.#known.get(key);
    if (known) return known;
    const asked = this.#load(job, node, output);
    this.#known.set(key, asked);
    const drop = (): void => {
      if (this.#known.get(key) === asked) this.#known.delete(key);
    };
    asked.then((facts) => facts ?? drop(), drop);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST) break;
      this.#known.delete(oldest);
    }
    return asked;
  }
}
