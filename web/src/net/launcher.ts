/** Starts runs: what is sent, what the server says of it, and the seeds that move on. */

import { isFields } from "../core/entries";
import type { Editor } from "../core/editor";
import type { Fields, Json, NodeId, Problem } from "../core/types";
import type { RunOptions } from "../ui/services";
import type { AppState, OpenFile } from "../ui/state.svelte";
import { t } from "../ui/texts";
import type { Api } from "./api";
import type { Autosave } from "./autosave";
import { freshId } from "./client";
import { ApiError } from "./errors";
import { NEXT_SEED } from "./meaning";
import { goalsAt, neededNodes, outputsAfter } from "./needed";
import type { Runs } from "./runs";
import { advanceSeeds, seedsOf, usedSeeds, type SeedPlace } from "./seeds";
import { titleOf } from "./summary";
import { words } from "./words";

interface Around {
  readonly app: AppState;
  readonly api: Api;
  readonly runs: Runs;
  readonly client: () => string;
  readonly written: (file: OpenFile) => Json;
  readonly autosave: (file: OpenFile) => Autosave | undefined;
}

export class Launcher {
  readonly #around: Around;
  /** What the newest run of a file was to compute; undefined means all. */
  readonly #goals = new WeakMap<Editor, readonly NodeId[] | undefined>();

  constructor(around: Around) {
    this.#around = around;
  }

  async run(file: OpenFile, options: RunOptions): Promise<void> {
    for (let left = Math.max(1, options.count ?? 1); left > 0; left--) await this.#once(file, goalsOf(file.editor, options), options.front ?? false);
  }

  /** Runs what ran last once more: what came before a failure is kept, and not computed again. */
  async again(file: OpenFile): Promise<void> {
    await this.#once(file, this.#goals.get(file.editor), false);
  }

  async #once(file: OpenFile, goals: readonly NodeId[] | undefined, front: boolean): Promise<void> {
    const { editor } = file;
    const { state } = editor.document;
    const { api, runs, client, written } = this.#around;
    const seeds = seedsOf(state, editor.definitions);
    const id = freshId();
    this.#goals.set(editor, goals);
    runs.sent(id, file.name, editor, neededNodes(state, editor.definitions, goals));
    try {
      const wrong = await api.submit({ workflow: written(file), client: client(), id, file: file.name, front, ...(goals ? { goals } : {}) });
      if (Object.keys(wrong).length) editor.setProblems(problemsOfNodes(wrong));
    } catch (error) {
      runs.refused(id);
      throw refusal(editor, error);
    }
    this.#moveSeedsOn(file, seeds);
  }

  /** Notes the seeds that were used, and draws the next ones. A run makes no file dirty. */
  #moveSeedsOn(file: OpenFile, seeds: readonly SeedPlace[]): void {
    for (const seed of seeds) this.#around.app.noteSeed(file, seed.node, seed.widget.name, String(seed.value));
    const { document } = file.editor;
    const { dirty } = document;
    const autosave = this.#around.autosave(file);
    const pending = autosave?.pending ?? true;
    document.transact(NEXT_SEED, (change) => void advanceSeeds(change, seeds));
    if (!dirty) document.markSaved();
    if (!dirty && !pending) autosave?.settle();
    file.refresh();
  }

  /** Notes the seeds in the prompt of an earlier run, which a file shows again. */
  noteSeeds(editor: Editor, prompt: Fields): void {
    const { app } = this.#around;
    const file = app.files.find((each) => each.editor === editor);
    if (!file) return;
    for (const { place, used } of usedSeeds(seedsOf(editor.document.state, editor.definitions), prompt)) app.noteSeed(file, place.node, place.widget.name, used);
  }

  /** Queues an ended job once more, as it was. */
  async retry(job: string): Promise<void> {
    const { app, api, runs, client } = this.#around;
    const found = await api.job(job);
    const sent = isFields(found["workflow"]) ? found["workflow"] : {};
    const { prompt, extra_data: extra } = sent;
    if (!isFields(prompt)) throw new Error(t("runs.gone"));
    const title = titleOf(extra);
    const file = app.files.find((each) => each.name === title);
    const id = freshId();
    if (file) runs.sent(id, file.name, file.editor, Object.keys(prompt));
    try {
      await api.resubmit({ prompt, extra: isFields(extra) ? extra : {}, client: client(), id });
    } catch (error) {
      runs.refused(id);
      throw error;
    }
    await runs.refreshQueue();
  }

  /** Stops what runs, ours first; without anything that runs, takes the next of ours out of the queue. all: the whole queue */
  async cancel(all: boolean): Promise<void> {
    const { app, api, runs } = this.#around;
    if (all) await api.dequeue();
    const { running } = runs;
    const waiting = app.queue.find((item) => item.state === "waiting" && item.mine);
    const ours = app.queue.some((item) => item.id === running && item.mine);
    if (running !== undefined && (ours || all || !waiting)) await api.interrupt(running);
    else if (waiting && !all) await api.dequeue([waiting.id]);
    await runs.refreshQueue();
  }

  /** Takes a job out of the queue, or stops it where it runs. */
  async remove(job: string): Promise<void> {
    const { app, api, runs } = this.#around;
    if (app.queue.some((item) => item.id === job && item.state === "running")) await api.interrupt(job);
    else await api.dequeue([job]);
    await runs.refreshQueue();
  }

  /** Puts a waiting job before another, or at the end. */
  async move(job: string, before: string | undefined): Promise<void> {
    const { api, runs } = this.#around;
    try {
      await api.moveInQueue(job, before);
    } finally {
      await runs.refreshQueue();
    }
  }
}

