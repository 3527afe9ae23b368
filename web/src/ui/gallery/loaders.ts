/** Puts model files into a graph: the node that loads them, wired where it is plain what was meant. */

import { addNode, connect, setValue } from "../../core/edits";
import { layout, snapped } from "../../core/geometry";
import { isBoundary } from "../../core/ids";
import { definitionOf } from "../../core/instances";
import { fits } from "../../core/match";
import { inputsOf, outputsOfNode } from "../../core/schema";
import type { Transaction } from "../../core/document";
import type { Definitions, DocumentState, Graph, GraphId, GraphNode, Link, NodeDef, NodeId, Point, Socket } from "../../core/types";

/** The node that loads a file of a folder, and its setting. */
const LOADERS: Readonly<Record<string, readonly [type: string, setting: string]>> = {
  checkpoints: ["CheckpointLoaderSimple", "ckpt_name"],
  loras: ["LoraLoader", "lora_name"],
  vae: ["VAELoader", "vae_name"],
  controlnet: ["ControlNetLoader", "control_net_name"],
  clip_vision: ["CLIPVisionLoader", "clip_name"],
  upscale_models: ["UpscaleModelLoader", "model_name"],
  diffusion_models: ["UNETLoader", "unet_name"],
  text_encoders: ["CLIPLoader", "clip_name"],
  style_models: ["StyleModelLoader", "style_model_name"],
  diffusers: ["DiffusersLoader", "model_path"],
  hypernetworks: ["HypernetworkLoader", "hypernetwork_name"],
  gligen: ["GLIGENLoader", "gligen_name"],
  photomaker: ["PhotoMakerLoader", "photomaker_model_name"],
};

const GAP = 40;
const STEP = 24;

export interface Loader {
  readonly def: NodeDef;
  readonly setting: string;
}

/** How a file of a folder is loaded: by the usual node, else by any that offers it. */
export function loaderOf(folder: string, name: string, definitions: Definitions): Loader | undefined {
  const usual = LOADERS[folder];
  const def = usual && definitions.get(usual[0]);
  if (usual && def) return { def, setting: usual[1] };
  for (const other of definitions.all()) {
    const widget = other.outputs.length && !other.deprecated ? other.widgets.find((each) => each.kind === "choice" && each.choices?.includes(name)) : undefined;
    if (widget) return { def: other, setting: widget.name };
  }
  return undefined;
}

/** The chosen node that loads such files already: a click changes its file. */
export function holderOf(graph: Graph, selection: Iterable<NodeId>, { def, setting }: Loader): NodeId | undefined {
  const [only, second] = [...selection];
  const node = only === undefined || second !== undefined ? undefined : graph.nodes.get(only);
  return node?.type === def.id && setting in node.values ? node.id : undefined;
}

/** What there is to know when a loader is put in. */
export interface Place {
  readonly graph: GraphId;
  readonly definitions: Definitions;
  readonly selection: readonly NodeId[];
  /** Where it goes unless it goes beside what it is wired to. */
  readonly at: Point;
  /** Whether `at` is where the person dropped it. */
  readonly dropped: boolean;
}

/** Puts a loader in, set and wired. Returns its id. */
export function insertLoader(t: Transaction, loader: Loader, name: string, place: Place): NodeId {
  const { graph, definitions } = place;
  const through = throughTypes(loader.def);
  const state = t.state;
  const before = state.graphs.get(graph);
  const source = before && through.length ? sourceFor(state, before, definitions, place.selection, through[0] ?? "") : undefined;
  const target = before && !through.length ? before.nodes.get(place.selection[0] ?? "") : undefined;
  const at = place.dropped || !before ? place.at : freeSpot(state, before, definitions, loader.def, besideOf(state, definitions, source, target) ?? place.at);
  const id = addNode(t, graph, loader.def, [snapped(at[0]), snapped(at[1])], definitions);
  setValue(t, graph, id, loader.setting, name);
  if (before && source) putAfter(t, graph, before, id, source, through, definitions);
  else if (before && through.length === 0) for (const chosen of place.selection) feed(t, graph, id, chosen, definitions);
  return id;
}

/** Types that go in and come out again, such as MODEL and CLIP of a LoRA. */
function throughTypes(def: NodeDef): string[] {
  return def.outputs.map((output) => output.type).filter((type) => def.inputs.some((input) => input.type === type));
}

