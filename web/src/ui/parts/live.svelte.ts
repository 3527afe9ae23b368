/** Bridges from the framework-free signals to Svelte's reactivity. */

import { graphOf } from "../../core/document";
import type { Editor } from "../../core/editor";
import type { Graph, Link, NodeId } from "../../core/types";

/** A counter that goes up when something of the document that `concerns` changes. Call it while a component is set up. */
export function documentTick(editor: () => Editor | undefined): { readonly value: number } {
  let value = $state(0);
  $effect(() => {
    const current = editor();
    if (!current) return;
    const stops = [
      current.document.changed.subscribe(() => (value += 1)),
      current.graphChanged.subscribe(() => (value += 1)),
    ];
    return () => stops.forEach((stop) => stop());
  });
  return {
    get value() {
      return value;
    },
  };
}

/** A counter that goes up when the selection changes. */
export function selectionTick(editor: () => Editor | undefined): { readonly value: number } {
  let value = $state(0);
  $effect(() => editor()?.selectionChanged.subscribe(() => (value += 1)));
  return {
    get value() {
      return value;
    },
  };
}

/** A counter that goes up when a run or the check says something new, at most once a frame. */
export function runTick(editor: () => Editor | undefined): { readonly value: number } {
  let value = $state(0);
  $effect(() => {
    const current = editor();
    if (!current) return;
    let frame = 0;
    const later = (): void => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        value += 1;
      });
    };
    const stops = [current.runChanged.subscribe(later), current.problemsChanged.subscribe(later)];
    return () => {
      cancelAnimationFrame(frame);
      stops.forEach((stop) => stop());
    };
  });
  return {
    get value() {
      return value;
    },
  };
}

/** The graph that is shown; undefined after an undo took it away. */
export function shownGraph(editor: Editor): Graph | undefined {
  return editor.document.state.graphs.has(editor.graph) ? graphOf(editor.document.state, editor.graph) : undefined;
}

export interface Wires {
  readonly into: ReadonlyMap<string, Link>;
  readonly outOf: ReadonlyMap<string, readonly Link[]>;
}

const wiresOf = new WeakMap<Graph["links"], Map<NodeId, { into: Map<string, Link>; outOf: Map<string, Link[]> }>>();
const NONE: Wires = { into: new Map(), outOf: new Map() };

/** The links of a node by socket; worked out once for each state of the table. */
export function wires(graph: Graph, id: NodeId): Wires {
  let table = wiresOf.get(graph.links);
  if (!table) {
    table = new Map();
    const entry = (node: NodeId): { into: Map<string, Link>; outOf: Map<string, Link[]> } => {
      const found = table?.get(node) ?? { into: new Map<string, Link>(), outOf: new Map<string, Link[]>() };
      table?.set(node, found);
      return found;
    };
    for (const link of graph.links.values()) {
      entry(link.to).into.set(link.toSocket, link);
      const out = entry(link.from).outOf;
      out.set(link.fromSocket, [...(out.get(link.fromSocket) ?? []), link]);
    }
    wiresOf.set(graph.links, table);
  }
  return table.get(id) ?? NONE;
}
