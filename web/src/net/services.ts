/** The network behind one face: what panels, buttons and commands ask of the server. */

import { isFields } from "../core/entries";
import type { Editor } from "../core/editor";
import type { DocumentState, Fields, Json, NodeId } from "../core/types";
import { printJson } from "../io/json";
import { readWorkflow } from "../io/read";
import { writeWorkflow } from "../io/write";
import type { ModelEntry, PictureRef, RunOptions, Services, TemplateEntry, WorkflowEntry } from "../ui/services";
import type { ModelFacts, ModelList, Removal, ResultsPage } from "../ui/gallery/result";
import type { AppState, OpenFile, Picture } from "../ui/state.svelte";
import { Api, pictureUrl, valuePictureUrl, type Draft, type ValueFacts } from "./api";
import type { Autosave } from "./autosave";
import { Blueprints } from "./blueprints";
import { freshId } from "./client";
import { conflictDialog, kindOf, NotSaved } from "./conflict";
import { ApiError } from "./errors";
import { FileNet } from "./filenet";
import { Launcher } from "./launcher";
import { neededNodes } from "./needed";
import { PictureNet } from "./pictures";
import { workflowOfPrompt } from "./prompts";
import { describeModels, modelPictureUrl, readPicture, readResults, readSize, removeResults } from "./results";
import { Runs, type RunEnd } from "./runs";
import { ValueCache } from "./values";
import { WidgetNet } from "./widgets";
import { words } from "./words";

/** The services of one page. `start` in start.svelte.ts gives it life. */
export class NetServices implements Services {
  readonly api: Api;
  readonly runs: Runs;
  readonly launcher: Launcher;
  readonly files = new FileNet(this);
  readonly blueprints = new Blueprints();
  readonly pictures = new PictureNet();
  readonly widgets = new WidgetNet(this);
  client = freshId();
  /** Opens the socket at once; set while the page is alive. */
  reconnect: () => void = () => undefined;
  /** Told when a job of this tab ended. */
  readonly whenEnded = new Set<(end: RunEnd) => void>();
  readonly #app: AppState;
  readonly #autosaves = new Map<OpenFile, Autosave>();
  readonly #values = new ValueCache((job, node, output) => this.#askedValue(job, node, output));

  constructor(app: AppState, api: Api = new Api()) {
    this.#app = app;
    this.api = api;
    this.runs = new Runs({
      api,
      board: app,
      files: () => app.files,
      needed: (editor) => neededNodes(editor.document.state, editor.definitions),
      words,
      client: () => this.client,
      ended: (end) => this.whenEnded.forEach((told) => told(end)),
      restored: (editor, prompt) => this.launcher.noteSeeds(editor, prompt),
    });
    this.launcher = new Launcher({
      app,
      api,
      runs: this.runs,
      client: () => this.client,
      written: (file) => this.written(file),
      autosave: (file) => this.#autosaves.get(file),
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

  /** Does something with the draft keeper of every open file, and waits for all. */
  async eachAutosave(work: (autosave: Autosave) => Promise<void> | undefined): Promise<void> {
    await Promise.all([...this.#autosaves.values()].map(work));
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
    switch (await dialog({ file, name, kind: kindOf(file, name, exists) })) {
      case "overwrite":
        return this.#saveAs(file, name, undefined);
      case "copy":
        return this.#saveAs(file, await this.files.copyName(name), null);
      case "reload":
        await this.files.takeTheirs(file);
        this.#app.notify(words.took(name), "ok");
        throw new NotSaved();
      default:
        throw new NotSaved();
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
  async reload(file: OpenFile, label: string = words.recoveryLabel): Promise<void> {
    const { state } = file.editor.document;
    const { workflow, digest } = await this.api.workflow(file.name);
    // Somebody went on drawing meanwhile: nothing is taken from under their hands.
    if (file.editor.document.state !== state) throw new Error(words.drawnMeanwhile);
    this.replace(file, workflow, label);
    file.digest = digest;
    file.editor.document.markSaved();
    file.refresh();
    await this.#autosaves.get(file)?.discard();
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

  run(file: OpenFile, options: RunOptions = {}): Promise<void> {
    return this.launcher.run(file, options);
  }

  lastJob(editor: Editor): string | undefined {
    return this.runs.lastJob(editor);
  }

  runAgain(file: OpenFile): Promise<void> {
    return this.launcher.again(file);
  }

  cancel(all = false): Promise<void> {
    return this.launcher.cancel(all);
  }

  removeFromQueue(promptId: string): Promise<void> {
    return this.launcher.remove(promptId);
  }

  moveInQueue(promptId: string, before?: string): Promise<void> {
    return this.launcher.move(promptId, before);
  }

  async clearQueue(): Promise<void> {
    await this.api.dequeue();
    await this.runs.refreshQueue();
  }

  retry(promptId: string): Promise<void> {
    return this.launcher.retry(promptId);
  }

  async clearHistory(): Promise<void> {
    await this.api.forgetAll();
    this.runs.forget();
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
    return this.pictures.upload(file);
  }

  pictureUrl(ref: PictureRef, size: "small" | "thumbnail" | "full" = "full"): string {
    return pictureUrl(ref, size);
  }

  readPicture(ref: PictureRef): Promise<Blob> {
    return readPicture(ref);
  }

  pictureSize(ref: PictureRef): Promise<readonly [number, number] | undefined> {
    return readSize(ref);
  }

  results(limit: number, before?: number): Promise<ResultsPage> {
    return readResults(this.api, limit, before);
  }

  removeResults(pictures: readonly Picture[], files: boolean): Promise<Removal> {
    return removeResults(this.api, pictures, files);
  }

  describeModels(): Promise<ModelList> {
    return describeModels(this.api);
  }

  modelPictureUrl(model: ModelFacts): string {
    return modelPictureUrl(model);
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

  draft(name: string): Promise<Draft | undefined> {
    return this.api.draft(name);
  }

  /** What flowed over an output in the newest run; undefined where nothing did or it is gone. output: its place */
  async value(editor: Editor, node: NodeId, output: number): Promise<(ValueFacts & { readonly picture: string }) | undefined> {
    const job = this.runs.lastJob(editor);
    if (job === undefined) return undefined;
    const facts = await this.#values.get(job, node, output);
    return facts && { ...facts, picture: valuePictureUrl(job, node, output) };
  }

  async #askedValue(job: string, node: NodeId, output: number): Promise<ValueFacts | undefined> {
    try {
      return await this.api.value(job, node, output);
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

function readState(workflow: Json, editor: Editor): DocumentState {
  return readWorkflow(workflow, editor.definitions).state;
}
