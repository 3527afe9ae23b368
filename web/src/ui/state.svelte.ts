/** The state of the program around the documents: open files, panels, messages, theme, queue and results. */

import { Editor } from "../core/editor";
import { GraphDocument } from "../core/document";
import type { LinkStyle } from "../canvas/curves";
import type { LinksShown } from "../canvas/model";
import type { CanvasView } from "../canvas/view";
import type { Definitions, DocumentState, Failure, LinkId, NodeId, Point, SocketId } from "../core/types";
import { ROOT } from "../core/types";
import { readWorkflow } from "../io/read";
import type { FilesDialog } from "./files/dialogs";
import { FormView } from "./form/state.svelte";
import type { MaskWork } from "./mask/work";
import type { Commands, PictureRef, Services } from "./services";
import { KeptSubgraphs } from "./subgraphs/kept.svelte";
import { ResultsState } from "./gallery/results.svelte";
import { keep, kept as remembered } from "./memory";
import { t } from "./texts";

export type Theme = "dark" | "light" | "system";
export type ToastKind = "info" | "ok" | "warning" | "error";
export type PanelName = "outline" | "files" | "models" | "queue" | "settings";
/** What lies over everything else, one at a time. */
export type Overlay = "palette" | "shortcuts" | "addNode" | "viewer" | "find" | undefined;

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: ToastKind;
  /** A way out that the message offers. */
  readonly action?: { readonly label: string; run(): void };
}

/** A run that waits or is on its way. */
export interface QueueItem {
  readonly id: string;
  readonly title: string;
  readonly state: "waiting" | "running";
  /** 0 to 1 over the whole graph, where known. */
  readonly progress?: number;
  readonly secondsLeft?: number;
  readonly node?: string;
  /** Whether this window sent it. */
  readonly mine: boolean;
}

/** A run that has ended. */
export interface HistoryItem {
  readonly id: string;
  readonly title: string;
  readonly state: "done" | "error" | "cancelled";
  /** Milliseconds since 1970. */
  readonly ended: number;
  readonly seconds?: number;
  readonly error?: string;
  readonly failure?: Failure;
  readonly pictures: readonly Picture[];
}

export interface Picture extends PictureRef {
  readonly job: string;
  readonly node?: NodeId;
  readonly prompt?: string;
  readonly seed?: string;
}

/** One tab: a document, its name on the server, and what the server held when it was read or written. */
export class OpenFile {
  readonly key: string;
  readonly editor: Editor;
  name = $state("");
  /** Digest of the server's content that this file is based on; undefined while never saved. */
  digest = $state<string | undefined>(undefined);
  dirty = $state(false);

  constructor(key: string, name: string, editor: Editor, digest?: string) {
    this.key = key;
    this.editor = editor;
    this.name = name;
    this.digest = digest;
    this.dirty = editor.document.dirty;
    editor.document.changed.subscribe(() => this.refresh());
  }

  /** Reads the dirty mark again, for example after `markSaved`. */
  refresh(): void {
    this.dirty = this.editor.document.dirty;
  }
}

/** Where the add-node box is open, and for which loose wire. */
export interface AddRequest {
  readonly at: Point;
  readonly screen: Point;
  readonly from?: { readonly node: NodeId; readonly socket: SocketId };
  /** The link into which the node is put. */
  readonly into?: LinkId;
}

export type MenuTarget =
  | { readonly kind: "canvas"; readonly at: Point }
  | { readonly kind: "node"; readonly id: NodeId }
  | { readonly kind: "link"; readonly id: string }
  | { readonly kind: "group"; readonly id: string }
  | { readonly kind: "socket"; readonly node: NodeId; readonly socket: SocketId };

/** A short text that somebody is asked for. */
export interface Question {
  readonly label: string;
  readonly value: string;
  readonly at?: Point;
  answer(text: string): void;
}

/** A node, by its run id, of which is asked why it ran or did not. */
export interface WhyRequest {
  readonly editor: Editor;
  readonly node: NodeId;
  readonly mark: DOMRect;
}

export interface TraceRequest {
  readonly title: string;
  readonly message: string;
  readonly failure: Failure;
}

/** One of several things in a list. */
export interface Choice {
  readonly id: string;
  readonly text: string;
  readonly detail?: string;
  /** A CSS colour that stands beside it. */
  readonly colour?: string;
  /** Choices of one family stand under its name. */
  readonly family?: string;
  pick(): void;
}

/** A list at a place of the screen from which somebody is to choose. */
export interface Choosing {
  readonly label: string;
  readonly at: Point;
  readonly items: readonly Choice[];
  readonly hint?: string;
  /** Goes back to the list before this one. */
  back?(): void;
}

export interface MenuRequest {
  readonly target: MenuTarget;
  readonly screen: Point;
}

