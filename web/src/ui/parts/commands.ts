/** Entries of menus that come from the command table. */

import type { CommandRow } from "../services";
import type { AppState, MenuTarget } from "../state.svelte";
import type { MenuEntry } from "./menu.svelte";

/** Menu entries for those of these commands that exist. */
export function commandEntry(app: AppState, ...ids: readonly string[]): MenuEntry[] {
  return entriesFor(app, undefined, ids);
}

/** Menu entries for those of these commands that exist; they act on what the menu was opened on. */
export function entriesFor(app: AppState, target: MenuTarget | undefined, ids: readonly string[]): MenuEntry[] {
  const rows = new Map((app.commands?.rows(target) ?? []).map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = rows.get(id);
    return row ? [entryOf(app, row, target)] : [];
  });
}

/** One menu entry of a command. */
export function entryOf(app: AppState, row: CommandRow, target?: MenuTarget): MenuEntry {
  const keys = row.keys[0];
  return { label: row.label, disabled: !row.enabled, run: () => app.commands?.run(row.id, target), ...(keys === undefined ? {} : { keys }) };
}
