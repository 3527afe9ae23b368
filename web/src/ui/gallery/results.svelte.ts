/** The pictures that runs have made, page by page from the server, and what is looked for, chosen and pinned among them. */

import type { PictureRef, Services } from "../services";
import type { Picture } from "../state.svelte";
import { matches, parseQuery, sorted, type Sort } from "./query";
import { keyOf, type Result, type ResultsPage } from "./result";

const PAGE = 200;
/** The newest runs, asked for after each run. */
const NEWS = 20;

type Source = Pick<Services, "results">;

export class ResultsState {
  all = $state.raw<readonly Result[]>([]);
  /** Runs on the server, also those that are not here yet. */
  total = $state(0);
  loading = $state(false);
  problem = $state("");
  query = $state("");
  sort = $state<Sort>("newest");
  selected = $state.raw<ReadonlySet<string>>(new Set());
  /** The picture that the keyboard is at. */
  active = $state<string | undefined>(undefined);
  /** Pictures that are being removed, and can still be brought back. */
  removing = $state.raw<ReadonlySet<string>>(new Set());
  /** Pictures pinned to digits, for this visit. */
  slots = $state.raw<ReadonlyMap<number, readonly Picture[]>>(new Map());
  /** Whether the viewer stands beside the graph and follows the selection. */
  docked = $state(false);
  /** Height of the open gallery, in pixels. */
  drawer = $state(0);
  /** Pictures whose removal is being asked about, and the one that is compared with the graph. */
  asked = $state.raw<readonly Result[] | undefined>(undefined);
  compared = $state.raw<Picture | undefined>(undefined);

  readonly terms = $derived(parseQuery(this.query));
  readonly shown = $derived.by((): readonly Result[] => {
    const { terms, removing } = this;
    const wantsGone = terms.some((each) => each.field === "is" && each.value === "gone");
    const there = this.all.filter((each) => !removing.has(each.key) && (wantsGone || !each.gone));
    return sorted(terms.length ? there.filter((each) => matches(each, terms)) : there, this.sort);
  });
  readonly #byKey = $derived(new Map(this.all.map((each) => [each.key, each])));

  #next: number | undefined;
  #started = false;
  #working: Promise<void> | undefined;

  /** Whether there is more on the server. */
  get hasMore(): boolean {
    return !this.#started || this.#next !== undefined;
  }

  /** What is known of a picture. */
  find(ref: PictureRef): Result | undefined {
    return this.#byKey.get(keyOf(ref));
  }

  /** The chosen pictures, else the one that the keyboard is at. */
  get targets(): readonly Result[] {
    const chosen = this.shown.filter((each) => this.selected.has(each.key));
    if (chosen.length) return chosen;
    return this.shown.filter((each) => each.key === this.active);
  }

  /** Reads the next page. */
  async more(source: Source): Promise<void> {
    await this.#alone(() => this.#page(source));
  }

  /** Reads all pages; a search must not miss what is old. */
  async everything(source: Source): Promise<void> {
    await this.#alone(async () => {
      while (this.hasMore && this.problem === "") await this.#page(source);
    });
  }

  /** Reads what is newer than what is here. */
  async refresh(source: Source): Promise<void> {
    await this.#alone(async () => {
      if (!this.#started) return this.#page(source);
      const known = new Set(this.all.map((each) => each.job));
      const fresh: Result[] = [];
      let before: number | undefined;
      do {
        const page = await this.#ask(source, NEWS, before);
        if (!page) return;
        this.total = page.total;
        fresh.push(...page.results.filter((each) => !known.has(each.job)));
        before = page.results.some((each) => known.has(each.job)) ? undefined : page.next;
      } while (before !== undefined);
      this.#take([...fresh, ...this.all]);
    });
  }

  /** Takes pictures away that the server has no more. */
  drop(keys: ReadonlySet<string>): void {
    this.all = this.all.filter((each) => !keys.has(each.key));
    this.removing = new Set([...this.removing].filter((key) => !keys.has(key)));
  }

  toggle(key: string): void {
    const next = new Set(this.selected);
    if (!next.delete(key)) next.add(key);
    this.selected = next;
  }

  /** Chooses all pictures from one to another as they are shown. */
  choose(from: string | undefined, to: string): void {
    const keys = this.shown.map((each) => each.key);
    const [a, b] = [keys.indexOf(from ?? to), keys.indexOf(to)];
    this.selected = new Set([...this.selected, ...keys.slice(Math.max(0, Math.min(a, b)), Math.max(a, b) + 1)]);
  }

  pin(digit: number, pictures: readonly Picture[]): void {
    this.slots = new Map(this.slots).set(digit, pictures);
  }

  async #page(source: Source): Promise<void> {
    const page = await this.#ask(source, PAGE, this.#next);
    if (!page) return;
    this.#started = true;
    this.#next = page.next;
    this.total = page.total;
    this.#take([...this.all, ...page.results]);
  }

  async #ask(source: Source, limit: number, before: number | undefined): Promise<ResultsPage | undefined> {
    try {
      const page = await source.results(limit, before);
      this.problem = "";
      return page;
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }

  #take(results: readonly Result[]): void {
    const seen = new Set<string>();
    this.all = results.filter(({ key }) => !seen.has(key) && seen.add(key));
  }

  /** One question at a time, so that pages come in order. */
  async #alone(work: () => Promise<void>): Promise<void> {
    const before = this.#working;
    const mine = (async () => {
      await before;
      this.loading = true;
      await work();
    })().finally(() => {
      if (this.#working === mine) {
        this.#working = undefined;
        this.loading = false;
      }
    });
    this.#working = mine;
    return mine;
  }
}
