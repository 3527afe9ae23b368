/** A document, its model and a desk without a page, for tests of gestures. */

import { Editor } from "../../src/core/editor";
import { GraphDocument } from "../../src/core/document";
import { ROOT, type Camera, type Definitions, type DocumentState, type Graph, type GraphNode, type Group, type Link, type NodeDef, type Point, type Reroute, type Socket } from "../../src/core/types";
import { GraphModel } from "../../src/canvas/model";
import { pick } from "../../src/canvas/picking";
import type { Desk, Gesture, GestureKind, Lifted, Pointer, Press } from "../../src/canvas/tools/tool";
import { GESTURES } from "../../src/canvas/tools/table";

const NONE: Definitions = { get: () => undefined, all: () => [] };

export function socket(id: string, type: string): Socket {
  return { id, name: id.slice(id.indexOf(":") + 1), type, rest: {} };
}

export function node(id: string, pos: Point, inputs: readonly string[] = [], outputs: readonly string[] = []): GraphNode {
  return {
    id, type: `Type${id}`, pos, size: [200, 100], mode: 0, collapsed: false, pinned: false,
    inputs: inputs.map((type) => socket(`in:${type.toLowerCase()}`, type)),
    outputs: outputs.map((type) => socket(`out:${type.toLowerCase()}`, type)),
    values: {}, properties: {}, rest: {},
  };
}

export function link(id: string, from: string, to: string, type: string, reroute?: string): Link {
  return { id, from, fromSocket: `out:${type.toLowerCase()}`, to, toSocket: `in:${type.toLowerCase()}`, type, ...(reroute === undefined ? {} : { reroute }), rest: {} };
}

export function group(id: string, pos: Point, size: readonly [number, number]): Group {
  return { id, title: `Group ${id}`, pos, size, rest: {} };
}

const byId = <T extends { readonly id: string }>(things: readonly T[]): Map<string, T> => new Map(things.map((each) => [each.id, each]));

export function state(nodes: readonly GraphNode[], links: readonly Link[] = [], groups: readonly Group[] = [], reroutes: readonly Reroute[] = []): DocumentState {
  const graph: Graph = { id: ROOT, name: "", nodes: byId(nodes), links: byId(links), groups: byId(groups), reroutes: byId(reroutes), rest: {} };
  return { graphs: new Map([[ROOT, graph]]), rest: {} };
}

export interface Bench {
  readonly editor: Editor;
  readonly model: GraphModel;
  readonly desk: Desk;
  readonly calls: unknown[][];
  lifted: Lifted;
  hint: string | undefined;
  /** Presses, drags over the points and releases; the gesture that had it. */
  drag(points: readonly Point[], options?: Partial<Press> & { readonly end?: "release" | "cancel" | "none" }): Gesture;
}

export function bench(document: DocumentState, definitions: Definitions = NONE): Bench {
  const editor = new Editor(new GraphDocument(document), definitions);
  const model = new GraphModel(editor);
  editor.document.changed.subscribe((change) => model.follow(change));
  const calls: unknown[][] = [];
  const desk: Desk = {
    editor,
    model,
    layer: { held: new Set(), shift: (ids, dx, dy) => calls.push(["shift", [...ids].join(), dx, dy]), stretch: () => undefined, isMounted: () => true },
    ui: {
      mountNode: () => () => undefined,
      addNodeAt: (...args) => calls.push(["addNodeAt", ...args]),
      contextMenu: (...args) => calls.push(["contextMenu", ...args]),
      tell: (text) => calls.push(["tell", text]),
    },
    get camera(): Camera {
      return editor.camera;
    },
    look: (camera) => editor.look(camera),
    reveal: (id) => calls.push(["reveal", id]),
    lift: (things) => (result.lifted = things),
    redraw: () => undefined,
    edit: (label, change) => editor.document.transact(label, (t) => change(t, editor.graph)),
    pick: (at, touch = false) => pick(model, at, editor.camera.zoom, touch),
    hint: (text) => (result.hint = text),
  };
  const result: Bench = { editor, model, desk, calls, lifted: {}, hint: undefined, drag: (points, options = {}) => dragged(desk, points, options) };
  return result;
}

function dragged(desk: Desk, points: readonly Point[], { end = "release", ...options }: Partial<Press> & { readonly end?: "release" | "cancel" | "none" }): Gesture {
  const [first = [0, 0], ...rest] = points;
  let travelled = 0;
  const pointer = (at: Point): Pointer => ({ graph: at, screen: at, shift: false, alt: false, mod: false, touch: false, time: 0, ...options, travelled });
  const press: Press = { ...pointer(first), button: 0, hit: desk.pick(first), keys: new Set(), ...options };
  const kind: GestureKind | undefined = GESTURES.find((each) => each.wants(press, desk));
  if (kind === undefined) throw new Error("no gesture wants this press");
  const gesture = kind.begin(press, desk);
  for (const at of rest) {
    travelled = Math.max(travelled, Math.hypot(at[0] - first[0], at[1] - first[1]));
    gesture.move(pointer(at));
  }
  if (end === "release") gesture.release(pointer(points.at(-1) ?? first));
  else if (end === "cancel") gesture.cancel();
  return gesture;
}

/** A definition with one input and one output, as a conversion has. */
export function converter(id: string, from: string, to: string): NodeDef {
  return {
    id, title: id, category: "", description: "", module: "", isOutput: false, deprecated: false, experimental: false,
    inputs: [{ name: from.toLowerCase(), type: from, optional: false, isList: false }],
    outputs: [{ name: to.toLowerCase(), type: to, optional: false, isList: false }],
    widgets: [],
  };
}
