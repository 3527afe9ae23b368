/** What settings ask of the server. */

import type { Editor } from "../../core/editor";
import type { NodeId } from "../../core/types";

/** How many tokens a prompt has. */
export interface TokenCount {
  readonly tokens: number;
  /** Tokens that a chunk has room for. */
  readonly room: number;
  readonly chunks: readonly { readonly start: number; readonly tokens: number }[];
  /** Sentences on what is left out. */
  readonly warnings: readonly string[];
}

/** A file of a models folder. */
export interface ModelFile {
  readonly folder: string;
  readonly name: string;
  /** Address of the picture beside it. */
  readonly picture?: string;
}

export interface WidgetServices {
  countTokens(text: string): Promise<TokenCount>;
  modelFiles(): Promise<readonly ModelFile[]>;
  /** What flowed over an output in the last run, in a few words; undefined where that is not known. output: its place */
  valueText(editor: Editor, node: NodeId, output: number): Promise<string | undefined>;
}
