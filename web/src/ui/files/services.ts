/** What the screens of this folder ask of the server; `net/filenet` answers. */

import type { Json } from "../../core/types";
import type { OpenFile } from "../state.svelte";
import type { Difference } from "./difference";

/** One content that a file had. */
export interface VersionEntry {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly saved: number;
  readonly bytes: number;
  /** It is what is saved now. */
  readonly current: boolean;
}

export interface FileServices {
  /** Names of deleted workflows whose versions are kept. */
  deleted(): Promise<readonly string[]>;
  /** Newest first. */
  versions(name: string): Promise<readonly VersionEntry[]>;
  /** The workflow that a version holds; what is saved now where none is named. */
  content(name: string, version?: string): Promise<Json>;
  /** What changed from one version to the next. */
  between(name: string, before: string, after: string): Promise<Difference>;
  /** What changed from a version (what is saved now where none is named) to what is drawn. */
  since(file: OpenFile, name: string, version?: string): Promise<Difference>;
  /** Makes a version the content, here and on the server; what was drawn is one undo away and a version too. */
  restore(file: OpenFile, version: string): Promise<void>;
  /** Brings back the last version of a deleted workflow. */
  bringBack(name: string): Promise<void>;
  /** Takes what somebody else saved in the place of what is drawn, which becomes a version. */
  takeTheirs(file: OpenFile): Promise<void>;
  /** Deletes a workflow; its versions stay. */
  remove(name: string): Promise<void>;
  rename(name: string, to: string): Promise<void>;
  /** Saves the same content under another name. */
  duplicate(name: string, to: string): Promise<void>;
  /** Edits of a file that were kept and not saved, if there are any. */
  draft(name: string): Promise<Json | undefined>;
  /** Puts a workflow into an open file, as one edit. */
  putInto(file: OpenFile, workflow: Json): void;
  /** The text of the workflow inside a file of any kind; undefined where it is a picture without one. */
  inside(file: File): Promise<string | undefined>;
  /** Where the picture of a template is. */
  templatePicture(name: string): string;
  /** An address that opens a saved workflow of this server. */
  serverLink(name: string): string;
  /** An address that holds the workflow itself; undefined where it is too long for one. */
  selfLink(text: string, name: string): Promise<string | undefined>;
}
