/** Which sockets fit each other, and what to say or offer where they do not (interface 5.2). */

import type { Definitions, GraphNode, NodeDef, Socket, SocketDef } from "./types";

const ANY = new Set(["*", "", "COMFY_MATCHTYPE_V3"]);

/** Whether an output of one type can be wired to an input of another. Both may list types with commas. */
export function fits(outputType: string, inputType: string): boolean {
  if (outputType === inputType || ANY.has(outputType) || ANY.has(inputType)) return true;
  if (!outputType.includes(",") && !inputType.includes(",")) return outputType.trim() === inputType.trim();
  const wanted = new Set(partsOf(inputType));
  if (wanted.has("*")) return true;
  return partsOf(outputType).some((part) => part === "*" || wanted.has(part));
}

function partsOf(type: string): string[] {
  return type.split(",").map((part) => part.trim());
}

/** Why two sockets cannot be wired, in words for a user; undefined where they can. */
export function whyNot(output: Pick<Socket, "type" | "name">, input: Pick<Socket, "type" | "name">): string | undefined {
  if (fits(output.type, input.type)) return undefined;
  return `${nameOf(input)} wants ${shown(input.type)}, ${nameOf(output)} gives ${shown(output.type)}`;
}

function nameOf(socket: Pick<Socket, "name">): string {
  return socket.name || "the socket";
}

function shown(type: string): string {
  return partsOf(type).join(" or ");
}

/**
 * The socket of a list that a wire dropped on the whole node goes to.
 *
 * Wires come before settings, free sockets before taken ones, an equal type before one that only fits, an equal name first of all.
 */
export function bestSocket(
  wire: { readonly type: string; readonly name?: string; readonly side: "output" | "input" },
  candidates: readonly Socket[],
  isTaken: (socket: Socket) => boolean = () => false,
): Socket | undefined {
  let best: Socket | undefined;
  let most = -1;
  for (const socket of candidates) {
    const fitting = wire.side === "output" ? fits(wire.type, socket.type) : fits(socket.type, wire.type);
    if (!fitting) continue;
    const score =
      (socket.type === wire.type ? 16 : 0) +
      (socket.widget === undefined ? 8 : 0) +
      (isTaken(socket) ? 0 : 4) +
      (wire.name !== undefined && wire.name !== "" && socket.name.toLowerCase() === wire.name.toLowerCase() ? 2 : 0) +
      (socket.optional ? 0 : 1);
    if (score > most) {
      best = socket;
      most = score;
    }
  }
  return best;
}

/** A node type that stands between two sockets that do not fit. */
export interface Conversion {
  readonly def: NodeDef;
  readonly input: string;
  readonly output: string;
  /** Its other required inputs, which something of the graph can be wired to. */
  readonly others: readonly SocketDef[];
}

/** Node types that turn one type into another, the plainest first. available: types that the graph has for other required inputs */
export function conversions(from: string, to: string, definitions: Definitions, available: ReadonlySet<string> = new Set()): Conversion[] {
  const found: (Conversion & { readonly cost: number })[] = [];
  for (const def of definitions.all()) {
    if (def.deprecated || def.isOutput || def.module === "editor") continue;
    const required = def.inputs.filter((each) => !each.optional);
    const taking = required.find((each) => exact(from, each.type));
    const others = required.filter((each) => each !== taking);
    // An input that nothing fills would leave the new node broken.
    const input = taking && others.every((each) => each.type !== from && available.has(each.type)) ? taking : wireless(def, from);
    const output = def.outputs.find((each) => exact(each.type, to));
    if (!input || !output) continue;
    const cost = 6 * others.length + def.widgets.length + 2 * (def.outputs.length - 1) + 2 * (def.inputs.length - 1) + (def.experimental ? 5 : 0);
    const named = def.id.toLowerCase() === `${from}to${to}`.toLowerCase();
    found.push({ def, input: input.name, output: output.name, others: input === taking ? others : [], cost: named ? -1 : cost + (/to/i.test(def.id) ? 0 : 4) });
  }
  found.sort((a, b) => a.cost - b.cost || a.def.id.localeCompare(b.def.id));
  return found;
}

/** The setting that takes the value in a node without required wires. */
function wireless(def: NodeDef, from: string): { readonly name: string } | undefined {
  if (def.inputs.some((each) => !each.optional)) return undefined;
  return def.widgets.find((each) => each.isInput && exact(from, each.type));
}

/** Whether two types fit and neither of them takes just anything. */
export function exact(output: string, input: string): boolean {
  return !ANY.has(output) && !ANY.has(input) && fits(output, input);
}

/** Which input a bypassed node passes on at one of its outputs (interface 4.7, step 4); undefined: none. */
export function passedInput(node: GraphNode, output: Socket, wanted: string): Socket | undefined {
  const inputs = node.inputs;
  const place = node.outputs.indexOf(output);
  const same = inputs[place];
  if (ANY.has(wanted)) return same ?? inputs[0];
  if (same && fits(same.type, output.type) && fits(same.type, wanted)) return same;
  return inputs.find((each) => each.type === wanted) ?? inputs.find((each) => fits(each.type, wanted));
}