const REMEMBERED = "darkroom.interface";
const EMPTY: DocumentState = {
  graphs: new Map([[ROOT, { id: ROOT, name: "", nodes: new Map(), links: new Map(), groups: new Map(), reroutes: new Map(), rest: {} }]]),
  rest: {},
};
const TOAST_MS = 5000;
/** Errors and questions are read slowly. */
const LONG_TOAST_MS = 20000;

export class AppState {
  files = $state.raw<readonly OpenFile[]>([]);
  activeKey = $state<string | undefined>(undefined);
  definitions = $state.raw<Definitions>({ get: () => undefined, all: () => [] });
  /** The canvas of the active file. */
  view = $state.raw<CanvasView | undefined>(undefined);
  services = $state.raw<Services | undefined>(undefined);
  commands = $state.raw<Commands | undefined>(undefined);

  theme = $state<Theme>("system");
  panel = $state<PanelName | undefined>(undefined);
  inspector = $state(false);
  gallery = $state(false);
  overlay = $state<Overlay>(undefined);
  addRequest = $state.raw<AddRequest | undefined>(undefined);
  menu = $state.raw<MenuRequest | undefined>(undefined);
  /** The mask that is being painted, over everything else. */
  masking = $state.raw<MaskWork | undefined>(undefined);
  toasts = $state.raw<readonly Toast[]>([]);
  /** Said to screen readers: the newest event of a run. */
  announcement = $state("");
  connected = $state(true);

  queue = $state.raw<readonly QueueItem[]>([]);
  history = $state.raw<readonly HistoryItem[]>([]);
  /** Pictures in the viewer, and which two of them are compared. */
  viewing = $state.raw<{ readonly pictures: readonly Picture[]; readonly index: number; readonly against?: number } | undefined>(undefined);
  /** What runs have made, as the gallery shows it. */
  readonly results = new ResultsState();
  /** Seeds that the newest run used, by "file key/node id/setting". */
  usedSeeds = $state.raw<ReadonlyMap<string, string>>(new Map());
  /** The file that is being given a name. */
  naming = $state.raw<OpenFile | undefined>(undefined);
  asking = $state.raw<Question | undefined>(undefined);
  choosing = $state.raw<Choosing | undefined>(undefined);
  /** The dialog about files that is open. */
  filesDialog = $state.raw<FilesDialog | undefined>(undefined);
  autoRun = $state(false);
  batchCount = $state(1);
  /** Whose run mark is looked at, and where that is on the screen. */
  why = $state.raw<WhyRequest | undefined>(undefined);
  /** The failure whose call stack is shown. */
  trace = $state.raw<TraceRequest | undefined>(undefined);
  /** Whether the list of problems is open. */
  listing = $state(false);
  recentNodes = $state.raw<readonly string[]>([]);
  promptSize = $state(13);
  linkStyle = $state<LinkStyle>("curve");
  linksShown = $state<LinksShown>("all");

  readonly form = new FormView();
  readonly kept = new KeptSubgraphs();

  #nextKey = 1;
  #nextToast = 1;

  get active(): OpenFile | undefined {
    return this.files.find((file) => file.key === this.activeKey);
  }

  /** Opens a tab with this document and shows it. */
  add(name: string, document: DocumentState, digest?: string): OpenFile {
    const file = new OpenFile(`f${this.#nextKey++}`, name, new Editor(new GraphDocument(document), this.definitions), digest);
    this.files = [...this.files, file];
    this.activeKey = file.key;
    return file;
  }

  notify(text: string, kind: ToastKind = "info", action?: Toast["action"]): void {
    const id = this.#nextToast++;
    const kept = this.toasts.filter((toast) => toast.text !== text).slice(-3);
    this.toasts = [...kept, action ? { id, text, kind, action } : { id, text, kind }];
    setTimeout(() => this.dismiss(id), kind === "error" || action ? LONG_TOAST_MS : TOAST_MS);
  }

  dismiss(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }

  /** Opens the add-node box, in the middle of the canvas unless a place is given. */
  openAdd(request?: AddRequest): void {
    const screen: Point = [window.innerWidth / 2, window.innerHeight / 2 - 120];
    const camera = this.active?.editor.camera ?? { x: 0, y: 0, zoom: 1 };
    const at: Point = [camera.x + (screen[0] - 48) / camera.zoom - 120, camera.y + (screen[1] - 44) / camera.zoom];
    this.addRequest = request ?? { at, screen };
    this.overlay = "addNode";
  }

  /** Opens the viewer on these pictures. */
  show(pictures: readonly Picture[], index: number, against?: number): void {
    this.viewing = against === undefined ? { pictures, index } : { pictures, index, against };
    if (!this.results.docked) this.overlay = "viewer";
  }

  /** Closes the viewer, also where it stands beside the graph. */
  closeViewer(): void {
    this.viewing = undefined;
    if (this.overlay === "viewer") this.overlay = undefined;
  }

  /** Records the seed that a run used; the seed widget shows it. */
  noteSeed(file: OpenFile, node: NodeId, name: string, seed: string): void {
    this.usedSeeds = new Map(this.usedSeeds).set(seedKey(file.key, node, name), seed);
  }

