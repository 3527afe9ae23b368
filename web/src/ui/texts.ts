/** Every English text of the interface, by key; `t` fills in {names}. */

import { canvas } from "./texts/canvas";
import { frame } from "./texts/frame";
import { nodes } from "./texts/nodes";

const catalogue = { ...frame, ...nodes, ...canvas };

export type TextKey = keyof typeof catalogue;

/** The text of this key with its {names} filled in. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return catalogue[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
