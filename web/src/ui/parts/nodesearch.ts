/** What the add-node box finds: by words, by what a node takes ("<IMAGE") or makes (">IMAGE"), or by a loose wire. */

import { fits } from "../../core/match";
import type { NodeDef } from "../../core/types";
import { ranked } from "./rank";

/** The loose end that a new node shall take up. */
export interface LooseEnd {
  readonly type: string;
  /** The wire comes out of an output, so the new node needs an input. */
  readonly fromOutput: boolean;
}

/** Words people know from other tools. */
const ALIASES: Readonly<Record<string, string>> = {
  CLIPTextEncode: "prompt text positive negative",
  CheckpointLoaderSimple: "model checkpoint open",
  KSampler: "sample generate denoise",
  EmptyLatentImage: "size width height canvas new",
  SaveImage: "output write file png",
  PreviewImage: "show view output",
  LoadImage: "open picture photo file input",
  VAEDecode: "latent to image",
  VAEEncode: "image to latent",
  LoraLoader: "lora style",
};

/** Node types that answer, best first. */
export function findNodes(query: string, defs: Iterable<NodeDef>, recent: readonly string[], end?: LooseEnd, limit = 60): NodeDef[] {
  const { words, takes, makes } = parts(query);
  const allowed = [...defs].filter(
    (def) =>
      !def.deprecated &&
      (end === undefined || answers(def, end)) &&
      (takes === undefined || inputTypes(def).some((type) => type.toUpperCase().startsWith(takes))) &&
      (makes === undefined || def.outputs.some((output) => output.type.toUpperCase().startsWith(makes))),
  );
  if (words === "") {
    const place = new Map(recent.map((id, index) => [id, index]));
    const order = (def: NodeDef): number => place.get(def.id) ?? recent.length;
    return allowed.sort((a, b) => order(a) - order(b) || a.title.localeCompare(b.title)).slice(0, limit);
  }
  return ranked(words, allowed, (def) => [def.title, def.id, ALIASES[def.id] ?? "", def.category, def.description], limit);
}

/** Whether a node of this type can take up the loose end. */
export function answers(def: NodeDef, end: LooseEnd): boolean {
  return end.fromOutput ? inputTypes(def).some((type) => fits(end.type, type)) : def.outputs.some((output) => fits(output.type, end.type));
}

function inputTypes(def: NodeDef): string[] {
  return [...def.inputs.map((input) => input.type), ...def.widgets.filter((widget) => widget.isInput).map((widget) => widget.type)];
}

function parts(query: string): { words: string; takes: string | undefined; makes: string | undefined } {
  const takes = /<(\w*)/.exec(query)?.[1]?.toUpperCase();
  const makes = />(\w*)/.exec(query)?.[1]?.toUpperCase();
  return { words: query.replaceAll(/[<>]\w*/g, "").trim(), takes, makes };
}