  usedNode(type: string): void {
    this.recentNodes = [type, ...this.recentNodes.filter((other) => other !== type)].slice(0, 8);
    this.remember();
  }

  /** Keeps theme and panels for the next visit. */
  remember(): void {
    const { theme, panel = null, inspector, gallery, recentNodes, promptSize, linkStyle, linksShown } = this;
    keep(REMEMBERED, { theme, panel, inspector, gallery, recentNodes: [...recentNodes], promptSize, linkStyle, linksShown });
  }

  /** Takes theme and panels from the last visit. */
  recall(): void {
    const kept = remembered(REMEMBERED);
    const theme = kept["theme"];
    if (theme === "dark" || theme === "light" || theme === "system") this.theme = theme;
    const panel = kept["panel"];
    if (panel === "outline" || panel === "files" || panel === "models" || panel === "queue") this.panel = panel;
    this.inspector = kept["inspector"] === true;
    this.gallery = kept["gallery"] === true;
    const recent = kept["recentNodes"];
    if (Array.isArray(recent)) this.recentNodes = recent.filter((name): name is string => typeof name === "string");
    const size = kept["promptSize"];
    if (typeof size === "number" && size >= 10 && size <= 24) this.promptSize = size;
    const { linkStyle, linksShown } = kept;
    if (linkStyle === "curve" || linkStyle === "straight" || linkStyle === "orthogonal") this.linkStyle = linkStyle;
    if (linksShown === "all" || linksShown === "selected" || linksShown === "none") this.linksShown = linksShown;
    setTheme(this, this.theme);
  }
}

/** Key of a seed in `usedSeeds`. */
export function seedKey(file: string, node: NodeId, name: string): string {
  return `${file}/${node}/${name}`;
}

/** Opens an empty tab. */
export function newFile(state: AppState): OpenFile {
  return state.add(freshName(state, t("file.untitled")), EMPTY);
}

/** Opens a tab with the workflow that this text holds. */
export function openText(state: AppState, name: string, text: string, digest?: string): OpenFile {
  const { state: document, warnings } = readWorkflow(text, state.definitions);
  const file = state.add(name, document, digest);
  const [first] = warnings;
  if (first !== undefined) state.notify(warnings.length > 1 ? t("file.warnings", { first, more: warnings.length - 1 }) : first, "warning");
  return file;
}

/** Shows the saved workflow of this name: its tab when open, else a new tab. */
export async function openWorkflow(state: AppState, name: string): Promise<OpenFile | undefined> {
  const open = state.files.find((file) => file.name === name && file.digest !== undefined);
  if (open) {
    state.activeKey = open.key;
    return open;
  }
  if (!state.services) return undefined;
  try {
    const { text, digest } = await state.services.readWorkflow(name);
    return openText(state, name, text, digest);
  } catch (error) {
    state.notify(t("file.cannotOpen", { name, reason: reasonOf(error) }), "error");
    return undefined;
  }
}

/** Opens an example as a new, unsaved file. */
export async function openTemplate(state: AppState, name: string): Promise<OpenFile | undefined> {
  if (!state.services) return undefined;
  try {
    return openText(state, freshName(state, name), await state.services.readTemplate(name));
  } catch (error) {
    state.notify(t("file.cannotOpen", { name, reason: reasonOf(error) }), "error");
    return undefined;
  }
}

/** Closes a tab; the next one to the left is shown. Unsaved edits stay in the server's draft. */
export function closeFile(state: AppState, file: OpenFile): void {
  const index = state.files.indexOf(file);
  if (index < 0) return;
  state.files = state.files.filter((other) => other !== file);
  if (state.activeKey === file.key) state.activeKey = state.files[Math.max(0, index - 1)]?.key;
  if (file.dirty) state.notify(t("files.closed", { name: file.name }), "info", { label: t("files.reopen"), run: () => reopenFile(state, file) });
}

/** Shows a closed tab again, as it was. */
function reopenFile(state: AppState, file: OpenFile): void {
  if (!state.files.includes(file)) state.files = [...state.files, file];
  state.activeKey = file.key;
}

/** Shows a message for a while, errors for longer. */
export function notify(state: AppState, text: string, kind: ToastKind = "info"): void {
  state.notify(text, kind);
}

/** Sets dark, light, or what the system prefers. */
export function setTheme(state: AppState, theme: Theme): void {
  state.theme = theme;
  const light = theme === "light" || (theme === "system" && matchMedia("(prefers-color-scheme: light)").matches);
  document.documentElement.dataset["theme"] = light ? "light" : "dark";
  state.remember();
}

/** What went wrong, in the words of whoever threw it. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function freshName(state: AppState, base: string): string {
  const taken = new Set(state.files.map((file) => file.name));
  if (!taken.has(base)) return base;
  for (let number = 2; ; number++) if (!taken.has(`${base} ${number}`)) return `${base} ${number}`;
}
