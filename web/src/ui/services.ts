/** What the interface asks of the network and the commands. `net/` answers; nothing in `ui/` knows a URL. */

import type { CanvasView } from "../canvas/view";
import type { Json, NodeId } from "../core/types";
import type { OpenFile } from "./state.svelte";

/** A saved workflow on the server. */
export interface WorkflowEntry {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly modified?: number;
  readonly bytes?: number;
}

/** An example workflow that comes with the program. */
export interface TemplateEntry {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly nodes: number;
}

/** A file in one of the server's folders, as ui dicts of nodes name it. */
export interface PictureRef {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: string;
}

export interface Services {
  listWorkflows(): Promise<readonly WorkflowEntry[]>;
  listTemplates(): Promise<readonly TemplateEntry[]>;
  /** The workflow's text and the digest that a later save must name. */
  readWorkflow(name: string): Promise<{ readonly text: string; readonly digest?: string }>;
  readTemplate(name: string): Promise<string>;
  save(file: OpenFile, name?: string): Promise<void>;
  /** Starts a run of the file; `targets` are the output nodes to run, all when absent. */
  run(file: OpenFile, options: { readonly targets?: readonly NodeId[]; readonly count?: number }): Promise<void>;
  /** Stops what runs now, and drops what waits when `all`. */
  cancel(all?: boolean): Promise<void>;
  removeFromQueue(promptId: string): Promise<void>;
  deleteHistory(promptId: string): Promise<void>;
  /** The workflow inside a finished job. */
  jobWorkflow(promptId: string): Promise<Json | undefined>;
  /** Puts a file into the input folder; the name that a Load Image node uses. */
  upload(file: File): Promise<string>;
  pictureUrl(ref: PictureRef, size?: "thumbnail" | "full"): string;
  /** Reads a dropped file of any kind into a workflow's text. */
  workflowInside(file: File): Promise<string>;
  listModels?(): Promise<readonly ModelEntry[]>;
}

export interface ModelEntry {
  readonly folder: string;
  readonly name: string;
  readonly bytes?: number;
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
  rows(): readonly CommandRow[];
  run(id: string): void;
  /** Changes the keys of a command; no argument restores its own. */
  remap(id: string, keys?: readonly string[]): void;
}

export interface Attached {
  readonly services: Services;
  readonly commands?: Commands;
}

export type { CanvasView };
