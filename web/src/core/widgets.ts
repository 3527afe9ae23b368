/** Which settings a node type draws, in the order in which a file holds their values (interface 4.3). */

import { entriesOf, isFields, type InputEntry } from "./entries";
import type { Fields, Json, NodeDef, WidgetDef, WidgetKind } from "./types";

export const CONTROL = "control_after_generate";
export const CONTROL_WORDS: readonly string[] = ["fixed", "increment", "decrement", "randomize"];
/** A choice that brings settings of its own for each option, named `choice.setting`, right after it. */
export const GROWING = "COMFY_DYNAMICCOMBO_V3";

const WIDGET_TYPES = new Set(["INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"]);
/** Types that only the editor draws as settings. */
export const EDITOR_TYPES: ReadonlySet<string> = new Set([
  GROWING, "COLOR", "LOAD_3D", "LOAD_3D_ANIMATION", "PREVIEW_3D", "WEBCAM", "AUDIO_RECORD", "AUDIO_UI", "MARKDOWN",
]);
const UPLOADS = ["image_upload", "animated_image_upload", "video_upload", "audio_upload"];
const LARGEST = 2n ** 64n - 1n;

/** What ComfyUI's editor adds to node types by name; some of it has a place in the file. */
const ADDED: Readonly<Record<string, readonly [name: string, stored: boolean]>> = {
  PreviewAny: ["preview", false],
  Preview3D: ["image", true],
  Preview3DAnimation: ["image", true],
  SaveGLB: ["image", true],
  LoadAudio: ["audioUI", false],
  PreviewAudio: ["audioUI", false],
  SaveAudio: ["audioUI", false],
  SaveAudioMP3: ["audioUI", false],
  SaveAudioOpus: ["audioUI", false],
};

/** Whether an input is drawn as a setting. */
export function isWidget(each: InputEntry): boolean {
  if (each.options["forceInput"] === true) return false;
  const wanted = each.options["widgetType"] ?? each.type;
  return typeof wanted === "string" && (WIDGET_TYPES.has(wanted) || EDITOR_TYPES.has(wanted));
}

/** The settings of a node type, without those that a growing choice brings. */
export function widgetsOf(type: string, inputs: readonly InputEntry[]): WidgetDef[] {
  const required: WidgetDef[] = [];
  const optional: WidgetDef[] = [];
  let uploads = false;
  for (const each of inputs) {
    if (!isWidget(each)) continue;
    (each.optional ? optional : required).push(widgetOf(each), ...extrasOf(each));
    uploads ||= UPLOADS.some((key) => truthy(each.options[key]));
  }
  const added = Object.hasOwn(ADDED, type) ? ADDED[type] : undefined;
  if (added) required.push(extra(added[0], "unknown", "", { hidden: true, stored: added[1] }));
  if (uploads) required.push(extra("upload", "unknown", "image", { hidden: true }));
  return [...required, ...optional];
}

/** What a setting is called on its node: a subgraph may have named it anew. */
export function labelOf(widget: WidgetDef): string {
  const { label, setting } = widget.options;
  return typeof label === "string" && label !== "" ? label : typeof setting === "string" ? setting : widget.name;
}

/** The settings of a type given the values of a node: a growing choice brings those of the chosen option. */
export function widgetsFor(def: NodeDef, values: Fields): readonly WidgetDef[] {
  if (!def.widgets.some((each) => each.type === GROWING)) return def.widgets;
  return grown(def.widgets, (name) => values[name]);
}

/** As `widgetsFor`, with the values by their place among the stored ones. */
export function widgetsByPlace(def: NodeDef, values: readonly Json[]): readonly WidgetDef[] {
  if (!def.widgets.some((each) => each.type === GROWING)) return def.widgets;
  return grown(def.widgets, (_, place) => values[place]);
}

function grown(widgets: readonly WidgetDef[], valueAt: (name: string, place: number) => Json | undefined): WidgetDef[] {
  const found: WidgetDef[] = [];
  const waiting = [...widgets].reverse();
  let place = 0;
  for (let widget = waiting.pop(); widget; widget = waiting.pop()) {
    found.push(widget);
    if (widget.type === GROWING) {
      const value = valueAt(widget.name, place);
      waiting.push(...[...broughtBy(widget, value ?? widget.default)].reverse());
    }
    if (widget.options["stored"] !== false) place += 1;
  }
  return found;
}

const brought = new WeakMap<WidgetDef, Map<string, WidgetDef[]>>();

