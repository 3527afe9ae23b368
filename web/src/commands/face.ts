/** The command table as the interface sees it, and the keyboard's way to it. */

import type { CommandRow, Commands } from "../ui/services";
import { reasonOf, type AppState, type MenuTarget } from "../ui/state.svelte";
import { keep, kept } from "../ui/memory";
import { t } from "../ui/texts";
import { type Command, type Context, type EditorContext } from "./command";
import { copiedText, pasteText } from "./editing";
import { isMac, matches, shown, type Stroke } from "./keys";
import { Registry } from "./registry";
import { COMMANDS } from "./table";

const REMEMBERED = "darkroom.keys";
/** Handled by the browser's own events, which may reach the clipboard without asking. */
const NATIVE = new Set(["edit.copy", "edit.cut", "edit.paste", "edit.pasteConnected"]);

/** A row with the group under which the shortcut sheet shows it. */
export interface GroupedRow extends CommandRow {
  readonly group: Command["group"];
  /** The group as people read it. */
  readonly groupTitle: string;
}

/** The commands of the program; its keys are those of `Registry`. */
export class CommandFace implements Commands {
  readonly registry: Registry;
  readonly #app: AppState;
  readonly #mac: boolean;

  constructor(app: AppState, mac: boolean = isMac()) {
    this.#app = app;
    this.#mac = mac;
    this.registry = new Registry(COMMANDS, mac);
    this.registry.remapped = readRemapped();
  }

  rows(target?: MenuTarget): readonly GroupedRow[] {
    const context = this.context(target);
    return [...this.registry.all()].map((command) => ({
      id: command.id,
      label: command.label,
      group: command.group,
      groupTitle: t(`command.group.${command.group}`),
      keys: this.registry.keysOf(command).map((each) => shown(each, this.#mac)),
      enabled: command.when(context),
    }));
  }

  run(id: string, target?: MenuTarget): void {
    const command = this.registry.get(id);
    if (command) this.#perform(command, target);
  }

  remap(id: string, keys?: readonly string[]): void {
    this.registry.remap(id, keys);
    // Without storage the keys hold for this visit.
    keep(REMEMBERED, Object.fromEntries([...this.registry.remapped].map(([command, strokes]) => [command, [...strokes]])));
  }

  recall(): void {
    this.registry.remapped = readRemapped();
  }

  /** Performs what a stroke stands for; whether it stood for something. */
  stroke(stroke: Stroke): boolean {
    const found = this.registry.find(stroke);
    if (found === "wait") return true;
    const context = this.context();
    const command = found.find((each) => each.when(context) && (!this.#app.form.open || reachesForm(each)));
    if (!command || NATIVE.has(command.id)) return false;
    this.#perform(command);
    return true;
  }

  strokeIn(group: string, stroke: Stroke): boolean {
    const context = this.context();
    const isMeant = (command: Command): boolean =>
      command.group === group && command.when(context) && this.registry.keysOf(command).some((each) => matches(stroke, each, this.#mac));
    const command = [...this.registry.all()].find(isMeant);
    if (command) this.#perform(command);
    return command !== undefined;
  }

  context(target?: MenuTarget): Context {
    const app = this.#app;
    const editor = app.active?.editor;
    const { view } = app;
    // Without a canvas there is no place in a graph either.
    const at = view?.pointer ?? { graph: [0, 0] as const, screen: [window.innerWidth / 2, window.innerHeight / 2] as const };
    return { app, editor, view, pointer: { screen: at.screen, at: at.graph }, ...(target ? { target } : {}) };
  }

  #perform(command: Command, target?: MenuTarget): void {
    const context = this.context(target);
    if (!command.when(context)) return;
    Promise.resolve(command.run(context)).catch((error: unknown) => this.#app.notify(reasonOf(error), "error"));
  }
}

const OF_SELECTION: ReadonlySet<string> = new Set(["run.selection", "run.toNode", "run.onward", "run.why"]);

/** While the form is shown, no key may change a graph that nobody sees. */
function reachesForm({ id, group }: Command): boolean {
  return group === "Run" ? !OF_SELECTION.has(id) : group === "File" || group === "Panels" || id.startsWith("form.") || id === "edit.undo" || id === "edit.redo";
}

/** The commands of the program. */
export function createCommands(app: AppState): CommandFace {
  return new CommandFace(app);
}

/** Listens to keyboard, mouse and clipboard of the page; returns how to stop. */
export function listenForKeys(app: AppState, page: Window = window): () => void {
  const face = app.commands;
  if (!(face instanceof CommandFace)) return () => undefined;
  let keepInputs = false;
  const keydown = (event: KeyboardEvent): void => {
    keepInputs = event.shiftKey;
    if (event.defaultPrevented || event.isComposing || !isForUs(app, event)) return;
    if (face.stroke(event)) event.preventDefault();
  };
  const copy = (event: ClipboardEvent): void => {
    const context = face.context();
    if (isTyping(event.target) || app.form.open || !hasSelection(context) || page.getSelection()?.toString()) return;
    event.clipboardData?.setData("text/plain", copiedText(context));
    event.preventDefault();
    if (event.type === "cut") face.run("edit.delete");
  };
  const paste = (event: ClipboardEvent): void => {
    const context = face.context();
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (isTyping(event.target) || app.overlay || app.form.open || context.editor === undefined || (event.clipboardData?.files.length ?? 0) > 0) return;
    if (pasteText(context as EditorContext, text, keepInputs)) event.preventDefault();
  };
  const listeners: readonly [string, (event: never) => void][] = [["keydown", keydown], ["copy", copy], ["cut", copy], ["paste", paste]];
  for (const [type, listener] of listeners) page.addEventListener(type, listener as EventListener);
  return () => listeners.forEach(([type, listener]) => page.removeEventListener(type, listener as EventListener));
}

/** While somebody types, only strokes with Ctrl or Cmd are ours, and none that edit text; over the graph's boxes likewise. */
function isForUs(app: AppState, event: KeyboardEvent): boolean {
  const strong = event.ctrlKey || event.metaKey;
  if (isTyping(event.target)) {
    const editsText = /^(Key[ACVXZY]|Arrow\w+|Home|End|Backspace|Delete)$/.test(event.code);
    return strong && !editsText && !event.altKey ? true : event.code === "Enter" && strong;
  }
  if (app.overlay !== undefined || app.naming !== undefined || app.menu !== undefined) return strong && !/^Key[ACVX]$/.test(event.code);
  // A button, a menu or a tree has Enter, Space, Tab and arrows for itself.
  return strong || !isControl(event.target) || !/^(Enter|NumpadEnter|Space|Tab|Arrow\w+|Home|End|Page\w+)$/.test(event.code);
}

function isControl(target: EventTarget | null): boolean {
  const selector = "button, a, select, [role=menuitem], [role=option], [role=treeitem], [role=tab], [role=slider], [role=spinbutton]";
  return target instanceof Element && target.closest(selector) !== null;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.closest("input, textarea, select") !== null);
}

function hasSelection(context: Context): context is EditorContext {
  return context.editor !== undefined && context.editor.selection.size > 0;
}

function readRemapped(): Map<string, readonly string[]> {
  const entries = Object.entries(kept(REMEMBERED));
  return new Map(entries.flatMap(([id, keys]) => (Array.isArray(keys) && keys.every((each) => typeof each === "string") ? [[id, keys as string[]]] : [])));
}
