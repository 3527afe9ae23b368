/** The document and its history: one door for changes, one stack for undo. */

import { Signal } from "./signal";
import type { Change, DocumentState, Fields, Graph, GraphId, Op, Table, Tables } from "./types";

/** Edits of one target that follow each other this fast are one step of undo. */
const BURST_MS = 500;
/** Each step keeps the tables that it changed alive, about 50 kB in a graph of 1,000 nodes. */
const STEPS = 300;

/** What an edit may do; handed out by `GraphDocument.transact` and dead when that returns. */
export interface Transaction {
  /** The document as changed so far. */
  readonly state: DocumentState;
  /** Writes one thing; undefined removes it. */
  put<T extends Table>(graph: GraphId, table: T, id: string, value: Tables[T] | undefined): void;
  /** Writes a whole graph; undefined removes it. */
  putGraph(id: GraphId, graph: Graph | undefined): void;
  /** Writes the other fields of a graph, or of the file where graph is undefined. */
  putRest(graph: GraphId | undefined, rest: Fields): void;
}

interface Step {
  readonly label: string;
  readonly before: DocumentState;
  readonly after: DocumentState;
  readonly ops: readonly Op[];
  readonly targets: string;
  readonly at: number;
}

/** A document open for editing. */
export class GraphDocument {
  #state: DocumentState;
  #saved: DocumentState;
  #done: Step[] = [];
  #undone: Step[] = [];
  #open: Work | undefined;
  #fresh = false;
  readonly #now: () => number;
  readonly changed = new Signal<Change>();

  /** now: the clock that bursts are measured with, in milliseconds */
  constructor(state: DocumentState, now: () => number = Date.now) {
    this.#state = state;
    this.#saved = state;
    this.#now = now;
  }

