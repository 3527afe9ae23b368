/** The network behind one face: what panels, buttons and commands ask of the server. */

import { isFields } from "../core/entries";
import type { Editor } from "../core/editor";
import type { DocumentState, Fields, Json, NodeId, Problem } from "../core/types";
import { printJson } from "../io/json";
import { readWorkflow } from "../io/read";
import { writeWorkflow } from "../io/write";
import type { ModelEntry, PictureRef, Services, TemplateEntry, WorkflowEntry } from "../ui/services";
import type { AppState, OpenFile } from "../ui/state.svelte";
import { Api, pictureUrl, valuePictureUrl, type Draft, type ValueFacts, type Version } from "./api";
import type { Autosave } from "./autosave";
import { freshId } from "./client";
import { conflictDialog } from "./conflict";
import { ApiError } from "./errors";
import { NEXT_SEED } from "./meaning";
import { flatTargets, neededNodes, targetsFor } from "./needed";
import { workflowOfPrompt } from "./prompts";
import { Runs, type RunEnd } from "./runs";
import { advanceSeeds, seedsOf, type SeedPlace } from "./seeds";
import { words } from "./words";

/** The services of one page. `start` in start.svelte.ts gives it life. */
export class NetServices implements Services {
  readonly api: Api;
  readonly runs: Runs;
  client = freshId();
  /** Told when a job of this tab ended. */
  readonly whenEnded = new Set<(end: RunEnd) => void>();
  readonly #app: AppState;
  readonly #autosaves = new Map<OpenFile, Autosave>();

  constructor(app: AppState, api: Api = new Api()) {
    this.#app = app;
    this.api = api;
    this.runs = new Runs({
      api,
      board: app,
      files: () => app.files,
      needed: (editor) => neededNodes(editor.document.state, editor.definitions),
      words,
      ended: (end) => this.whenEnded.forEach((told) => told(end)),
    });
  }

  /** The draft keeper of an open file, where it has one. */
  autosave(file: OpenFile): Autosave | undefined {
    return this.#autosaves.get(file);
  }

  setAutosave(file: OpenFile, autosave: Autosave | undefined): void {
    if (autosave) this.#autosaves.set(file, autosave);
    else this.#autosaves.delete(file);
  }

  /** The file's drawing as it is sent. */
  written(file: OpenFile): Json {
    return writeWorkflow(file.editor.document.state, file.editor.definitions);
  }

  objectInfo(): Promise<Fields> {
    return this.api.objectInfo();
  }

  listWorkflows(): Promise<readonly WorkflowEntry[]> {
    return this.api.workflows();
  }

  listTemplates(): Promise<readonly TemplateEntry[]> {
    return this.api.templates();
  }

  async readWorkflow(name: string): Promise<{ readonly text: string; readonly digest: string }> {
    const { workflow, digest } = await this.api.workflow(name);
    return { text: printJson(workflow), digest };
  }

  async readTemplate(name: string): Promise<string> {
    return printJson(await this.api.template(name));
  }

  /** Saves under the file's name or another. Throws where nothing was saved, also on a conflict that stays. */
  async save(file: OpenFile, name: string = file.name): Promise<void> {
    const expected = name === file.name ? (file.digest ?? null) : null;
    await this.#saveAs(file, name, expected);
  }

