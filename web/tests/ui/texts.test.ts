import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/commands/table";
import { commands } from "../../src/ui/texts/commands";
import { network } from "../../src/ui/texts/network";

type Area = Readonly<Record<string, Readonly<Record<string, string>>>>;

const SOURCES = import.meta.glob<string>(["../../src/**/*.ts", "../../src/**/*.svelte", "!../../src/ui/texts/**"], { query: "?raw", import: "default", eager: true });
const AREAS = import.meta.glob<Area[string]>("../../src/ui/texts/*.ts", { eager: true }) as unknown as Readonly<Record<string, Area>>;

/** The files of a folder, without comments. */
function filesOf(folder: string): [string, string][] {
  return Object.entries(SOURCES)
    .filter(([path]) => path.includes(`/src/${folder}`))
    .map(([path, text]) => [path, text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "")]);
}

/** What stands between quotes, the holes of templates left out. */
function literals(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)].map((found) => (found[1] ?? found[2] ?? "").replace(/\$\{[^}]*\}/g, ""));
}

/** Sentences, and words with a capital where a person would read them. */
function englishIn(text: string): string[] {
  const selector = /^[a-z]+(?:, [a-z]+)+$|\[role=/;
  const sentences = literals(text).filter((each) => /[A-Za-z]{2,}[,:]? [A-Za-z]{2,}/.test(each) && !selector.test(each));
  const words = [...text.matchAll(/(?:\blabel: |\btransact\(|\bnotify\(|\bannouncement = )["'`][^"'`]*/g)].map(([found]) => found);
  return [...sentences, ...words];
}

describe("the catalogue", () => {
  it.each([...filesOf("commands/"), ...filesOf("net/words.ts"), ...filesOf("net/errors.ts")])("holds all that %s says", (_, text) => {
    expect(englishIn(text)).toEqual([]);
  });

  it.each(filesOf("canvas/tools/"))("holds what undo calls the gestures of %s", (_, text) => {
    expect([...text.matchAll(/\bedit\(\s*["'`][^"'`]*/g)].map(([found]) => found)).toEqual([]);
  });

  it("is where a label would be noticed elsewhere", () => {
    expect(englishIn('{ id: "edit.undo", label: "Undo", keys: ["Mod+Z"] }')).toHaveLength(1);
    expect(englishIn("app.notify(`Pinned to ${digit}.`)")).not.toEqual([]);
    expect(englishIn('document.transact("Paste", edit)')).toHaveLength(1);
  });

  it("names every command and every group of them", () => {
    const patterns = Object.entries(commands).map(([, text]) => new RegExp(`^${text.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, "\\d+")}$`));
    expect(COMMANDS.filter(({ label }) => !patterns.some((each) => each.test(label))).map((each) => each.id)).toEqual([]);
    expect([...new Set(COMMANDS.map((each) => `command.group.${each.group}`))].filter((key) => !Object.hasOwn(commands, key))).toEqual([]);
  });

  it("has no key of commands and network that nothing reads", () => {
    const read = [...new Set(Object.values(SOURCES).flatMap((text) => [...text.matchAll(/"([\w.]+)"|`([\w.]*(?:\$\{[^`}]*\}[\w.]*)+)`/g)].map((found) => found[1] ?? found[2] ?? "")))];
    const patterns = read.filter((each) => each.includes(".")).map((each) => new RegExp(`^${each.replace(/\$\{[^}]*\}/g, "\u0000").replace(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll("\u0000", "[\\w.]+")}$`));
    expect(Object.keys({ ...commands, ...network }).filter((key) => !patterns.some((each) => each.test(key)))).toEqual([]);
  });

  it("has every key in one file only", () => {
    const homes = new Map<string, string[]>();
    for (const [path, tables] of Object.entries(AREAS)) {
      for (const table of Object.values(tables)) for (const key of Array.isArray(table) ? [] : Object.keys(table)) homes.set(key, [...(homes.get(key) ?? []), path]);
    }
    expect([...homes].filter(([, paths]) => paths.length > 1)).toEqual([]);
  });
});
