/** The document: what a workflow file holds, as plain immutable values in normalised tables. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Fields = { readonly [key: string]: Json };

/** Ids are text here; the file may have numbers, which `io/write` gives back as they were. */
export type NodeId = string;
export type LinkId = string;
export type GroupId = string;
export type RerouteId = string;
/** "root", or the uuid of a subgraph definition. */
export type GraphId = string;
/** Of an input "in:NAME", of an output "out:NAME"; a second one of that name in the same list ends in "#2". */
export type SocketId = string;

export const ROOT: GraphId = "root";

export type Point = readonly [x: number, y: number];
export type Size = readonly [width: number, height: number];

/** 0 always, 2 muted, 4 bypassed; 1 and 3 are read and kept. */
export type Mode = 0 | 1 | 2 | 3 | 4;

export interface Socket {
  readonly id: SocketId;
  readonly name: string;
  readonly type: string;
  readonly label?: string;
  /** The input belongs to the widget of this name. */
  readonly widget?: string;
  readonly optional?: boolean;
  readonly isList?: boolean;
  /** Fields of the file that we do not use, written back as they came. */
  readonly rest: Fields;
}

export interface GraphNode {
  readonly id: NodeId;
  readonly type: string;
  /** Absent where the node shows its type's name. */
  readonly title?: string;
  readonly pos: Point;
  readonly size: Size;
  readonly mode: Mode;
  readonly collapsed: boolean;
  readonly pinned: boolean;
  readonly inputs: readonly Socket[];
  readonly outputs: readonly Socket[];
  /** Settings by name, also of widgets that are connected. Integers beyond 2^53 are text. */
  readonly values: Fields;
  /** The file's own widgets_values where names are not known (an unknown type): kept, not touched. */
  readonly rawValues?: Json;
  readonly color?: string;
  readonly bgcolor?: string;
  readonly properties: Fields;
  readonly rest: Fields;
}

export interface Link {
  readonly id: LinkId;
  readonly from: NodeId;
  readonly fromSocket: SocketId;
  readonly to: NodeId;
  readonly toSocket: SocketId;
  readonly type: string;
  /** The reroute nearest to the target; its chain leads to the source. */
  readonly reroute?: RerouteId;
  /** A tag at either end stands for the wire. */
  readonly hidden?: true;
  readonly rest: Fields;
}

export interface Reroute {
  readonly id: RerouteId;
  readonly parent?: RerouteId;
  readonly pos: Point;
  readonly rest: Fields;
}

export interface Group {
  readonly id: GroupId;
  readonly title: string;
  readonly pos: Point;
  readonly size: Size;
  readonly color?: string;
  readonly rest: Fields;
}

/** One graph: the root, or the inside of a subgraph. Inner inputs and outputs are nodes "-10" and "-20". */
export interface Graph {
  readonly id: GraphId;
  readonly name: string;
  readonly nodes: ReadonlyMap<NodeId, GraphNode>;
  readonly links: ReadonlyMap<LinkId, Link>;
  readonly groups: ReadonlyMap<GroupId, Group>;
  readonly reroutes: ReadonlyMap<RerouteId, Reroute>;
  /** Everything else of the definition: inputs, outputs, widgets, extra, state, version, ... */
  readonly rest: Fields;
}

export interface DocumentState {
  readonly graphs: ReadonlyMap<GraphId, Graph>;
  /** Top-level fields that are no graph: id, revision, config, extra, version, models, ... */
  readonly rest: Fields;
}

export interface Tables {
  nodes: GraphNode;
  links: Link;
  groups: Group;
  reroutes: Reroute;
}
export type Table = keyof Tables;

/** One change of one thing; its inverse has before and after swapped. */
export type Op =
  | { [T in Table]: { readonly graph: GraphId; readonly table: T; readonly id: string; readonly before?: Tables[T]; readonly after?: Tables[T] } }[Table]
  | { readonly table: "graphs"; readonly id: GraphId; readonly before?: Graph; readonly after?: Graph }
  | { readonly table: "rest"; readonly graph?: GraphId; readonly before: Fields; readonly after: Fields };

export interface Change {
  readonly label: string;
  readonly ops: readonly Op[];
  readonly kind: "do" | "undo" | "redo" | "load";
}

/** What kind of widget draws a setting. */
export type WidgetKind = "int" | "float" | "text" | "longtext" | "choice" | "toggle" | "seed" | "control" | "image" | "file" | "color" | "unknown";

export interface WidgetDef {
  readonly name: string;
  readonly kind: WidgetKind;
  readonly type: string;
  readonly default: Json;
  readonly choices?: readonly Json[];
  readonly min?: number | bigint;
  readonly max?: number | bigint;
  readonly step?: number;
  readonly round?: number;
  readonly tooltip?: string;
  readonly placeholder?: string;
  readonly options: Fields;
  /** False of what the editor adds beside a setting (control_after_generate, upload buttons). */
  readonly isInput: boolean;
}

export interface SocketDef {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  readonly isList: boolean;
  readonly tooltip?: string;
}

/** A node type as /object_info describes it. */
export interface NodeDef {
  readonly id: string;
  readonly title: string;
  readonly category: string;
  readonly description: string;
  readonly module: string;
  readonly isOutput: boolean;
  readonly deprecated: boolean;
  readonly experimental: boolean;
  /** Wires only: settings are in `widgets`. */
  readonly inputs: readonly SocketDef[];
  readonly outputs: readonly SocketDef[];
  readonly widgets: readonly WidgetDef[];
}

export interface Definitions {
  get(type: string): NodeDef | undefined;
  all(): Iterable<NodeDef>;
}

/** What a run says of a node; never part of the document. */
export interface NodeRun {
  readonly state: "idle" | "queued" | "running" | "done" | "cached" | "error" | "blocked";
  readonly value?: number;
  readonly max?: number;
  readonly seconds?: number;
  /** Steps a second, once there were two. */
  readonly rate?: number;
  /** How many runs come before its own while it waits. */
  readonly place?: number;
  /** When it was done, in milliseconds: its mark fades after that. */
  readonly ended?: number;
  /** Why it ran or was cached. */
  readonly reason?: string;
  readonly error?: string;
  /** What the server told of an error beside its message. */
  readonly failure?: Failure;
  /** Items of the ui dict: pictures, texts. */
  readonly output?: Fields;
  /** Object URL of the newest live preview. */
  readonly preview?: string;
}

/** How a node failed. */
export interface Failure {
  readonly job: string;
  /** The node by its run id. */
  readonly node: NodeId;
  /** Such as "ValueError", or "WorkerDied". */
  readonly type: string;
  /** The call stack as text, empty where there is none. */
  readonly trace: string;
  /** What the node was called with, by input. */
  readonly inputs: Fields;
}

/** A problem that the server's check found. */
export interface Problem {
  readonly node: NodeId | null;
  readonly input: string | null;
  readonly text: string;
  readonly remedy: string;
  readonly warning: boolean;
  readonly type: string;
}

export interface Camera {
  /** Graph coordinates at the viewport's top left corner. */
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}
