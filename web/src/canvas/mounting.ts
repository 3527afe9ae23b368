/** Which nodes are real elements: those near the middle of a readable view, with patience when they leave. */

import type { NodeId } from "../core/types";

export const MOST_MOUNTED = 150;
export const MOUNTS_A_FRAME = 6;
export const LEAVE_MS = 300;

export interface MountWish {
  /** Nodes near the viewport, nearest first; empty when text would not be readable. */
  readonly near: readonly NodeId[];
  /** Focused, selected, dragged and linked-from nodes: those that are mounted stay. */
  readonly kept: (id: NodeId) => boolean;
  /** Mounted at any zoom and place: the node that gets the focus. */
  readonly forced?: NodeId | undefined;
  /** Whether the node still exists. */
  readonly alive: (id: NodeId) => boolean;
}

export interface MountStep {
  readonly mount: readonly NodeId[];
  readonly unmount: readonly NodeId[];
  /** In how many milliseconds there is more to do, if at all. */
  readonly again: number | undefined;
}

/** Decides; knows no element and no clock. */
export class MountPolicy {
  readonly #mounted = new Set<NodeId>();
  /** Since when a mounted node has not been wanted. */
  readonly #leaving = new Map<NodeId, number>();

  get mounted(): ReadonlySet<NodeId> {
    return this.#mounted;
  }

  /** One frame's worth of coming and going. */
  step(wish: MountWish, now: number): MountStep {
    const wanted = new Set(wish.near.slice(0, MOST_MOUNTED));
    if (wish.forced !== undefined && wish.alive(wish.forced)) wanted.add(wish.forced);
    const unmount = this.#leave(wanted, wish, now);
    const missing = [...wanted].filter((id) => !this.#mounted.has(id));
    // What is wanted now goes before what only lingers.
    const room = MOST_MOUNTED - this.#mounted.size;
    if (missing.length > room) unmount.push(...this.#displace(wanted, wish, missing.length - room));
    const mount = forcedFirst(missing, wish.forced).slice(0, Math.max(0, Math.min(MOUNTS_A_FRAME, MOST_MOUNTED - this.#mounted.size)));
    for (const id of mount) this.#mounted.add(id);
    const unfinished = missing.length > mount.length && this.#mounted.size < MOST_MOUNTED;
    return { mount, unmount, again: unfinished ? 0 : this.#leaving.size > 0 ? LEAVE_MS / 2 : undefined };
  }

  #leave(wanted: ReadonlySet<NodeId>, wish: MountWish, now: number): NodeId[] {
    const gone: NodeId[] = [];
    for (const id of this.#mounted) {
      if (!wish.alive(id)) gone.push(id);
      else if (wanted.has(id) || wish.kept(id)) this.#leaving.delete(id);
      else {
        const since = this.#leaving.get(id);
        if (since === undefined) this.#leaving.set(id, now);
        else if (now - since >= LEAVE_MS) gone.push(id);
      }
    }
    for (const id of gone) this.#drop(id);
    return gone;
  }

  #displace(wanted: ReadonlySet<NodeId>, wish: MountWish, count: number): NodeId[] {
    const lingering = [...this.#mounted].filter((id) => !wanted.has(id));
    lingering.sort((a, b) => Number(wish.kept(a)) - Number(wish.kept(b)));
    const gone = lingering.slice(0, count);
    for (const id of gone) this.#drop(id);
    return gone;
  }

  #drop(id: NodeId): void {
    this.#mounted.delete(id);
    this.#leaving.delete(id);
  }

  /** Forgets everything, for another graph; returns what was mounted. */
  clear(): NodeId[] {
    const gone = [...this.#mounted];
    this.#mounted.clear();
    this.#leaving.clear();
    return gone;
  }
}

function forcedFirst(ids: readonly NodeId[], forced: NodeId | undefined): readonly NodeId[] {
  return forced !== undefined && ids.includes(forced) ? [forced, ...ids.filter((id) => id !== forced)] : ids;
}
