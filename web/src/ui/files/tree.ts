/** Saved workflows as a tree of folders: a name with slashes stands in the folders that it names. */

import type { WorkflowEntry } from "../services";

export type TreeRow =
  | { readonly kind: "folder"; readonly path: string; readonly label: string; readonly depth: number; readonly count: number; readonly open: boolean }
  | { readonly kind: "file"; readonly file: WorkflowEntry; readonly label: string; readonly depth: number };

interface Folder {
  readonly path: string;
  readonly label: string;
  readonly folders: Map<string, Folder>;
  readonly files: WorkflowEntry[];
}

/** The rows to show, folders first; what is in a closed folder is left out. */
export function treeRows(files: readonly WorkflowEntry[], open: ReadonlySet<string>): TreeRow[] {
  const root: Folder = { path: "", label: "", folders: new Map(), files: [] };
  for (const file of files) {
    const parts = file.name.split("/");
    let folder = root;
    for (const label of parts.slice(0, -1)) {
      let inner = folder.folders.get(label);
      if (!inner) folder.folders.set(label, (inner = { path: folder.path ? `${folder.path}/${label}` : label, label, folders: new Map(), files: [] }));
      folder = inner;
    }
    folder.files.push(file);
  }
  const rows: TreeRow[] = [];
  addRows(rows, root, 0, open);
  return rows;
}

/** The folders that a name lies in: "a/b/c" is in "a" and "a/b". */
export function foldersOf(name: string): string[] {
  const parts = name.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** A name like this one that is not taken: "x copy", "x copy 2", ... */
export function freeName(base: string, taken: Iterable<string>): string {
  const names = new Set(taken);
  if (!names.has(base)) return base;
  for (let number = 2; ; number++) if (!names.has(`${base} ${number}`)) return `${base} ${number}`;
}

/** Whether the server would refuse a name, by what it says of itself. */
export function isBadName(name: string): boolean {
  const parts = name.trim().split("/");
  return parts.some((part) => part.trim() === "" || part.startsWith(".") || part.length > 200) || /[\\:*?"<>|\u0000-\u001f]/.test(name);
}

/** A name that the server takes, from any text. */
export function cleanName(text: string, otherwise: string): string {
  const parts = text.split("/").map((part) => part.replace(/[\\:*?"<>|\u0000-\u001f]/g, " ").replace(/^[. ]+|[. ]+$/g, "").slice(0, 120));
  return parts.filter((part) => part !== "").slice(0, 4).join("/") || otherwise;
}

function addRows(rows: TreeRow[], folder: Folder, depth: number, open: ReadonlySet<string>): void {
  for (const inner of [...folder.folders.values()].sort((a, b) => a.label.localeCompare(b.label))) {
    const isOpen = open.has(inner.path);
    rows.push({ kind: "folder", path: inner.path, label: inner.label, depth, count: countIn(inner), open: isOpen });
    if (isOpen) addRows(rows, inner, depth + 1, open);
  }
  for (const file of folder.files) rows.push({ kind: "file", file, label: file.name.split("/").at(-1) ?? file.name, depth });
}

function countIn(folder: Folder): number {
  return [...folder.folders.values()].reduce((sum, inner) => sum + countIn(inner), folder.files.length);
}
