/** Which mask is to be painted: the setting of a node that names a picture. */

import { definitionOf } from "../../core/instances";
import { valueOf } from "../../core/schema";
import type { Editor } from "../../core/editor";
import type { GraphId, NodeId } from "../../core/types";
import type { AppState } from "../state.svelte";
import type { MaskAct } from "./acts";

/** Where the mask of a node's picture is: in its transparency, or in one of its colours. */
export type MaskChannel = "alpha" | "red" | "green" | "blue";

export interface MaskTarget {
  readonly editor: Editor;
  readonly graph: GraphId;
  readonly node: NodeId;
  /** The setting that names the picture. */
  readonly widget: string;
  readonly value: string;
  readonly channel: MaskChannel;
}

const CHANNELS: readonly MaskChannel[] = ["red", "green", "blue"];

/** The picture that a node loads; undefined where it loads none. widget: the first of its kind where absent */
export function maskTarget(editor: Editor, id: NodeId, widget?: string, graph: GraphId = editor.graph): MaskTarget | undefined {
  const { document, definitions } = editor;
  const node = document.state.graphs.get(graph)?.nodes.get(id);
  const def = node && definitionOf(document.state, definitions, node.type, node);
  const found = def?.widgets.find((each) => each.kind === "image" && (widget === undefined || each.name === widget));
  if (!node || !found || node.inputs.some((each) => each.widget === found.name && isWired(editor, graph, id, each.id))) return undefined;
  const value = valueOf(node, found);
  if (typeof value !== "string" || value === "") return undefined;
  const chosen = def?.widgets.find((each) => each.name === "channel");
  const channel = CHANNELS.find((each) => chosen && valueOf(node, chosen) === each) ?? "alpha";
  return { editor, graph, node: id, widget: found.name, value, channel };
}

function isWired(editor: Editor, graph: GraphId, node: NodeId, socket: string): boolean {
  const links = editor.document.state.graphs.get(graph)?.links.values() ?? [];
  return [...links].some((link) => link.to === node && link.toSocket === socket);
}

/** An open mask editor. It says what it can do once it is on the screen. */
export class MaskWork {
  readonly target: MaskTarget;
  act: (act: MaskAct) => void = () => undefined;

  constructor(target: MaskTarget) {
    this.target = target;
  }
}

/** Opens the mask editor on a node's picture, where it has one. */
export function paintMask(app: AppState, editor: Editor, id: NodeId, widget?: string, graph?: GraphId): void {
  const target = maskTarget(editor, id, widget, graph);
  if (target) app.masking = new MaskWork(target);
}
