/** Where the value on a wire comes from: past bends, bypassed nodes and the edges of subgraphs, as the server flattens a drawing. */

import { INPUT_NODE, OUTPUT_NODE } from "./ids";
import { definitionOf } from "./instances";
import { passedInput } from "./match";
import { adjacency } from "./order";
import { graphAt, runIdOf, type Path } from "./paths";
import { inputsOf, outputsOfNode } from "./schema";
import type { Definitions, DocumentState, Graph, GraphNode, Link, NodeId, Socket, SocketId } from "./types";
import { isVirtual } from "./virtual";
import { widgetsFor } from "./widgets";

/** An output as a run knows it. node: with those of the subgraphs around it, such as "57:3" */
export interface Origin {
  readonly node: string;
  readonly output: number;
}

/** One level of subgraphs: the graph, and the instance in it that the next level is the inside of. */
interface Level {
  readonly graph: Graph;
  readonly instance: NodeId;
}

/** Wires lead over no more than this before they count as a circle. */
const FARTHEST = 1000;

/** Which output of a run gives what a socket gives; undefined of constants and of what is left out. shown: the way to the socket's graph */
export function originOf(state: DocumentState, definitions: Definitions, shown: Path, from: NodeId, socket: SocketId): Origin | undefined {
  const start = state.graphs.get(graphAt(state, shown) ?? "");
  if (!start) return undefined;
  const path = levels(state, shown);
  let graph = start;
  let here: { readonly node: NodeId; readonly socket: SocketId } | undefined = { node: from, socket };
  for (let step = 0; here && step < FARTHEST; step += 1) {
    const node: GraphNode | undefined = graph.nodes.get(here.node);
    const output: Socket | undefined = node && outputsOfNode(node, definitionOf(state, definitions, node.type, node)).find((each) => each.id === here?.socket);
    if (!node || !output || node.mode === 2) return undefined;
    const inner: Graph | undefined = node.mode === 4 ? undefined : state.graphs.get(node.type);
    if (node.id === INPUT_NODE) {
      const outer: Level | undefined = path.pop();
      if (!outer) return undefined;
      graph = outer.graph;
      const instance = graph.nodes.get(outer.instance);
      here = startOf(linkInto(graph, outer.instance, instance?.inputs.find((each) => each.name === output.name)));
    } else if (inner) {
      path.push({ graph, instance: node.id });
      graph = inner;
      const port = inner.nodes.get(OUTPUT_NODE)?.inputs.find((each) => each.name === output.name);
      here = startOf(linkInto(inner, OUTPUT_NODE, port));
    } else if (node.mode === 4) here = startOf(passage(graph, node, output, state, definitions));
    else if (node.type === "Reroute") here = startOf(linkInto(graph, node.id, node.inputs[0]));
    else if (isVirtual(node.type)) return undefined;
    else {
      const place = outputsOfNode(node, definitionOf(state, definitions, node.type, node)).indexOf(output);
      return { node: runIdOf(path.map((level) => level.instance), node.id), output: place };
    }
  }
  return undefined;
}

/** The link whose value a bypassed node passes on at an output. */
function passage(graph: Graph, node: GraphNode, output: Socket, state: DocumentState, definitions: Definitions): Link | undefined {
  return linkInto(graph, node.id, passes(graph, node, output, state, definitions));
}

/** The wired input that a bypassed node passes on at an output. */
export function passes(graph: Graph, node: GraphNode, output: Socket, state: DocumentState, definitions: Definitions): Socket | undefined {
  const def = definitionOf(state, definitions, node.type, node);
  const inputs = inputsOf(node, def, def ? widgetsFor(def, node.values) : []);
  const passed = passedInput({ ...node, inputs, outputs: outputsOfNode(node, def) }, output, output.type);
  return passed && linkInto(graph, node.id, passed) ? passed : undefined;
}

function linkInto(graph: Graph, node: NodeId, socket: Socket | undefined): Link | undefined {
  return socket && adjacency(graph).into.get(node)?.find((link) => link.toSocket === socket.id);
}

function startOf(link: Link | undefined): { readonly node: NodeId; readonly socket: SocketId } | undefined {
  return link && { node: link.from, socket: link.fromSocket };
}

/** The graphs on a path of instances, outermost first. */
function levels(state: DocumentState, path: Path): Level[] {
  return path.flatMap((instance, depth) => {
    const graph = state.graphs.get(graphAt(state, path.slice(0, depth)) ?? "");
    return graph ? [{ graph, instance }] : [];
  });
}
