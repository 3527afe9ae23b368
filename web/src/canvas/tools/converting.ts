/** A node between two sockets that almost fit: which one, and what its other inputs are wired to. */

import type { Transaction } from "../../core/document";
import { addNode, connect } from "../../core/edits";
import { GRID, layout } from "../../core/geometry";
import { conversions, exact, type Conversion } from "../../core/match";
import { downstream, upstream } from "../../core/order";
import { defaultNode } from "../../core/schema";
import type { GraphId, NodeDef, NodeId, Point, SocketId } from "../../core/types";
import type { GraphModel } from "../model";
import { grown, rectAt } from "../rect";
import type { Target, Wire } from "./wire";

/** The node that would stand in a wire to a socket that does not take it. */
export function conversionFor(model: GraphModel, wire: Wire, refused: Target): Conversion | undefined {
  const { anchor } = wire;
  if (refused.node === anchor.node || wire.circles(refused.node)) return undefined;
  const [source, target] = anchor.output ? [anchor.socket, refused.socket] : [refused.socket, anchor.socket];
  const available = new Set<string>();
  for (const { outputs } of model.nodes.values()) for (const output of outputs) available.add(output.type);
  return conversions(source.type, target.type, model.editor.definitions, available)[0];
}

/** Puts the node between the ends of a wire. */
export function convert(t: Transaction, graph: GraphId, model: GraphModel, wire: Wire, refused: Target, between: Conversion, at: Point): void {
  const { definitions } = model.editor;
  const ends = wire.ends(refused);
  const id = addNode(t, graph, between.def, freePlace(model, between.def, at), definitions);
  connect(t, graph, ends.from, ends.fromSocket, id, `in:${between.input}`, definitions);
  connect(t, graph, id, `out:${between.output}`, ends.to, ends.toSocket, definitions);
  for (const other of between.others) {
    const source = sourceFor(model, other.type, ends.from, ends.to);
    if (source) connect(t, graph, source.node, source.socket, id, `in:${other.name}`, definitions);
  }
}

const STEP = 3 * GRID;
const FARTHEST = 60;

/** A place for a new node as near to a point as the others leave room, below it or above. at: its middle */
function freePlace(model: GraphModel, def: NodeDef, at: Point): Point {
  const { width, height } = layout(defaultNode(def, "", [0, 0]), def);
  const [x, y] = [Math.round(at[0] - width / 2), Math.round(at[1] - height / 2)];
  for (let step = 0; step < FARTHEST; step += 1) {
    for (const top of [y + step * STEP, y - step * STEP]) {
      if (model.nodesIn(grown(rectAt([x, top], [width, height]), GRID)).length === 0) return [x, top];
    }
  }
  return [x, y];
}

/** The output of this type that the value comes from already, else the nearest one. */
function sourceFor(model: GraphModel, type: string, from: NodeId, to: NodeId): { readonly node: NodeId; readonly socket: SocketId } | undefined {
  const before = upstream(model.graph, [from]);
  const behind = downstream(model.graph, [to]);
  const here = model.nodes.get(from)?.rect;
  let best: { readonly node: NodeId; readonly socket: SocketId } | undefined;
  let least = Infinity;
  for (const { node, outputs, rect } of model.nodes.values()) {
    const output = outputs.find((each) => exact(each.type, type));
    if (!output || !here || behind.has(node.id)) continue;
    const away = Math.hypot(rect.x - here.x, rect.y - here.y) + (before.has(node.id) ? 0 : 1e6);
    if (away < least) [best, least] = [{ node: node.id, socket: output.id }, away];
  }
  return best;
}
