/** What is open and what is looked at: the document and, beside it, everything that undo does not touch. */

import type { GraphDocument } from "./document";
import { graphAt, idOnPath, pathTo, runIdOf, type Path } from "./paths";
import { Signal } from "./signal";
import { ROOT, type Camera, type Definitions, type GraphId, type LinkId, type NodeId, type NodeRun, type Problem } from "./types";

const IDLE: NodeRun = { state: "idle" };

/** One open file. Framework-free; Svelte components and the canvas subscribe to its signals. */
export class Editor {
  readonly #selection = new Set<NodeId>();
  readonly #runs = new Map<NodeId, NodeRun>();
  #problems: readonly Problem[] = [];
  #graph: GraphId = ROOT;
  #path: Path = [];
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
  ) {
    // An edit may take an entered instance away while another one keeps the graph.
    document.changed.subscribe(() => {
      const { state } = document;
      if (!state.graphs.has(this.#graph)) return this.#comeOut();
      if (this.#graph === ROOT || graphAt(state, this.#path) === this.#graph) return;
      this.#path = pathTo(state, this.#graph) ?? [];
      this.graphChanged.emit(this.#graph);
    });
  }

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

  /** The instances that were entered on the way to the shown graph, outermost first. */
  get path(): Path {
    return this.#path;
  }

  /** Shows a graph. path: the instances on the way; where absent, the selected instance or the nearest one is entered */
  enter(graph: GraphId, path: Path = this.#wayTo(graph)): void {
    if (graph === this.#graph && path.join(":") === this.#path.join(":")) return;
    this.#graph = graph;
    this.#path = path;
    this.select([]);
    this.graphChanged.emit(graph);
  }

  /** Shows the inside of an instance of the shown graph; false where the node is none. */
  enterInstance(id: NodeId): boolean {
    const inner = this.document.state.graphs.get(this.#graph)?.nodes.get(id)?.type;
    if (inner === undefined || inner === ROOT || !this.document.state.graphs.has(inner)) return false;
    this.enter(inner, [...this.#path, id]);
    return true;
  }

  /** Goes one level out and selects the instance that was shown; undefined where there is no level. */
  leave(): NodeId | undefined {
    const path = this.#path.slice(0, -1);
    const last = this.#path.at(-1);
    this.enter(graphAt(this.document.state, path) ?? ROOT, path);
    if (last !== undefined) this.select([last]);
    return last;
  }

  /** Shows the nearest graph around one that is gone, such as a subgraph whose making was undone. */
  #comeOut(): void {
    const { state } = this.document;
    let path = this.#path;
    while (path.length > 0 && graphAt(state, path) === undefined) path = path.slice(0, -1);
    this.enter(graphAt(state, path) ?? ROOT, path);
  }

  #wayTo(graph: GraphId): Path {
    const { state } = this.document;
    const nodes = state.graphs.get(this.#graph)?.nodes;
    const chosen = [...this.#selection].find((id) => nodes?.get(id)?.type === graph);
    if (chosen !== undefined) return [...this.#path, chosen];
    for (let length = this.#path.length; length >= 0; length -= 1) {
      const path = this.#path.slice(0, length);
      if (graphAt(state, path) === graph) return path;
    }
    const instance = [...(nodes?.values() ?? [])].find((node) => node.type === graph);
    return instance ? [...this.#path, instance.id] : (pathTo(state, graph) ?? []);
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

  /** What a run says of a node. id: as runs call it, "12:3" of node 3 inside of instance 12 */
  run(id: NodeId): NodeRun {
    return this.#runs.get(id) ?? IDLE;
  }

  /** What a run says of a node of the shown graph. */
  shownRun(id: NodeId): NodeRun {
    return this.run(this.runId(id));
  }

  /** The id that a node of the shown graph has in runs. */
  runId(id: NodeId): NodeId {
    return runIdOf(this.#path, id);
  }

  /** The node of the shown graph that a run's id is of, or that is an instance with it inside. */
  shownNode(runId: NodeId): NodeId | undefined {
    return idOnPath(this.#path, runId)?.id;
  }

  /** The node of the shown graph that a run's id is of; undefined where it is of another graph. */
  shownId(runId: NodeId): NodeId | undefined {
    const found = idOnPath(this.#path, runId);
    return found === undefined || found.inside ? undefined : found.id;
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

  /** The problems of a node of the shown graph; an instance has those inside of it too. */
  problemsOf(id: NodeId): Problem[] {
    return this.#problems.filter((problem) => problem.node !== null && this.shownNode(problem.node) === id);
  }

  setProblems(problems: readonly Problem[]): void {
    this.#problems = problems;
    this.problemsChanged.emit(problems);
  }
}