/** What to compute, by run ids; undefined for everything. Throws where these nodes give nothing. */
function goalsOf(editor: Editor, { to, targets }: RunOptions): readonly NodeId[] | undefined {
  const { document, definitions, path } = editor;
  if (to === undefined && targets === undefined) return undefined;
  const found = new Set([...(to ? goalsAt(document.state, path, to) : []), ...(targets ? outputsAfter(document.state, definitions, path, targets) : [])]);
  if (found.size === 0) throw new Error(t(to === undefined ? "net.noTarget" : "runs.nothingThere"));
  return [...found];
}

/** The errors by node that POST /prompt answers. */
export function problemsOfNodes(nodes: Fields): Problem[] {
  return Object.entries(nodes).flatMap(([node, entry]) => {
    const errors = isFields(entry) && Array.isArray(entry["errors"]) ? entry["errors"] : [];
    return errors.flatMap((error): Problem[] => {
      if (!isFields(error)) return [];
      const extra = isFields(error["extra_info"]) ? error["extra_info"] : {};
      const input = extra["input_name"];
      const said = error["text"] ?? error["message"];
      return [
        {
          node,
          input: typeof input === "string" ? input : null,
          text: typeof said === "string" ? said : "",
          remedy: typeof error["remedy"] === "string" ? error["remedy"] : "",
          warning: false,
          type: typeof error["type"] === "string" ? error["type"] : "",
        },
      ];
    });
  });
}

/** Marks what the server found wrong, and gives the error to show. */
function refusal(editor: Editor, error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  const nodes = error.body["node_errors"];
  const problems = [...problemsOfNodes(isFields(nodes) ? nodes : {}), ...problemOfWhole(error.body["error"])];
  if (problems.length === 0) return error;
  editor.setProblems(problems);
  return new Error(problems.length === 1 ? (problems[0]?.text ?? words.wrongInputs) : words.wrongInputs);
}

/** An error for which nothing runs may name its node as well. */
function problemOfWhole(error: Json | undefined): Problem[] {
  const extra = isFields(error) && isFields(error["extra_info"]) ? error["extra_info"] : {};
  const { node_id: node, text, remedy } = extra;
  if (typeof node !== "string" || typeof text !== "string") return [];
  return [{ node, input: null, text, remedy: typeof remedy === "string" ? remedy : "", warning: false, type: "invalid_prompt" }];
}
