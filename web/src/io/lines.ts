/** Links, reroutes and groups of a workflow file. */

import { isFields, tag } from "../core/entries";
import { INPUT_NODE, OUTPUT_NODE } from "../core/ids";
import type { Fields, GraphNode, Group, GroupId, Json, Link, LinkId, NodeId, Reroute, RerouteId, Socket } from "../core/types";
import { idForFile, idOf, listOf, pairOf, type Note, type Slots } from "./nodes";

interface RawLink {
  readonly id: LinkId;
  readonly from: NodeId;
  readonly fromSlot: number;
  readonly to: NodeId;
  readonly toSlot: number;
  readonly type: Json | undefined;
  readonly reroute: RerouteId | undefined;
  readonly rest: Fields;
}

interface Around {
  readonly nodes: ReadonlyMap<NodeId, GraphNode>;
  readonly slots: ReadonlyMap<NodeId, Slots>;
  readonly extensions: Json | undefined;
  readonly reroutes: ReadonlyMap<RerouteId, Reroute>;
  readonly note: Note;
}

/**
 * The links of a graph, in the file's order.
 *
 * Where the list of links and the sockets disagree, a link goes to the input that names it; one that no input names goes where the
 * list says, if its source knows it and the input is free; any other is no wire.
 */
export function readLinks(raw: Fields, around: Around): Map<LinkId, Link> {
  const { nodes, note } = around;
  const found = new Map<LinkId, Link>();
  const targets = targetsOf(around);
  const parents = parentsOf(around.extensions);
  const taken = new Set<string>();
  for (const each of targets.values()) taken.add(`${each.node} ${each.socket.id}`);
  for (const given of listOf(raw["links"])) {
    const link = rawLink(given);
    // Some editors leave null where a link was removed.
    if (!link) {
      if (given !== null) note("A link of a form that is not known was left out.");
      continue;
    }
    if (found.has(link.id)) {
      note(`Two links have the id ${link.id}; the first one counts.`);
      continue;
    }
    const target = targets.get(link.id) ?? freeTarget(link, around, taken);
    const source = nodes.get(link.from);
    const output = source?.outputs[link.fromSlot];
    if (!target || !output) {
      note(`Link ${link.id} from node ${link.from} to node ${link.to} has an end that is not there; it was left out.`);
      continue;
    }
    taken.add(`${target.node} ${target.socket.id}`);
    const reroute = link.reroute ?? parents.get(link.id);
    const type = tag(link.type);
    found.set(link.id, {
      id: link.id,
      from: link.from,
      fromSocket: output.id,
      to: target.node,
      toSocket: target.socket.id,
      type,
      ...(reroute !== undefined && around.reroutes.has(reroute) ? { reroute } : {}),
      rest: link.type !== undefined && type !== link.type ? { ...link.rest, type: link.type } : link.rest,
    });
  }
  for (const [id, target] of targets) if (!found.has(id)) note(`Node ${target.node} names link ${id}, which is not in the file.`);
  return found;
}

interface Target {
  readonly node: NodeId;
  readonly socket: Socket;
}

/** By link: the input that names it. */
function targetsOf({ nodes, slots }: Around): Map<LinkId, Target> {
  const found = new Map<LinkId, Target>();
  for (const [node, each] of slots) {
    const inputs = nodes.get(node)?.inputs ?? [];
    for (const [place, id] of each.inputs.entries()) {
      const socket = inputs[place];
      if (id !== undefined && socket && !found.has(id)) found.set(id, { node, socket });
    }
  }
  return found;
}

function freeTarget(link: RawLink, { nodes, slots }: Around, taken: ReadonlySet<string>): Target | undefined {
  const socket = nodes.get(link.to)?.inputs[link.toSlot];
  if (!socket) return undefined;
  // Some files lead several links to one output of a subgraph; the first one counts, all are kept.
  if (link.to === OUTPUT_NODE) return { node: link.to, socket };
  if (taken.has(`${link.to} ${socket.id}`)) return undefined;
  const known = link.from === INPUT_NODE || (slots.get(link.from)?.outputs[link.fromSlot] ?? []).includes(link.id);
  return known ? { node: link.to, socket } : undefined;
}

function rawLink(raw: Json): RawLink | undefined {
  if (Array.isArray(raw)) {
    const [id, from, fromSlot, to, toSlot, type, ...more] = raw;
    return checked(id, from, fromSlot, to, toSlot, type, undefined, more.length ? { more } : {});
  }
  if (!isFields(raw)) return undefined;
  const { id, origin_id, origin_slot, target_id, target_slot, type, parentId, ...rest } = raw;
  return checked(id, origin_id, origin_slot, target_id, target_slot, type, parentId, rest);
}

