/** Where pictures stand in the gallery: rows of equal cells below the titles of their groups, and which of them are seen. Pure. */

export type Row =
  | { readonly kind: "title"; readonly top: number; readonly height: number; readonly group: number; readonly count: number }
  | { readonly kind: "cells"; readonly top: number; readonly height: number; readonly from: number; readonly to: number };

export interface Grid {
  readonly rows: readonly Row[];
  readonly height: number;
  readonly columns: number;
  /** Side of a cell: somewhat more than was asked for, so that rows are full. */
  readonly cell: number;
}

export interface Measures {
  /** Of the whole grid, in pixels. */
  readonly width: number;
  /** The least side of a cell. */
  readonly cell: number;
  readonly gap: number;
  readonly title: number;
}

/** Rows for `count` pictures. groupOf: what pictures that stand together have in common; without it there are no titles */
export function gridOf(count: number, { width, cell, gap, title }: Measures, groupOf?: (index: number) => number): Grid {
  const columns = Math.max(1, Math.floor((width + gap) / (cell + gap)));
  const side = width > 0 ? Math.max(cell, (width + gap) / columns - gap) : cell;
  const rows: Row[] = [];
  let top = 0;
  for (let from = 0; from < count; ) {
    const group = groupOf?.(from);
    let end = groupOf ? from + 1 : count;
    while (groupOf && end < count && groupOf(end) === group) end += 1;
    if (group !== undefined) {
      rows.push({ kind: "title", top, height: title, group, count: end - from });
      top += title;
    }
    for (; from < end; from += columns) {
      rows.push({ kind: "cells", top, height: side + gap, from, to: Math.min(end, from + columns) });
      top += side + gap;
    }
    from = end;
  }
  return { rows, height: top, columns, cell: side };
}

/** The rows between two heights, with some to spare. */
export function windowOf({ rows }: Grid, top: number, height: number, spare: number): readonly Row[] {
  return rows.slice(Math.max(0, rowAt(rows, top) - spare), rowAt(rows, top + height) + 1 + spare);
}

/** The last row that begins at this height or above it; by halving, for there may be thousands. */
function rowAt(rows: readonly Row[], top: number): number {
  let [low, high] = [0, rows.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((rows[middle]?.top ?? 0) <= top) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/** The row of a picture. */
export function rowOf({ rows }: Grid, index: number): Row | undefined {
  return rows.find((row) => row.kind === "cells" && index >= row.from && index < row.to);
}

const KEYS: Readonly<Record<string, (grid: Grid, index: number, last: number) => number>> = {
  ArrowRight: (_, index) => index + 1,
  ArrowLeft: (_, index) => index - 1,
  ArrowDown: (grid, index) => vertical(grid, index, 1),
  ArrowUp: (grid, index) => vertical(grid, index, -1),
  PageDown: (grid, index) => [1, 2, 3].reduce((at) => vertical(grid, at, 1), index),
  PageUp: (grid, index) => [1, 2, 3].reduce((at) => vertical(grid, at, -1), index),
  Home: () => 0,
  End: (_grid, _index, last) => last,
};

/** Where an arrow key leads from a picture; undefined for other keys. */
export function stepped(grid: Grid, index: number, key: string, count: number): number | undefined {
  const step = KEYS[key];
  return step && Math.min(count - 1, Math.max(0, step(grid, index, count - 1)));
}

/** One row up or down in the same column, or the last picture of a shorter row. */
function vertical(grid: Grid, index: number, by: 1 | -1): number {
  const cells = grid.rows.flatMap((row) => (row.kind === "cells" ? [row] : []));
  const at = cells.findIndex((row) => index >= row.from && index < row.to);
  const [here, next] = [cells[at], cells[at + by]];
  return here && next ? Math.min(next.to - 1, next.from + index - here.from) : index;
}