  async #saveAs(file: OpenFile, name: string, expected: string | null | undefined): Promise<void> {
    const { document } = file.editor;
    const state = document.state;
    const autosave = this.#autosaves.get(file);
    try {
      const saved = await this.api.save(name, this.written(file), expected);
      file.name = name;
      file.digest = saved.digest;
      if (document.state === state) document.markSaved();
      file.refresh();
      await autosave?.saved(state);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409 || !("current" in error.body)) throw error;
      await this.#resolve(file, name, isFields(error.body["current"]));
    }
  }

  /** Somebody else saved in between: asks what to do, and does it. */
  async #resolve(file: OpenFile, name: string, exists: boolean): Promise<void> {
    const said = exists ? words.saveConflict(name) : words.saveGone(name);
    const dialog = conflictDialog();
    if (!dialog) {
      this.#app.notify(said, "warning", { label: words.overwrite, run: () => void this.overwrite(file, name) });
      throw new Error(words.notSaved);
    }
    switch (await dialog({ name, exists })) {
      case "overwrite":
        return this.#saveAs(file, name, undefined);
      case "copy":
        return this.#saveAs(file, words.copyName(name), null);
      case "reload":
        return this.reload(file);
      default:
        throw new Error(words.notSaved);
    }
  }

  /** Saves whatever is there; what was there stays as a version. */
  async overwrite(file: OpenFile, name: string = file.name): Promise<void> {
    try {
      await this.#saveAs(file, name, undefined);
    } catch (error) {
      this.#app.notify(error instanceof Error ? error.message : String(error), "error");
    }
  }

  /** Takes the saved content; what was drawn is one undo away. */
  async reload(file: OpenFile): Promise<void> {
    const { workflow, digest } = await this.api.workflow(file.name);
    this.replace(file, workflow, words.recoveryLabel);
    file.digest = digest;
    file.editor.document.markSaved();
    file.refresh();
    await this.#autosaves.get(file)?.saved(file.editor.document.state);
  }

  /** Puts another workflow in the place of a file's, as one edit. */
  replace(file: OpenFile, workflow: Json, label: string): void {
    const state = readState(workflow, file.editor);
    const { document } = file.editor;
    document.transact(label, (t) => {
      for (const id of new Set([...document.state.graphs.keys(), ...state.graphs.keys()])) t.putGraph(id, state.graphs.get(id));
      t.putRest(undefined, state.rest);
    });
  }

  async run(file: OpenFile, options: { readonly targets?: readonly NodeId[]; readonly count?: number; readonly front?: boolean } = {}): Promise<void> {
    for (let count = Math.max(1, options.count ?? 1); count > 0; count--) await this.#runOnce(file, options.targets, options.front ?? false);
  }

  async #runOnce(file: OpenFile, asked: readonly NodeId[] | undefined, front: boolean): Promise<void> {
    const { editor } = file;
    const { state } = editor.document;
    const outputs = asked && targetsFor(state, editor.definitions, editor.graph, asked);
    if (outputs?.length === 0) throw new Error(words.noTarget);
    const seeds = seedsOf(state, editor.definitions);
    const id = freshId();
    this.runs.sent(id, file.name, editor, neededNodes(state, editor.definitions, outputs));
    try {
      const targets = outputs && flatTargets(state, editor.definitions, outputs);
      const wrong = await this.api.submit({ workflow: this.written(file), client: this.client, id, file: file.name, front, ...(targets ? { targets } : {}) });
      if (Object.keys(wrong).length) editor.setProblems(problemsOfNodes(wrong));
    } catch (error) {
      this.runs.refused(id);
      throw refusal(editor, error);
    }
    this.#moveSeedsOn(file, seeds);
  }

  /** Notes the seeds that were used, and draws the next ones. A run makes no file dirty. */
  #moveSeedsOn(file: OpenFile, seeds: readonly SeedPlace[]): void {
    for (const seed of seeds) this.#app.noteSeed(file, seed.node, seed.widget.name, String(seed.value));
    const { document } = file.editor;
    const { dirty } = document;
    const autosave = this.#autosaves.get(file);
    const pending = autosave?.pending ?? true;
    document.transact(NEXT_SEED, (t) => void advanceSeeds(t, seeds));
    if (!dirty) document.markSaved();
    if (!dirty && !pending) autosave?.settle();
    file.refresh();
  }

  async cancel(all = false): Promise<void> {
    if (all) await this.api.dequeue();
    if (this.runs.running !== undefined) await this.api.interrupt(this.runs.running);
    else if (!all) await this.api.dequeue(this.#app.queue.slice(0, 1).map((item) => item.id));
    await this.runs.refreshQueue();
  }

  async removeFromQueue(promptId: string): Promise<void> {
    if (promptId === this.runs.running) await this.api.interrupt(promptId);
    else await this.api.dequeue([promptId]);
    await this.runs.catchUp();
  }

  async deleteHistory(promptId: string): Promise<void> {
    await this.api.forget(promptId);
    this.runs.forget(promptId);
  }

  async jobWorkflow(promptId: string): Promise<Json | undefined> {
    const job = (await this.api.job(promptId))["workflow"];
    if (!isFields(job)) return undefined;
    const extra = isFields(job["extra_data"]) ? job["extra_data"] : {};
    const info = isFields(extra["extra_pnginfo"]) ? extra["extra_pnginfo"] : {};
    return info["workflow"] ?? workflowOfPrompt(job["prompt"] ?? {}, this.#app.definitions);
  }

  upload(file: File): Promise<string> {
    return this.api.upload(file);
  }

  pictureUrl(ref: PictureRef, size: "thumbnail" | "full" = "full"): string {
    return pictureUrl(ref, size);
  }

  async workflowInside(file: File): Promise<string> {
    const { kind, document } = await this.api.inside(file);
    return printJson(kind === "prompt" ? workflowOfPrompt(document, this.#app.definitions) : document);
  }

  listModels(): Promise<readonly ModelEntry[]> {
    return this.api.models();
  }

  /** The API JSON of a file, as text. */
  async exportApi(file: OpenFile): Promise<string> {
    return printJson((await this.api.exported(this.written(file))).prompt, 2);
  }

  /** The workflow of a file as the text of a file. */
  exportWorkflow(file: OpenFile): string {
    return printJson(this.written(file), 2);
  }

  versions(name: string): Promise<readonly Version[]> {
    return this.api.versions(name);
  }

  /** What changed since a version; since the saved content when undefined. */
  difference(file: OpenFile, version?: string): Promise<Fields> {
    return this.api.difference(file.name, this.written(file), version);
  }

  /** Makes a version the content of the file, here and on the server. */
  async restore(file: OpenFile, version: string): Promise<void> {
    await this.api.restore(file.name, version);
    await this.reload(file);
  }

  draft(name: string): Promise<Draft | undefined> {
    return this.api.draft(name);
  }

  async rename(file: OpenFile, to: string): Promise<void> {
    if (file.digest !== undefined) file.digest = (await this.api.rename(file.name, to)).digest;
    file.name = to;
  }

  removeWorkflow(name: string): Promise<void> {
    return this.api.remove(name);
  }

  /** What flowed over an output in the newest run; undefined where nothing did or it is gone. output: its place */
  async value(editor: Editor, node: NodeId, output: number): Promise<(ValueFacts & { readonly picture: string }) | undefined> {
    const job = this.runs.lastJob(editor);
    if (job === undefined) return undefined;
    try {
      return { ...(await this.api.value(job, node, output)), picture: valuePictureUrl(job, node, output) };
    } catch (error) {
      if (error instanceof ApiError) return undefined;
      throw error;
    }
  }
}

/** The services of a page, not started yet. */
export function createServices(app: AppState, api?: Api): NetServices {
  return new NetServices(app, api);
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
  if (!(error instanceof ApiError) || !isFields(error.body["node_errors"])) return error;
  const problems = problemsOfNodes(error.body["node_errors"]);
  if (problems.length === 0) return error;
  editor.setProblems(problems);
  return new Error(problems.length === 1 ? (problems[0]?.text ?? words.wrongInputs) : words.wrongInputs);
}

function readState(workflow: Json, editor: Editor): DocumentState {
  return readWorkflow(workflow, editor.definitions).state;
}
