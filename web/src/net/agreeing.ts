/** Whether a graph still says what an earlier run was asked for. */

import type { Editor } from "../core/editor";
import { isFields } from "../core/entries";
import { ROOT, type Fields, type Json } from "../core/types";
import { unmarked } from "../io/json";
import { seedsOf } from "./seeds";

/** Compares the settings of the outermost graph's nodes with those of a prompt; seeds that change by themselves do not count. */
export function agrees(editor: Editor, prompt: Fields): boolean {
  const { state } = editor.document;
  const nodes = state.graphs.get(ROOT)?.nodes;
  const seeds = new Set(seedsOf(state, editor.definitions).map(({ node, widget }) => `${node}/${widget.name}`));
  return Object.entries(prompt).every(([id, sent]) => {
    const values = nodes?.get(id)?.values;
    const inputs = isFields(sent) && isFields(sent["inputs"]) ? sent["inputs"] : {};
    if (values === undefined) return id.includes(":");
    return Object.entries(inputs).every(([name, value]) => Array.isArray(value) || values[name] === undefined || seeds.has(`${id}/${name}`) || alike(values[name], value));
  });
}

function alike(one: Json, other: Json): boolean {
  return JSON.stringify(unmarked(one)) === JSON.stringify(unmarked(other));
}