  get state(): DocumentState {
    return this.#state;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** The name of the step that `undo` would take back. */
  get undoLabel(): string | undefined {
    return this.#done.at(-1)?.label;
  }

  get redoLabel(): string | undefined {
    return this.#undone.at(-1)?.label;
  }

  /** Whether the document differs from what was last saved or loaded. */
  get dirty(): boolean {
    return this.#state !== this.#saved;
  }

  markSaved(): void {
    this.#saved = this.#state;
  }

  /** The graph of that id; throws where there is none. */
  graph(id: GraphId): Graph {
    return graphOf(this.#state, id);
  }

  /** Runs an edit as one step of undo; where it throws, nothing has happened. Inside another edit it joins that one. */
  transact(label: string, edit: (t: Transaction) => void): void {
    if (this.#open) {
      edit(this.#open);
      return;
    }
    const work = new Work(this.#state);
    this.#open = work;
    try {
      edit(work);
    } finally {
      this.#open = undefined;
    }
    const ops = work.close();
    if (ops.length === 0) return;
    const before = this.#state;
    this.#state = work.state;
    this.#record({ label, before, after: this.#state, ops, targets: targetsOf(ops), at: this.#now() });
    this.changed.emit({ label, ops, kind: "do" });
  }

  /** Takes the last step back and returns its label. */
  undo(): string | undefined {
    const step = this.#done.pop();
    if (!step) return undefined;
    this.#undone.push(step);
    this.#fresh = false;
    this.#state = step.before;
    this.changed.emit({ label: step.label, ops: inverted(step.ops), kind: "undo" });
    return step.label;
  }

  /** Does again what `undo` took back and returns its label. */
  redo(): string | undefined {
    const step = this.#undone.pop();
    if (!step) return undefined;
    this.#done.push(step);
    this.#fresh = false;
    this.#state = step.after;
    this.changed.emit({ label: step.label, ops: step.ops, kind: "redo" });
    return step.label;
  }

  /** Replaces everything, history included. */
  load(state: DocumentState): void {
    this.#state = state;
    this.#saved = state;
    this.#done = [];
    this.#undone = [];
    this.#fresh = false;
    this.changed.emit({ label: "load", ops: [], kind: "load" });
  }

  #record(step: Step): void {
    this.#undone = [];
    const last = this.#done.at(-1);
    if (last && this.#fresh && last.label === step.label && last.targets === step.targets && step.at - last.at <= BURST_MS) {
      this.#done.pop();
      const ops = coalesced([...last.ops, ...step.ops]);
      if (ops.length === 0) this.#state = last.before;
      else this.#done.push({ ...step, before: last.before, ops });
      return;
    }
    this.#done.push(step);
    this.#fresh = true;
    if (this.#done.length > STEPS) this.#done.shift();
  }
}

/** The graph of that id; throws where there is none. */
export function graphOf(state: DocumentState, id: GraphId): Graph {
  const graph = state.graphs.get(id);
  if (!graph) throw new Error(`the document has no graph ${id}`);
  return graph;
}

/** The state after some operations, in order; what they do to graphs that are not there is ignored. */
export function applied(state: DocumentState, ops: readonly Op[]): DocumentState {
  const work = new Work(state);
  for (const op of ops) {
    if (op.table === "graphs") work.putGraph(op.id, op.after);
    else if (op.table === "rest") work.putRest(op.graph, op.after);
    else work.put(op.graph, op.table, op.id, op.after);
  }
  return work.state;
}

/** The operations that take these back, in the order in which to apply them. */
export function inverted(ops: readonly Op[]): Op[] {
  return ops.map((op): Op => ({ ...op, before: op.after, after: op.before }) as Op).reverse();
}

function keyOf(op: Op): string {
  if (op.table === "graphs") return `graphs ${op.id}`;
  if (op.table === "rest") return `rest ${op.graph ?? ""}`;
  return `${op.table} ${op.graph} ${op.id}`;
}

function targetsOf(ops: readonly Op[]): string {
  return ops.map(keyOf).sort().join("\n");
}

/** One operation per target. A whole graph written anew separates what was before from what comes after. */
function coalesced(ops: readonly Op[]): Op[] {
  const found: (Op | undefined)[] = [];
  let places = new Map<string, number>();
  for (const op of ops) {
    const key = keyOf(op);
    const place = places.get(key);
    const earlier = place === undefined ? undefined : found[place];
    if (op.table === "graphs") {
      places = new Map();
      found.push(op);
    } else if (place !== undefined && earlier) {
      found[place] = earlier.before === op.after ? undefined : ({ ...earlier, after: op.after } as Op);
      if (earlier.before === op.after) places.delete(key);
    } else {
      places.set(key, found.length);
      found.push(op);
    }
  }
  return found.filter((op) => op !== undefined);
}

/** Copies a table on its first change, so that states already handed out never change. */
class Work implements Transaction {
  readonly #ops: Op[] = [];
  readonly #drafts = new Map<GraphId, Graph>();
  readonly #tables = new WeakSet<object>();
  #state: DocumentState;
  #ownsGraphs = false;
  #closed = false;

  constructor(state: DocumentState) {
    this.#state = state;
  }

  get state(): DocumentState {
    return this.#state;
  }

  put<T extends Table>(graphId: GraphId, table: T, id: string, value: Tables[T] | undefined): void {
    this.#check();
    const graph = this.#state.graphs.get(graphId);
    const before = graph?.[table].get(id);
    if (!graph || before === value) return;
    const rows = this.#rows(graphId, table);
    if (value === undefined) rows.delete(id);
    else rows.set(id, value);
    this.#ops.push({ graph: graphId, table, id, before, after: value } as Op);
  }

  putGraph(id: GraphId, graph: Graph | undefined): void {
    this.#check();
    const before = this.#state.graphs.get(id);
    if (before === graph) return;
    // What was written into the graph so far belongs to the value before; a later write copies again.
    this.#drafts.delete(id);
    const graphs = this.#graphs();
    if (graph === undefined) graphs.delete(id);
    else graphs.set(id, graph);
    this.#ops.push({ table: "graphs", id, before, after: graph } as Op);
  }

  putRest(graphId: GraphId | undefined, rest: Fields): void {
    this.#check();
    if (graphId === undefined) {
      const before = this.#state.rest;
      if (before === rest) return;
      this.#state = { ...this.#state, rest };
      this.#ops.push({ table: "rest", before, after: rest });
      return;
    }
    const graph = this.#state.graphs.get(graphId);
    if (!graph || graph.rest === rest) return;
    const draft = { ...graph, rest };
    this.#drafts.set(graphId, draft);
    this.#graphs().set(graphId, draft);
    this.#ops.push({ table: "rest", graph: graphId, before: graph.rest, after: rest });
  }

  /** The operations, one per target; after this the transaction is dead. */
  close(): Op[] {
    this.#closed = true;
    return coalesced(this.#ops);
  }

  #check(): void {
    if (this.#closed) throw new Error("a transaction was used after it ended");
  }

  #graphs(): Map<GraphId, Graph> {
    if (!this.#ownsGraphs) {
      this.#state = { ...this.#state, graphs: new Map(this.#state.graphs) };
      this.#ownsGraphs = true;
    }
    return this.#state.graphs as Map<GraphId, Graph>;
  }

  #rows<T extends Table>(graphId: GraphId, table: T): Map<string, Tables[T]> {
    const graph = this.#drafts.get(graphId) ?? graphOf(this.#state, graphId);
    const rows = graph[table] as Map<string, Tables[T]>;
    if (this.#drafts.has(graphId) && this.#tables.has(rows)) return rows;
    const copy = new Map(rows);
    const draft: Graph = { ...graph, [table]: copy };
    this.#tables.add(copy);
    this.#drafts.set(graphId, draft);
    this.#graphs().set(graphId, draft);
    return copy;
  }
}
