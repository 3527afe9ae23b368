/** Settings that several nodes have in common, and one edit for all of them. */

import { setValue } from "./edits";
import type { Transaction } from "./document";
import { definitionOf } from "./instances";
import { isDrawn, valueOf } from "./schema";
import type { Definitions, DocumentState, GraphId, GraphNode, Json, NodeId, WidgetDef } from "./types";
import { widgetsFor } from "./widgets";

export interface SharedSetting {
  /** With the range and the choices that suit every node. */
  readonly widget: WidgetDef;
  readonly value: Json;
  /** The nodes have different values. */
  readonly mixed: boolean;
  readonly control: WidgetDef | undefined;
  readonly controlValue: Json | undefined;
}

/** The settings that all of these nodes have by name and kind, in the order of the first node's. */
export function sharedSettings(state: DocumentState, definitions: Definitions, nodes: readonly GraphNode[]): SharedSetting[] {
  const lists = nodes.map((node) => ({ node, widgets: widgetsOfNode(state, definitions, node) }));
  const [first, ...others] = lists;
  if (!first) return [];
  return first.widgets.flatMap((widget, index) => {
    if (!isDrawn(widget) || isControlOf(first.widgets, index)) return [];
    const alike = others.map(({ node, widgets }) => ({ node, widget: widgets.find((each) => each.name === widget.name && each.kind === widget.kind) }));
    if (alike.some((each) => each.widget === undefined)) return [];
    const all = [widget, ...alike.flatMap((each) => each.widget ?? [])];
    const values = [first.node, ...alike.map((each) => each.node)].map((node) => valueOf(node, widget));
    const next = first.widgets[index + 1];
    const control = next && isControlOf(first.widgets, index + 1) ? next : undefined;
    const value = values[0] ?? null;
    return [{ widget: common(all), value, mixed: values.some((each) => each !== value), control, controlValue: control && valueOf(first.node, control) }];
  });
}

function widgetsOfNode(state: DocumentState, definitions: Definitions, node: GraphNode): readonly WidgetDef[] {
  const def = definitionOf(state, definitions, node.type, node);
  return def ? widgetsFor(def, node.values) : [];
}

function isControlOf(widgets: readonly WidgetDef[], index: number): boolean {
  return widgets[index]?.kind === "control" && widgets[index - 1]?.kind === "seed";
}

/** The narrowest range, and the choices that all offer. */
function common(widgets: readonly WidgetDef[]): WidgetDef {
  const [first, ...others] = widgets;
  if (!first || others.every((each) => each === first)) return first as WidgetDef;
  const bounds = (of: (widget: WidgetDef) => number | bigint | undefined): (number | bigint)[] => widgets.flatMap((each) => of(each) ?? []);
  const extreme = (found: (number | bigint)[], better: (a: number | bigint, b: number | bigint) => boolean): number | bigint | undefined =>
    found.reduce<number | bigint | undefined>((best, each) => (best === undefined || better(each, best) ? each : best), undefined);
  const min = extreme(bounds((each) => each.min), (a, b) => a > b);
  const max = extreme(bounds((each) => each.max), (a, b) => a < b);
  const choices = first.choices?.filter((choice) => others.every((each) => each.choices?.includes(choice) ?? true));
  return { ...first, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }), ...(choices ? { choices } : {}) };
}

/** Sets a setting of all these nodes; those that a wire sets keep their own. */
export function setShared(t: Transaction, graph: GraphId, nodes: readonly NodeId[], name: string, value: Json): void {
  for (const id of nodes) setValue(t, graph, id, name, value);
}
