/** Node types that the server does not know: they exist in drawings only (interface 4.5). */

import { CONTROL, CONTROL_WORDS } from "./widgets";
import type { NodeDef, SocketDef, WidgetDef } from "./types";

const ANY: SocketDef = { name: "", type: "*", optional: false, isList: false };

function note(id: string, title: string, description: string): NodeDef {
  const text: WidgetDef = { name: "text", kind: "longtext", type: "STRING", default: "", options: { socketless: true }, isInput: true };
  return { ...virtual(id, title, description), widgets: [text] };
}

function virtual(id: string, title: string, description: string): NodeDef {
  return {
    id,
    title,
    category: "utils",
    description,
    module: "editor",
    isOutput: false,
    deprecated: false,
    experimental: false,
    inputs: [],
    outputs: [],
    widgets: [],
  };
}

/** The types in the order in which the add-node box shows them. */
export const VIRTUAL_DEFINITIONS: readonly NodeDef[] = [
  note("Note", "Note", "Text beside the graph"),
  note("MarkdownNote", "Markdown Note", "Formatted text beside the graph"),
  { ...virtual("Reroute", "Reroute", "A bend in a wire"), inputs: [ANY], outputs: [ANY] },
  {
    ...virtual("PrimitiveNode", "Primitive", "One value for several settings"),
    outputs: [{ name: "connect to widget input", type: "*", optional: false, isList: false }],
    widgets: [
      { name: "value", kind: "unknown", type: "*", default: null, options: { socketless: true }, isInput: true },
      { name: CONTROL, kind: "control", type: "COMBO", default: "fixed", choices: CONTROL_WORDS, options: {}, isInput: false },
    ],
  },
];

const TYPES: ReadonlySet<string> = new Set(VIRTUAL_DEFINITIONS.map((each) => each.id));

/** Whether a node type is none of the server's. */
export function isVirtual(type: string): boolean {
  return TYPES.has(type);
}
