/** Every English text of the interface, by key; `t` fills in {names}. */

import { canvas } from "./texts/canvas";
import { commands } from "./texts/commands";
import { files } from "./texts/files";
import { form } from "./texts/form";
import { frame } from "./texts/frame";
import { gallery } from "./texts/gallery";
import { mask } from "./texts/mask";
import { network } from "./texts/network";
import { nodes } from "./texts/nodes";
import { runs } from "./texts/runs";
import { wires } from "./texts/wires";
import { widgets } from "./texts/widgets";

const catalogue = { ...runs, ...frame, ...files, ...nodes, ...canvas, ...form, ...gallery, ...commands, ...network, ...mask, ...wires, ...widgets };

export type TextKey = keyof typeof catalogue;

/** The text of this key with its {names} filled in. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return catalogue[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
