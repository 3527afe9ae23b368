/** What a form shows: its lines with their nodes, widgets and names, and a sensible form for a file that has none. */

import { INPUT_NODE } from "./ids";
import { definitionOf } from "./instances";
import { adjacency, topologicalOrder, upstream } from "./order";
import { isDrawn, valueOf } from "./schema";
import { formOf, type FormItem, type FormSetting } from "./form";
import { ROOT, type Definitions, type DocumentState, type Graph, type GraphNode, type Json, type NodeDef, type NodeId, type Problem, type WidgetDef } from "./types";
import { isVirtual } from "./virtual";
import { widgetsFor } from "./widgets";

/** One line as it is shown. place: where it stands among the lines of the form */
export type FormLine =
  | { readonly kind: "heading"; readonly place: number; readonly text: string }
  | {
      readonly kind: "setting";
      readonly place: number;
      readonly item: FormSetting;
      readonly node: GraphNode;
      readonly widget: WidgetDef;
      readonly value: Json;
      readonly control: WidgetDef | undefined;
      readonly controlValue: Json | undefined;
      /** The node whose wire sets it. */
      readonly from: NodeId | undefined;
      readonly label: string;
      readonly help: string;
    };
export type FormField = Extract<FormLine, { kind: "setting" }>;

/** The lines of a form whose nodes and settings are there. */
export function formLines(state: DocumentState, definitions: Definitions): FormLine[] {
  const graph = state.graphs.get(ROOT);
  if (!graph) return [];
  const lines = formOf(state).flatMap((item, place): FormLine[] => {
    if (item.kind === "heading") return [{ kind: "heading", place, text: item.text }];
    const field = item.kind === "setting" ? fieldOf(state, definitions, graph, item, place) : undefined;
    return field ? [field] : [];
  });
  return told(lines);
}

function fieldOf(state: DocumentState, definitions: Definitions, graph: Graph, item: FormSetting, place: number): FormField | undefined {
  const node = graph.nodes.get(item.node);
  const def = node && definitionOf(state, definitions, node.type, node);
  const widgets = node && def ? widgetsFor(def, node.values) : [];
  const at = widgets.findIndex((each) => each.name === item.setting);
  const [widget, next] = [widgets[at], widgets[at + 1]];
  if (!node || !widget) return undefined;
  const control = widget.kind === "seed" && next?.kind === "control" ? next : undefined;
  return {
    kind: "setting",
    place,
    item,
    node,
    widget,
    value: valueOf(node, widget),
    control,
    controlValue: control && valueOf(node, control),
    from: sourceOf(graph, node, widget.name),
    label: item.label ?? plainName(node, widget),
    help: item.help ?? widget.tooltip ?? "",
  };
}

function sourceOf(graph: Graph, node: GraphNode, name: string): NodeId | undefined {
  const socket = node.inputs.find((each) => (each.widget ?? each.name) === name);
  const link = socket && (adjacency(graph).into.get(node.id) ?? []).find((each) => each.toSocket === socket.id);
  return link && link.from !== INPUT_NODE ? link.from : undefined;
}

/** Whether a problem is of a line's setting, or of the one inside of a subgraph that it stands for. */
export function concerns(field: FormField, { node, input }: Problem): boolean {
  if (node === null || input === null) return false;
  const { setting } = field.widget.options;
  if (node === field.node.id) return input === field.widget.name;
  return node.startsWith(`${field.node.id}:`) && input === (typeof setting === "string" ? setting : field.widget.name);
}

/** What a setting is called where nobody named it: a prompt by its node, others by their name in words. */
export function plainName(node: GraphNode, widget: WidgetDef): string {
  if (widget.kind === "longtext" && node.title !== undefined) return node.title;
  const { label, setting } = widget.options;
  const name = typeof label === "string" ? label : typeof setting === "string" ? setting : widget.name;
  const words = name.replace(/[_.]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Lines of the same name are told apart by their nodes. */
function told(lines: readonly FormLine[]): FormLine[] {
  const counts = new Map<string, number>();
  for (const line of lines) if (line.kind === "setting") counts.set(line.label, (counts.get(line.label) ?? 0) + 1);
  return lines.map((line) => {
    if (line.kind !== "setting" || (counts.get(line.label) ?? 0) < 2 || line.node.title === undefined || line.label === line.node.title) return line;
    return { ...line, label: `${line.label} · ${line.node.title}` };
  });
}

/** Headings of an automatic form. */
export interface FormWords {
  readonly prompt: string;
  readonly picture: string;
  readonly details: string;
}

/** A form of what people change most: prompts, pictures that go in, size, seed and steps. Empty where there is nothing of the like. */
export function automaticForm(state: DocumentState, definitions: Definitions, words: FormWords): FormItem[] {
  const graph = state.graphs.get(ROOT);
  if (!graph) return [];
  const parts: Record<keyof FormWords, FormItem[]> = { prompt: [], picture: [], details: [] };
  const wanted = shown(state, definitions, graph);
  for (const id of topologicalOrder(graph)) {
    const node = graph.nodes.get(id);
    const def = node && definitionOf(state, definitions, node.type, node);
    if (!node || !def || !wanted.has(id) || isVirtual(node.type) || node.mode === 2 || node.mode === 4) continue;
    for (const widget of widgetsFor(def, node.values)) {
      const part = isDrawn(widget) && sourceOf(graph, node, widget.name) === undefined ? partOf(widget) : undefined;
      if (part) parts[part].push({ kind: "setting", node: id, setting: widget.name, rest: {} });
    }
  }
  return (["prompt", "picture", "details"] as const).flatMap((part): FormItem[] => (parts[part].length ? [{ kind: "heading", text: words[part], rest: {} }, ...parts[part]] : []));
}

/** The nodes that results come from; all where nothing gives a result. */
function shown(state: DocumentState, definitions: Definitions, graph: Graph): ReadonlySet<NodeId> {
  const outputs = resultNodes(state, definitions).map((node) => node.id);
  return outputs.length ? upstream(graph, outputs) : new Set(graph.nodes.keys());
}

function partOf(widget: WidgetDef): keyof FormWords | undefined {
  const { setting } = widget.options;
  const name = typeof setting === "string" ? setting : widget.name;
  if (widget.kind === "longtext") return "prompt";
  if (widget.kind === "image" || ((name === "width" || name === "height") && widget.kind === "int")) return "picture";
  return widget.kind === "seed" || name === "steps" ? "details" : undefined;
}

/** The nodes of the root graph that give results, in the order in which they run. */
export function resultNodes(state: DocumentState, definitions: Definitions): GraphNode[] {
  const graph = state.graphs.get(ROOT);
  if (!graph) return [];
  return topologicalOrder(graph).flatMap((id) => {
    const node = graph.nodes.get(id);
    return node && givesResult(state, definitions, node) ? [node] : [];
  });
}

function givesResult(state: DocumentState, definitions: Definitions, node: GraphNode): boolean {
  const waiting: string[] = [node.type];
  const seen = new Set<string>();
  for (let type = waiting.pop(); type !== undefined; type = waiting.pop()) {
    if (seen.has(type)) continue;
    seen.add(type);
    const inner = type === ROOT ? undefined : state.graphs.get(type);
    const def: NodeDef | undefined = inner ? undefined : definitions.get(type);
    if (def?.isOutput) return true;
    for (const each of inner?.nodes.values() ?? []) waiting.push(each.type);
  }
  return false;
}