/** The settings that an option of a growing choice brings. */
function broughtBy(widget: WidgetDef, option: Json): readonly WidgetDef[] {
  let options = brought.get(widget);
  if (!options) {
    options = new Map();
    const listed = widget.options["options"];
    for (const each of Array.isArray(listed) ? listed : []) {
      if (!isFields(each) || typeof each["key"] !== "string") continue;
      const inner = entriesOf({ input: each["inputs"] ?? {} });
      options.set(each["key"], widgetsOf("", inner.map((one) => ({ ...one, name: `${widget.name}.${one.name}` }))));
    }
    brought.set(widget, options);
  }
  return typeof option === "string" ? (options.get(option) ?? []) : [];
}

function widgetOf(each: InputEntry): WidgetDef {
  const choices = choicesOf(each);
  const { min, max, step, round, tooltip, placeholder } = each.options;
  return {
    name: each.name,
    kind: kindOf(each),
    type: each.type,
    default: defaultOf(each, choices),
    ...(choices ? { choices } : {}),
    ...defined("min", bound(min)),
    ...defined("max", bound(max)),
    ...defined("step", typeof step === "number" ? step : undefined),
    ...defined("round", typeof round === "number" ? round : undefined),
    ...defined("tooltip", typeof tooltip === "string" ? tooltip : undefined),
    ...defined("placeholder", typeof placeholder === "string" ? placeholder : undefined),
    options: each.options,
    isInput: true,
  };
}

/** The options of a choice; undefined of what is none. */
export function choicesOf(each: Pick<InputEntry, "type" | "list" | "options">): readonly Json[] | undefined {
  if (each.list) return each.list;
  const listed = each.options["options"];
  if (each.type === GROWING) {
    return Array.isArray(listed) ? listed.flatMap((one) => (isFields(one) && typeof one["key"] === "string" ? [one["key"]] : [])) : [];
  }
  if (each.type !== "COMBO") return undefined;
  return Array.isArray(listed) ? listed : [];
}

function kindOf(each: InputEntry): WidgetKind {
  const wanted = each.options["widgetType"] ?? each.type;
  switch (wanted) {
    case "INT":
      return hasControl(each) ? "seed" : "int";
    case "FLOAT":
      return "float";
    case "STRING":
      return truthy(each.options["multiline"]) ? "longtext" : "text";
    case "MARKDOWN":
      return "longtext";
    case "BOOLEAN":
      return "toggle";
    case "COMBO":
      if (truthy(each.options["image_upload"]) || truthy(each.options["animated_image_upload"])) return "image";
      return UPLOADS.some((key) => truthy(each.options[key])) ? "file" : "choice";
    case GROWING:
      return "choice";
    case "COLOR":
      return "color";
    default:
      return "unknown";
  }
}

function defaultOf(each: InputEntry, choices: readonly Json[] | undefined): Json {
  for (const key of ["default", "defaultVal"]) {
    const given = each.options[key];
    if (given !== undefined) return given;
  }
  if (each.type === "INT" || each.type === "FLOAT") return 0;
  if (each.type === "BOOLEAN") return false;
  return choices ? (choices[0] ?? null) : "";
}

function hasControl(each: InputEntry): boolean {
  const wish = each.options[CONTROL];
  return truthy(wish) || (each.type === "INT" && (each.name === "seed" || each.name === "noise_seed") && wish === undefined);
}

/** What stands directly after an input: a seed's control, a remote list's buttons. */
function extrasOf(each: InputEntry): WidgetDef[] {
  const found: WidgetDef[] = [];
  if (hasControl(each)) {
    const wish = each.options[CONTROL];
    found.push({ ...extra(typeof wish === "string" ? wish : CONTROL, "control", "randomize", {}), choices: CONTROL_WORDS });
    if (each.type === "COMBO") found.push(extra("control_filter_list", "text", "", {}));
  }
  const remote = each.options["remote"];
  if (isFields(remote) && truthy(remote["refresh_button"])) {
    found.push(extra("Auto-refresh after generation", "toggle", false, { hidden: true }));
    found.push(extra("refresh", "unknown", "refresh", { hidden: true }));
  }
  return found;
}

function extra(name: string, kind: WidgetKind, value: Json, options: Fields): WidgetDef {
  return { name, kind, type: kind === "control" ? "COMBO" : "*", default: value, options, isInput: false };
}

/** A bound of a number. JSON readers without long integers give 2^64 - 1 as the double next to it. */
function bound(value: Json | undefined): number | bigint | undefined {
  if (typeof value === "number") {
    if (!Number.isInteger(value) || Number.isSafeInteger(value) || Math.abs(value) > 2 ** 64) return value;
    const whole = BigInt(value);
    return whole > LARGEST ? LARGEST : whole;
  }
  const digits = typeof value === "string" ? /^\uE000?(-?\d+)$/.exec(value)?.[1] : undefined;
  return digits === undefined ? undefined : BigInt(digits);
}

function defined<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}

function truthy(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== "";
}
