/** The tags at both ends of a hidden link: what they say, and where they are. Their text has the size of the nodes' text. */

import type { Link, LinkId, NodeId, Point, SocketId } from "../core/types";
import { titleOf, type GraphModel } from "./model";
import { grown, holds, rectAt, type Rect } from "./rect";

export interface Tag {
  readonly link: LinkId;
  /** The node at which it stands, and the one at the other end. */
  readonly node: NodeId;
  readonly other: NodeId;
  readonly atSource: boolean;
  readonly text: string;
  /** The other end in full, for the words at the pointer. */
  readonly full: string;
  readonly type: string;
  readonly socket: Point;
  readonly rect: Rect;
}

export const TAG_HEIGHT = 18;
export const TAG_TEXT = 11;
/** From a socket to its tag. */
const AWAY = 11;
const GAP = 4;
const PADDING = 7;
/** A letter of the interface's font at the size of a tag; what is wider is cut off when it is drawn. */
const LETTER = 6;
const LONGEST = 18;
const LEAST_LETTERS = 5;
/** Room for the arrow; with what `tagAt` adds around it enough to be hit. */
const LEAST = 20;
/** Smaller than this on the screen, a tag cannot be read or meant. */
export const TAG_ZOOM = 0.4;

/** The tags of all hidden links of the shown graph. */
export function makeTags(model: GraphModel): Tag[] {
  const found: Tag[] = [];
  /** Where the next tag at an output begins. */
  const right = new Map<string, number>();
  const hidden = [...model.links.values()].filter(({ link }) => link.hidden);
  const counts = new Map<string, number>();
  for (const { link } of hidden) counts.set(source(link), (counts.get(source(link)) ?? 0) + 1);
  const totals = new Map(counts);
  for (const { link, chain, type } of hidden) {
    const [from, to] = [model.nodes.get(link.from), model.nodes.get(link.to)];
    const [start, end] = [chain[0], chain.at(-1)];
    if (from === undefined || to === undefined || start === undefined || end === undefined) continue;
    const [output, input] = [nameOf(model, link.from, link.fromSocket), nameOf(model, link.to, link.toSocket)];
    const several = counts.get(source(link)) ?? 1;
    const words = `→ ${(totals.get(source(link)) ?? 1) > 1 ? titleOf(to) : input}`;
    const first = boxAt(model, link.from, [right.get(source(link)) ?? start[0] + AWAY, start[1]], words, 1, several);
    // Those that are left share the room that is left.
    counts.set(source(link), several - 1);
    right.set(source(link), first.rect.x + first.rect.width + GAP);
    const second = boxAt(model, link.to, [end[0] - AWAY, end[1]], `${titleOf(from)} →`, -1);
    found.push({ link: link.id, node: link.from, other: link.to, atSource: true, full: `${titleOf(to)} · ${input}`, type, socket: start, ...first });
    found.push({ link: link.id, node: link.to, other: link.from, atSource: false, full: `${titleOf(from)} · ${output}`, type, socket: end, ...second });
  }
  return found;
}

/** A tag that begins at a point and goes to the right or to the left, as short as what stands there makes it. */
function boxAt(model: GraphModel, node: NodeId, [x, y]: Point, words: string, side: 1 | -1, sharers = 1): Pick<Tag, "text" | "rect"> {
  const wanted = widthFor(words.slice(0, LONGEST));
  const room = (roomFor(model, node, [x, y], wanted * sharers, side) - GAP * (sharers - 1)) / sharers;
  // Where there is no room the arrow alone is left.
  const letters = Math.floor((room - 2 * PADDING) / LETTER);
  const text = words.length <= letters ? words : letters < LEAST_LETTERS ? "→" : side > 0 ? `${words.slice(0, letters - 1).trimEnd()}…` : `${words.slice(0, letters - 3).trimEnd()}… →`;
  const width = Math.max(LEAST, Math.min(wanted, text === "→" ? LEAST : room));
  return { text, rect: rectAt([side > 0 ? x : x - width, y - TAG_HEIGHT / 2], [width, TAG_HEIGHT]) };
}

/** How wide a tag may be before it lies under another node. */
function roomFor(model: GraphModel, node: NodeId, [x, y]: Point, wanted: number, side: 1 | -1): number {
  let room = wanted;
  for (const { rect, node: other } of model.nodesIn(rectAt([side > 0 ? x : x - wanted, y - TAG_HEIGHT / 2], [wanted, TAG_HEIGHT]))) {
    if (other.id !== node) room = Math.min(room, side > 0 ? rect.x - x - 2 : x - rect.x - rect.width - 2);
  }
  return room;
}

function source(link: Link): string {
  return `${link.from} ${link.fromSocket}`;
}

function nameOf(model: GraphModel, node: NodeId, id: SocketId): string {
  const socket = model.socket(node, id)?.socket;
  return socket?.label ?? socket?.name ?? "";
}

function widthFor(text: string): number {
  return Math.ceil(text.length * LETTER) + 2 * PADDING;
}

/** The tag under a point. coarse: for fingers */
export function tagAt(tags: readonly Tag[], at: Point, zoom: number, coarse = false): Tag | undefined {
  if (zoom < TAG_ZOOM) return undefined;
  return tags.find((tag) => holds(grown(tag.rect, coarse ? 12 : 3), at));
}