function sourceFor(state: DocumentState, graph: Graph, definitions: Definitions, selection: readonly NodeId[], type: string): GraphNode | undefined {
  const gives = (node: GraphNode): boolean => outputsOfNode(node, definitionOf(state, definitions, node.type, node)).some((output) => output.type === type);
  for (const id of selection) {
    const node = graph.nodes.get(id);
    if (node && gives(node) && !isBoundary(node)) return node;
    const link = [...graph.links.values()].find((each) => each.to === id && each.type === type);
    const from = link && graph.nodes.get(link.from);
    if (from && !isBoundary(from)) return from;
  }
  if (selection.length) return undefined;
  // Without a selection only the end of the graph's one chain is plain.
  const ends = [...graph.nodes.values()].filter((node) => {
    const links = [...graph.links.values()].filter((link) => link.from === node.id && link.type === type);
    return !isBoundary(node) && links.length > 0 && links.some((link) => !passesOn(state, graph, definitions, link, type));
  });
  return ends.length === 1 ? ends[0] : undefined;
}

function passesOn(state: DocumentState, graph: Graph, definitions: Definitions, link: Link, type: string): boolean {
  const node = graph.nodes.get(link.to);
  return node !== undefined && outputsOfNode(node, definitionOf(state, definitions, node.type, node)).some((output) => output.type === type);
}

/** Everything of these types that came from the source comes through the new node. */
function putAfter(t: Transaction, graphId: GraphId, before: Graph, id: NodeId, source: GraphNode, types: readonly string[], definitions: Definitions): void {
  const sockets = socketsOf(t.state, graphId, id, definitions);
  for (const type of types) {
    const links = [...before.links.values()].filter((link) => link.from === source.id && link.type === type);
    const output = sockets.outputs.find((each) => each.type === type);
    const input = sockets.inputs.find((each) => each.type === type);
    const from = outputsOfNode(source, definitionOf(t.state, definitions, source.type, source)).find((each) => each.type === type);
    if (!output || !input || !from) continue;
    for (const link of links) connect(t, graphId, id, output.id, link.to, link.toSocket, definitions);
    connect(t, graphId, source.id, from.id, id, input.id, definitions);
  }
}

/** Wires each output to the first input of the chosen node that takes it. */
function feed(t: Transaction, graphId: GraphId, id: NodeId, chosen: NodeId, definitions: Definitions): void {
  const { outputs } = socketsOf(t.state, graphId, id, definitions);
  const { inputs } = socketsOf(t.state, graphId, chosen, definitions);
  for (const output of outputs) {
    const input = inputs.find((each) => each.widget === undefined && each.type !== "*" && fits(output.type, each.type));
    if (input) connect(t, graphId, id, output.id, chosen, input.id, definitions);
  }
}

function socketsOf(state: DocumentState, graph: GraphId, id: NodeId, definitions: Definitions): { readonly inputs: readonly Socket[]; readonly outputs: readonly Socket[] } {
  const node = state.graphs.get(graph)?.nodes.get(id);
  if (!node) return { inputs: [], outputs: [] };
  const def = definitionOf(state, definitions, node.type, node);
  return { inputs: inputsOf(node, def), outputs: outputsOfNode(node, def) };
}

/** Below what it comes after, or left of what it feeds. */
function besideOf(state: DocumentState, definitions: Definitions, source: GraphNode | undefined, target: GraphNode | undefined): Point | undefined {
  if (target) return [target.pos[0] - 240 - GAP, target.pos[1]];
  if (!source) return undefined;
  return [source.pos[0], source.pos[1] + layout(source, definitionOf(state, definitions, source.type, source)).height + GAP];
}

/** The nearest place further down where nothing lies yet. */
function freeSpot(state: DocumentState, graph: Graph, definitions: Definitions, def: NodeDef, at: Point): Point {
  const boxes = [...graph.nodes.values()].filter((node) => !isBoundary(node)).map((node) => ({ pos: node.pos, ...layout(node, definitionOf(state, definitions, node.type, node)) }));
  const [width, height] = [260, 80 + 24 * (def.widgets.length + def.inputs.length)];
  let y = at[1];
  for (let tries = 0; tries < 200; tries++) {
    const hit = boxes.some(({ pos, width: w, height: h }) => at[0] < pos[0] + w && at[0] + width > pos[0] && y < pos[1] + h + GAP / 2 && y + height > pos[1]);
    if (!hit) break;
    y += STEP;
  }
  return [at[0], y];
}
