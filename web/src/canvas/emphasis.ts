/** What the scene singles out or leaves out: hovered and selected links, problems, things that a gesture holds. */

import type { GroupId, LinkId, NodeId, RerouteId } from "../core/types";
import type { GraphModel } from "./model";
import type { Look } from "./paint/brush";
import type { Hit } from "./picking";
import type { Thumbnails } from "./thumbnails";
import type { Lifted } from "./tools/tool";

/** A pointer that only passes by should not make the wires flicker. */
const HOVER_MS = 90;
/** With more nodes selected than this, singling out their links would single out nothing. */
const MOST_SELECTED = 60;

interface OpenLook extends Look {
  hiddenNodes: ReadonlySet<NodeId>;
  hiddenLinks: ReadonlySet<LinkId>;
  hiddenReroutes: ReadonlySet<RerouteId>;
  hiddenGroups: ReadonlySet<GroupId>;
  litLinks: ReadonlySet<LinkId> | undefined;
}

const NONE: ReadonlySet<string> = new Set();

export class Emphasis {
  readonly look: OpenLook;
  #problems = new Map<NodeId, "error" | "warning">();
  #hovered: Hit | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly model: GraphModel,
    thumbnails: Thumbnails,
    readonly changed: () => void,
  ) {
    this.look = {
      hiddenNodes: NONE,
      hiddenLinks: NONE,
      hiddenReroutes: NONE,
      hiddenGroups: NONE,
      litLinks: undefined,
      thumbnail: (id) => thumbnails.get(id),
      problem: (id) => this.#problems.get(id),
    };
    this.readProblems();
    this.selectionChanged();
  }

  /** Leaves these out of the scene; nothing puts everything back. */
  lift({ nodes = NONE, links = NONE, reroutes = NONE, groups = NONE }: Lifted): void {
    Object.assign(this.look, { hiddenNodes: nodes, hiddenLinks: links, hiddenReroutes: reroutes, hiddenGroups: groups });
  }

  /** The worst problem of each node. */
  readProblems(): void {
    this.#problems = new Map();
    const { editor } = this.model;
    for (const { node: runId, warning } of editor.problems) {
      const node = runId === null ? undefined : editor.shownNode(runId);
      if (node !== undefined && (!warning || !this.#problems.has(node))) this.#problems.set(node, warning ? "warning" : "error");
    }
  }

  selectionChanged(): void {
    this.look.litLinks = this.#lit();
  }

  /** Singles out what the pointer rests on, after a moment. */
  hover(hit: Hit | undefined): void {
    const meant = hit?.kind === "link" || hit?.kind === "node" || hit?.kind === "tag" ? hit : undefined;
    if (meant?.kind === this.#hovered?.kind && idOf(meant) === idOf(this.#hovered)) return;
    this.#hovered = meant;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#apply(), HOVER_MS);
  }

  #apply(): void {
    const lit = this.#lit();
    if (sameSet(lit, this.look.litLinks)) return;
    this.look.litLinks = lit;
    this.changed();
  }

  #lit(): ReadonlySet<LinkId> | undefined {
    const found = new Set<LinkId>();
    if (this.#hovered?.kind === "link" || this.#hovered?.kind === "tag") found.add(this.#hovered.id);
    else if (this.#hovered?.kind === "node") for (const link of this.model.linksOf(this.#hovered.id)) found.add(link);
    const { selection } = this.model.editor;
    if (selection.size <= MOST_SELECTED) for (const id of selection) for (const link of this.model.linksOf(id)) found.add(link);
    return found.size === 0 ? undefined : found;
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}

function idOf(hit: Hit | undefined): string | undefined {
  return hit !== undefined && "id" in hit ? hit.id : undefined;
}

function sameSet(a: ReadonlySet<string> | undefined, b: ReadonlySet<string> | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.size === b.size && [...a].every((id) => b.has(id));
}
