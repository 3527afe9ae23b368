/** What is open and what is looked at: the document and, beside it, everything that undo does not touch. */

import type { GraphDocument } from "./document";
import { Signal } from "./signal";
import { ROOT, type Camera, type Definitions, type GraphId, type LinkId, type NodeId, type NodeRun, type Problem } from "./types";

const IDLE: NodeRun = { state: "idle" };

/** One open file. Framework-free; Svelte components and the canvas subscribe to its signals. */
export class Editor {
  readonly #selection = new Set<NodeId>();
  readonly #runs = new Map<NodeId, NodeRun>();
  #problems: readonly Problem[] = [];
  #graph: GraphId = ROOT;
  #camera: Camera = { x: 0, y: 0, zoom: 1 };
  #hoveredLink: LinkId | undefined;

  readonly selectionChanged = new Signal<ReadonlySet<NodeId>>();
  /** The node whose run state changed, or null for all of them. */
  readonly runChanged = new Signal<NodeId | null>();
  readonly problemsChanged = new Signal<readonly Problem[]>();
  readonly graphChanged = new Signal<GraphId>();
  readonly cameraChanged = new Signal<Camera>();

  constructor(
    readonly document: GraphDocument,
    readonly definitions: Definitions,
  ) {}

  get selection(): ReadonlySet<NodeId> {
    return this.#selection;
  }

  select(ids: Iterable<NodeId>): void {
    this.#selection.clear();
    for (const id of ids) this.#selection.add(id);
    this.selectionChanged.emit(this.#selection);
  }

  /** The graph that is shown. */
  get graph(): GraphId {
    return this.#graph;
  }

  enter(graph: GraphId): void {
    if (graph === this.#graph) return;
    this.#graph = graph;
    this.select([]);
    this.graphChanged.emit(graph);
  }

  get camera(): Camera {
    return this.#camera;
  }

  look(camera: Camera): void {
    this.#camera = camera;
    this.cameraChanged.emit(camera);
  }

  get hoveredLink(): LinkId | undefined {
    return this.#hoveredLink;
  }

  set hoveredLink(id: LinkId | undefined) {
    this.#hoveredLink = id;
  }

  run(id: NodeId): NodeRun {
    return this.#runs.get(id) ?? IDLE;
  }

  setRun(id: NodeId, run: NodeRun): void {
    this.#runs.set(id, run);
    this.runChanged.emit(id);
  }

  clearRuns(): void {
    this.#runs.clear();
    this.runChanged.emit(null);
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  setProblems(problems: readonly Problem[]): void {
    this.#problems = problems;
    this.problemsChanged.emit(problems);
  }
}
