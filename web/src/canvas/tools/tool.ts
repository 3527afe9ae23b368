/** What gestures are made of, and what they may use. */

import type { Editor } from "../../core/editor";
import type { Transaction } from "../../core/document";
import type { Camera, GraphId, GroupId, LinkId, NodeId, Point, RerouteId, SocketId } from "../../core/types";
import type { GraphModel } from "../model";
import type { Brush } from "../paint/brush";
import type { Hit } from "../picking";

/** A press that moves less than this many screen pixels is a click. */
export const CLICK_PIXELS = 4;

export interface Pointer {
  readonly graph: Point;
  /** Within the viewport. */
  readonly screen: Point;
  readonly shift: boolean;
  readonly alt: boolean;
  /** Ctrl, or the Mac's command key. */
  readonly mod: boolean;
  readonly touch: boolean;
  /** The farthest the pointer has been from where it was pressed, in screen pixels. */
  readonly travelled: number;
  /** Milliseconds on the clock of the page. */
  readonly time: number;
}

export interface Press extends Pointer {
  /** 0 left, 1 middle, 2 right. */
  readonly button: number;
  readonly hit: Hit;
  /** Keys that are held, as `event.code`. */
  readonly keys: ReadonlySet<string>;
}

/** One interaction between press and release. Nothing is written to the document before the release. */
export interface Gesture {
  readonly name: string;
  readonly cursor?: string;
  /** At the edge of the viewport the desk moves on under the pointer. */
  readonly drifts?: boolean;
  move(pointer: Pointer): void;
  /** Ends the gesture; true keeps it alive until the next press and release. */
  release(pointer: Pointer): boolean | void;
  /** Leaves everything as it was before the press. */
  cancel(): void;
  /** Takes a key while it lasts; true when it meant something. */
  key?(code: string): boolean;
  /** Draws onto the overlay. */
  paint?(brush: Brush): void;
}

/** A row of the table of gestures. */
export interface GestureKind {
  readonly name: string;
  wants(press: Press, desk: Desk): boolean;
  begin(press: Press, desk: Desk): Gesture;
}

/** What is under a context menu. */
export type MenuTarget =
  | { readonly kind: "canvas"; readonly at: Point }
  | { readonly kind: "node"; readonly id: NodeId }
  | { readonly kind: "link"; readonly id: LinkId }
  | { readonly kind: "group"; readonly id: GroupId }
  | { readonly kind: "socket"; readonly node: NodeId; readonly socket: SocketId };

/** What the canvas asks of the interface around it. */
export interface CanvasUi {
  /** Puts a node's component into an element; returns how to take it out. */
  mountNode(id: NodeId, element: HTMLElement): () => void;
  addNodeAt(graph: Point, screen: Point, from?: { node: NodeId; socket: SocketId }): void;
  contextMenu(target: MenuTarget, screen: Point): void;
  tell(text: string): void;
  /** Lets the user choose a socket of a node, and then what to wire it with. */
  connectFrom?(id: NodeId, screen: Point): void;
  /** The pointer rests on a link, or no longer on any. */
  restedOn?(link: LinkId | undefined, screen: Point): void;
  /** Shows a node's output large. */
  viewOutput?(id: NodeId): void;
  /** Lets the user name a frame. */
  renameGroup?(id: GroupId, screen: Point): void;
  /** The address of the small picture of a node's last result. */
  thumbnail?(id: NodeId): string | undefined;
}

/** Things that a gesture shows in another place than the document says. */
export interface Lifted {
  readonly nodes?: ReadonlySet<NodeId>;
  readonly links?: ReadonlySet<LinkId>;
  readonly reroutes?: ReadonlySet<RerouteId>;
  readonly groups?: ReadonlySet<GroupId>;
}

/** What gestures do to the elements of nodes. */
export interface HeldLayer {
  /** Nodes that stay elements while the gesture lasts. */
  held: ReadonlySet<NodeId>;
  shift(ids: Iterable<NodeId>, dx: number, dy: number): void;
  stretch(id: NodeId, width: number, height: number): void;
  isMounted(id: NodeId): boolean;
}

/** What a gesture works on. */
export interface Desk {
  readonly editor: Editor;
  readonly model: GraphModel;
  readonly layer: HeldLayer;
  readonly ui: CanvasUi;
  readonly camera: Camera;
  look(camera: Camera): void;
  /** Brings a node into view. */
  reveal(id: NodeId): void;
  /** The scene leaves these out until called again with nothing. */
  lift(things: Lifted): void;
  /** The overlay is drawn at the next frame. */
  redraw(): void;
  /** One step of undo on the shown graph. */
  edit(label: string, change: (t: Transaction, graph: GraphId) => void): void;
  /** What lies under a point. */
  pick(at: Point, touch?: boolean): Hit;
  /** Sets or removes the words at the pointer. */
  hint(text: string | undefined, screen?: Point): void;
}

/** A gesture that does one thing when it ends as a click. */
export function clicking(name: string, act: () => void): Gesture {
  return {
    name,
    move: () => undefined,
    release: (pointer) => {
      if (pointer.travelled < CLICK_PIXELS) act();
    },
    cancel: () => undefined,
  };
}
