import { describe, expect, it } from "vitest";
import { chordOf, matches, shown, written, type Stroke } from "../../src/commands/keys";
import { isApart, Registry } from "../../src/commands/registry";
import { COMMANDS } from "../../src/commands/table";

function stroke(code: string, more: Partial<Stroke> = {}): Stroke {
  return { code, key: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more };
}

describe("keys", () => {
  it("match by their place, whatever the keyboard types there", () => {
    expect(matches(stroke("KeyZ", { key: "y", ctrlKey: true }), "Mod+Z", false)).toBe(true);
    expect(matches(stroke("KeyZ", { key: "z" }), "Mod+Z", false)).toBe(false);
    expect(matches(stroke("KeyZ", { ctrlKey: true, shiftKey: true }), "Mod+Z", false)).toBe(false);
  });
  it("use the command key of a Mac", () => {
    expect(matches(stroke("KeyZ", { metaKey: true }), "Mod+Z", true)).toBe(true);
    expect(matches(stroke("KeyZ", { ctrlKey: true }), "Mod+Z", true)).toBe(false);
    expect(matches(stroke("KeyM", { ctrlKey: true }), "Ctrl+M", true)).toBe(true);
  });
  it("match a question mark wherever it is typed", () => expect(matches(stroke("Minus", { key: "?", shiftKey: true }), "?", false)).toBe(true));
  it("know the plus sign", () => {
    expect(chordOf("+").name).toBe("+");
    expect(matches(stroke("NumpadAdd", { key: "+" }), "+", false)).toBe(true);
  });
  it("are written as the table has them", () => {
    expect(written(stroke("KeyZ", { ctrlKey: true, shiftKey: true }), false)).toBe("Mod+Shift+Z");
    expect(written(stroke("Period"), false)).toBe(".");
    expect(written(stroke("ShiftLeft", { shiftKey: true }), false)).toBeUndefined();
  });
  it("are shown as people read them", () => {
    expect(shown("Mod+Shift+Z", false)).toBe("Ctrl+Shift+Z");
    expect(shown("Mod+Shift+Z", true)).toBe("⇧⌘Z");
    expect(shown("B 1", false)).toBe("B, 1");
    expect(shown("Alt+ArrowLeft", false)).toBe("Alt+←");
  });
});

describe("the command table", () => {
  it("has no id twice", () => expect(new Set(COMMANDS.map((each) => each.id)).size).toBe(COMMANDS.length));
  it("has a word for every command", () => expect(COMMANDS.filter((each) => each.label.trim() === "")).toEqual([]));
  it("gives no stroke to two commands", () => {
    for (const apart of [false, true]) {
      const owners = new Map<string, string[]>();
      for (const command of COMMANDS.filter((each) => isApart(each) === apart)) for (const key of command.keys) owners.set(key, [...(owners.get(key) ?? []), command.id]);
      expect([...owners].filter(([, ids]) => ids.length > 1)).toEqual([]);
    }
  });
  it("starts no pair of strokes with a stroke that is a command", () => {
    const firsts = new Set(COMMANDS.flatMap((each) => each.keys.flatMap((key) => (key.includes(" ") ? [key.split(" ")[0]] : []))));
    expect(COMMANDS.filter((each) => !isApart(each) && each.keys.some((key) => firsts.has(key)))).toEqual([]);
  });
  it("reads every stroke it writes", () => {
    for (const command of COMMANDS) for (const key of command.keys.flatMap((each) => each.split(" "))) expect(chordOf(key).name, key).not.toBe("");
  });
});

describe("the registry", () => {
  const at = { time: 0 };
  const registry = (): Registry => new Registry(COMMANDS, false, () => at.time);

  it("finds a command by its stroke", () => {
    const found = registry().find(stroke("KeyZ", { ctrlKey: true }));
    expect(found === "wait" ? [] : found.map((each) => each.id)).toEqual(["edit.undo"]);
  });
  it("waits for the second of two strokes, and not for ever", () => {
    const keys = registry();
    expect(keys.find(stroke("KeyB"))).toBe("wait");
    const second = keys.find(stroke("Digit3"));
    expect(second === "wait" ? [] : second.map((each) => each.id)).toEqual(["bookmark.go.3"]);
    keys.find(stroke("KeyB"));
    at.time += 5000;
    const late = keys.find(stroke("Digit3"));
    expect(late === "wait" ? [] : late.map((each) => each.id)).toEqual(["viewer.show.3"]);
  });
  it("remaps, restores, and knows who has a stroke already", () => {
    const keys = registry();
    keys.remap("edit.undo", ["Alt+U"]);
    const moved = keys.find(stroke("KeyU", { altKey: true }));
    expect(moved === "wait" ? [] : moved.map((each) => each.id)).toEqual(["edit.undo"]);
    expect(keys.find(stroke("KeyZ", { ctrlKey: true }))).toEqual([]);
    expect(keys.conflicts("edit.redo", ["Alt+U"]).map((each) => each.id)).toEqual(["edit.undo"]);
    keys.remap("edit.undo", undefined);
    expect(keys.find(stroke("KeyZ", { ctrlKey: true }))).toHaveLength(1);
  });
});
