/** The list that a choice opens: by folder, the nearest names first where the value is not there. */

import type { Json } from "../../core/types";
import type { PickerItem } from "../parts/picker.svelte";
import { nearestNames } from "./nearest";

export interface OptionWords {
  /** Heading over the names nearest to a value that is not there. */
  nearest(value: string): string;
  /** Heading over what is in no folder, where others are. */
  readonly others: string;
}

/** The options of a choice as the list shows them. missing: the value, where it is none of them */
export function optionsOf(choices: readonly Json[], missing: Json | undefined, words: OptionWords, picture: (name: string) => string | undefined): PickerItem[] {
  const item = (value: Json): PickerItem => {
    const text = String(value);
    return { value, text, picture: picture(text) };
  };
  const near = missing === undefined ? [] : nearestNames(String(missing), choices.map(String));
  const first = choices.filter((each) => near.includes(String(each))).sort((a, b) => near.indexOf(String(a)) - near.indexOf(String(b)));
  const rest = choices.filter((each) => !near.includes(String(each)));
  const foldered = rest.some((each) => folderOf(String(each)) !== "");
  const heading = near.length > 0 ? words.nearest(String(missing)) : "";
  const grouped = rest.map((each) => ({ ...item(each), group: foldered || near.length ? folderOf(String(each)) || words.others : "" }));
  const folders = [...new Set(grouped.map((each) => each.group))].sort((a, b) => Number(a !== words.others) - Number(b !== words.others) || a.localeCompare(b));
  return [...first.map((each) => ({ ...item(each), group: heading })), ...folders.flatMap((folder) => grouped.filter((each) => each.group === folder))];
}

/** The folder in a name such as "styles/oil.safetensors", "" without one. */
export function folderOf(name: string): string {
  return name.includes("/") && !name.includes("://") ? name.slice(0, name.lastIndexOf("/")) : "";
}
