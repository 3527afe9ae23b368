/** Commands that differ by a digit only, shown as one row: "Go to bookmark 1–9". */

import type { CommandRow } from "../services";

const NUMBERED = /\.([1-9])$/;

/** The rows with each numbered family as one, which keeps the id of its first. */
export function withoutRepeats(rows: readonly CommandRow[]): CommandRow[] {
  const families = new Set(rows.filter((row) => row.id.endsWith(".9")).map((row) => row.id.slice(0, -2)));
  return rows.flatMap((row) => {
    const digit = NUMBERED.exec(row.id)?.[1];
    if (digit === undefined || !families.has(row.id.slice(0, -2))) return [row];
    if (digit !== "1") return [];
    return [{ ...row, label: row.label.replace(/\b1\b/, "1–9"), keys: row.keys.map((key) => key.replace(/1$/, "1–9")) }];
  });
}