function checked(
  rawId: Json | undefined,
  rawFrom: Json | undefined,
  fromSlot: Json | undefined,
  rawTo: Json | undefined,
  toSlot: Json | undefined,
  type: Json | undefined,
  parent: Json | undefined,
  rest: Fields,
): RawLink | undefined {
  const [id, from, to] = [idOf(rawId), idOf(rawFrom), idOf(rawTo)];
  const [first, second] = [slotOf(fromSlot), slotOf(toSlot)];
  if (id === undefined || from === undefined || to === undefined || first === undefined || second === undefined) return undefined;
  const kept = idForFile(id) === rawId ? rest : { ...rest, id: rawId as Json };
  return { id, from, fromSlot: first, to, toSlot: second, type, reroute: idOf(parent), rest: kept };
}

/** The number of a socket; old files have it as text as well. */
function slotOf(value: Json | undefined): number | undefined {
  const number = typeof value === "string" && /^\d{1,6}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= 0 ? number : undefined;
}

/** By link: the reroute nearest to its target, in the older format. */
function parentsOf(extensions: Json | undefined): Map<LinkId, RerouteId> {
  const found = new Map<LinkId, RerouteId>();
  for (const each of listOf(extensions)) {
    const [id, parent] = isFields(each) ? [idOf(each["id"]), idOf(each["parentId"])] : [];
    if (id !== undefined && parent !== undefined) found.set(id, parent);
  }
  return found;
}

/** The reroutes of a graph. A chain that closes on itself is cut. */
export function readReroutes(list: Json | undefined, note: Note): Map<RerouteId, Reroute> {
  const found = new Map<RerouteId, Reroute>();
  for (const raw of listOf(list)) {
    const id = isFields(raw) ? idOf(raw["id"]) : undefined;
    const pos = isFields(raw) ? pairOf(raw["pos"]) : undefined;
    if (!isFields(raw) || id === undefined || !pos || found.has(id)) {
      note("A reroute of a form that is not known was left out.");
      continue;
    }
    const { id: _, parentId, pos: __, linkIds: ___, ...rest } = raw;
    const parent = idOf(parentId);
    found.set(id, { id, ...(parent === undefined ? {} : { parent }), pos, rest });
  }
  const safe = new Set<RerouteId>();
  for (const start of found.keys()) {
    const way = new Set<RerouteId>();
    let id: RerouteId | undefined = start;
    while (id !== undefined && !safe.has(id) && !way.has(id)) {
      way.add(id);
      const here: Reroute | undefined = found.get(id);
      const next: RerouteId | undefined = here?.parent;
      if (here && next !== undefined && (way.has(next) || !found.has(next))) {
        const { parent: _, ...alone } = here;
        found.set(id, alone);
        note(`Reroute ${id} leads to itself or to nothing; its chain was cut there.`);
        break;
      }
      id = next;
    }
    for (const each of way) safe.add(each);
  }
  return found;
}

/** The frames of a graph. */
export function readGroups(list: Json | undefined, note: Note): Map<GroupId, Group> {
  const found = new Map<GroupId, Group>();
  for (const raw of listOf(list)) {
    const bounding = isFields(raw) ? raw["bounding"] : undefined;
    const [x, y, width, height] = Array.isArray(bounding) ? bounding : isFields(bounding) ? [0, 1, 2, 3].map((at) => bounding[String(at)]) : [];
    if (!isFields(raw) || typeof x !== "number" || typeof y !== "number" || typeof width !== "number" || typeof height !== "number") {
      note("A group without a place was left out.");
      continue;
    }
    const { id: rawId, title, bounding: _, color, ...rest } = raw;
    const given = idOf(rawId);
    // Older files have groups without ids; theirs begin with "#" here and are not written.
    let id = given ?? `#${found.size + 1}`;
    if (found.has(id)) id = `#${found.size + 1}`;
    found.set(id, {
      id,
      title: typeof title === "string" ? title : "",
      pos: [x, y],
      size: [width, height],
      ...(typeof color === "string" ? { color } : {}),
      rest: {
        ...rest,
        ...(rawId !== undefined && idForFile(id) !== rawId ? { id: rawId } : {}),
        ...(title !== undefined && typeof title !== "string" ? { title } : {}),
        ...(color !== undefined && typeof color !== "string" ? { color } : {}),
      },
    });
  }
  return found;
}
