/** What the interface asks of the network and the commands. `net/` answers; nothing in `ui/` knows a URL. */

import type { CanvasView } from "../canvas/view";
import type { Editor } from "../core/editor";
import type { Fields, Json, NodeId } from "../core/types";
import type { FileServices } from "./files/services";
import type { PictureServices } from "./mask/services";
import type { ModelFacts, ModelList, Removal, ResultsPage } from "./gallery/result";
import type { MenuTarget, OpenFile, Picture } from "./state.svelte";
import type { WidgetServices } from "./widgets/services";

/** A saved workflow on the server. */
export interface WorkflowEntry {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly modified?: number;
  readonly bytes?: number;
  /** Edits that were not saved are kept beside it. */
  readonly hasDraft?: boolean;
}

/** An example workflow that comes with the program. */
export interface TemplateEntry {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly nodes: number;
  readonly tags: readonly string[];
  /** Whether the server has a picture of what it makes. */
  readonly picture: boolean;
}

/** A file in one of the server's folders, as ui dicts of nodes name it. */
export interface PictureRef {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: string;
}

/** What of a file is run. Nodes are of the shown graph. */
export interface RunOptions {
  /** Nodes whose results are wanted, of whatever kind. */
  readonly to?: readonly NodeId[];
  /** Nodes of which the outputs are wanted that they lead to. */
  readonly targets?: readonly NodeId[];
  readonly count?: number;
  /** Before everything that waits. */
  readonly front?: boolean;
}

export interface Services {
  /** Tokens, model names and values, for settings. */
  readonly widgets?: WidgetServices;
  /** Versions, folders, links and files of any kind. */
  readonly files?: FileServices;
  /** Uploads that tell how far they are, and masks. */
  readonly pictures?: PictureServices;
  listWorkflows(): Promise<readonly WorkflowEntry[]>;
  listTemplates(): Promise<readonly TemplateEntry[]>;
  /** The workflow's text and the digest that a later save must name. */
  readWorkflow(name: string): Promise<{ readonly text: string; readonly digest?: string }>;
  readTemplate(name: string): Promise<string>;
  save(file: OpenFile, name?: string): Promise<void>;
  /** Starts a run of the file: of everything, unless nodes are named. */
  run(file: OpenFile, options: RunOptions): Promise<void>;
  /** Runs what ran last once more; what came before a failure is not computed again. */
  runAgain(file: OpenFile): Promise<void>;
  /** Stops what runs now, and drops what waits when `all`. */
  cancel(all?: boolean): Promise<void>;
  removeFromQueue(promptId: string): Promise<void>;
  /** The run whose results a file shows. */
  lastJob(editor: Editor): string | undefined;
  /** Tries a lost connection at once. */
  reconnect(): void;
  /** Puts a waiting run before another, or at the end. */
  moveInQueue(promptId: string, before?: string): Promise<void>;
  clearQueue(): Promise<void>;
  /** Queues an ended run once more, as it was. */
  retry(promptId: string): Promise<void>;
  clearHistory(): Promise<void>;
  deleteHistory(promptId: string): Promise<void>;
  /** The workflow inside a finished job. */
  jobWorkflow(promptId: string): Promise<Json | undefined>;
  /** Puts a file into the input folder; the name that a Load Image node uses. */
  upload(file: File): Promise<string>;
  /** "small" is for grids, "thumbnail" for nodes. */
  pictureUrl(ref: PictureRef, size?: "small" | "thumbnail" | "full"): string;
  /** The file of a picture. */
  readPicture(ref: PictureRef): Promise<Blob>;
  /** Width and height of a picture; undefined where its file is gone or none. */
  pictureSize(ref: PictureRef): Promise<readonly [number, number] | undefined>;
  /** What ended runs have made, newest first; before: where a page begins. */
  results(limit: number, before?: number): Promise<ResultsPage>;
  /** Forgets the runs of pictures; files: deletes the pictures' files instead. */
  removeResults(pictures: readonly Picture[], files: boolean): Promise<Removal>;
  /** Every model file with what its header says. */
  describeModels(): Promise<ModelList>;
  modelPictureUrl(model: ModelFacts): string;
  /** Reads a dropped file of any kind into a workflow's text. */
  workflowInside(file: File): Promise<string>;
  listModels?(): Promise<readonly ModelEntry[]>;
  /** What flowed over an output in the file's newest run. node: as runs call it */
  value?(editor: Editor, node: NodeId, output: number): Promise<WireValue | undefined>;
  readonly blueprints?: BlueprintStore;
}

/** What is known of a value on a wire. */
export interface WireValue {
  readonly type: string;
  /** The value in words: text and numbers as they are, tensors by their shape. */
  readonly text: string;
  /** More than one where a list flowed. */
  readonly count?: number;
  readonly bytes?: number;
  /** shape, dtype, minimum, maximum, mean, where it is made of numbers. */
  readonly facts: Fields;
  /** Where a picture of it is, for types that have one. */
  readonly picture: string;
}

export interface ModelEntry {
  readonly folder: string;
  readonly name: string;
  readonly bytes?: number;
}

/** A subgraph that the server keeps for every file. */
export interface KeptSubgraph {
  readonly name: string;
  /** The pack that brings it, "" of one's own. */
  readonly pack: string;
  readonly text: string;
}

export interface BlueprintStore {
  list(): Promise<readonly KeptSubgraph[]>;
  /** False where the name is taken and must not be. */
  keep(name: string, text: string, replace: boolean): Promise<boolean>;
  remove(name: string): Promise<void>;
}

/** A row of the command table, as much of it as the interface shows. */
export interface CommandRow {
  readonly id: string;
  readonly label: string;
  /** Shown form of its keys, such as "Ctrl+Enter". */
  readonly keys: readonly string[];
  readonly enabled: boolean;
}

/** The command table behind one face, so that the interface needs no context of its own. */
export interface Commands {
  /** target: what a menu was opened on, for commands that act on it */
  rows(target?: MenuTarget): readonly CommandRow[];
  run(id: string, target?: MenuTarget): void;
  /** Changes the keys of a command; no argument restores its own. */
  remap(id: string, keys?: readonly string[]): void;
  /** Takes the keys anew from where they are kept. */
  recall(): void;
  /** Performs what a stroke stands for among the commands of one group; whether it stood for something. */
  strokeIn(group: string, stroke: KeyboardEvent): boolean;
}

export interface Attached {
  readonly services: Services;
  readonly commands?: Commands;
}

export type { CanvasView };
