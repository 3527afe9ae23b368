/** What settings ask of the server: tokens, model files with their pictures, values of the last run. */

import { isFields } from "../core/entries";
import type { Editor } from "../core/editor";
import type { Json, NodeId } from "../core/types";
import type { ModelFile, TokenCount, WidgetServices } from "../ui/widgets/services";
import type { Api, ValueFacts } from "./api";

interface Around {
  readonly api: Api;
  value(editor: Editor, node: NodeId, output: number): Promise<ValueFacts | undefined>;
}

export class WidgetNet implements WidgetServices {
  readonly #around: Around;

  constructor(around: Around) {
    this.#around = around;
  }

  async countTokens(text: string): Promise<TokenCount> {
    const found = await this.#around.api.ask("/api/darkroom/tokens", { text });
    const said = isFields(found) ? found : {};
    const whole = (value: Json | undefined): number => (typeof value === "number" ? value : 0);
    return {
      tokens: whole(said["tokens"]),
      room: whole(said["room"]),
      chunks: rowsOf(said["chunks"]).map((each) => ({ start: whole(each["start"]), tokens: whole(each["tokens"]) })),
      warnings: Array.isArray(said["warnings"]) ? said["warnings"].filter((each) => typeof each === "string") : [],
    };
  }

  async modelFiles(): Promise<readonly ModelFile[]> {
    const found = await this.#around.api.ask("/api/darkroom/models");
    return rowsOf(isFields(found) ? found["models"] : undefined).flatMap((each) => {
      const { folder, name, place, preview } = each;
      if (typeof folder !== "string" || typeof name !== "string") return [];
      return preview === true && typeof place === "number" ? { folder, name, picture: previewUrl(folder, place, name) } : { folder, name };
    });
  }

  async valueText(editor: Editor, node: NodeId, output: number): Promise<string | undefined> {
    return (await this.#around.value(editor, node, output))?.text;
  }
}

function previewUrl(folder: string, place: number, name: string): string {
  return `/api/experiment/models/preview/${encodeURIComponent(folder)}/${place}/${name.split("/").map(encodeURIComponent).join("/")}`;
}

function rowsOf(value: Json | undefined): { readonly [key: string]: Json }[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}
