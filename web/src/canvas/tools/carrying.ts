/** Moving things by a drag: what nodes, group titles and copies have in common. */

import { moveGroup, moveNodes, moveReroute } from "../../core/edits";
import type { Transaction } from "../../core/document";
import { snapped } from "../../core/geometry";
import type { GraphId, GroupId, LinkId, NodeId, Point, RerouteId } from "../../core/types";
import { inGraph, type Brush } from "../paint/brush";
import { paintGroup } from "../paint/groups";
import { paintWire } from "../paint/links";
import { paintNode } from "../paint/nodes";
import type { Desk, Pointer } from "./tool";

export interface Cargo {
  readonly nodes: ReadonlySet<NodeId>;
  readonly reroutes: ReadonlySet<RerouteId>;
  readonly groups: ReadonlySet<GroupId>;
}

/** The nodes that may move, with the reroutes of links between them. */
export function cargoOf(desk: Desk, ids: Iterable<NodeId>): Cargo {
  const nodes = new Set([...ids].filter((id) => desk.model.nodes.get(id)?.node.pinned === false));
  const reroutes = new Set<RerouteId>();
  for (const id of nodes) {
    for (const linkId of desk.model.linksOf(id)) {
      const link = desk.model.links.get(linkId)?.link;
      if (link?.reroute === undefined || !nodes.has(link.from) || !nodes.has(link.to)) continue;
      for (let bend: RerouteId | undefined = link.reroute; bend !== undefined && !reroutes.has(bend); ) {
        reroutes.add(bend);
        bend = desk.model.graph.reroutes.get(bend)?.parent;
      }
    }
  }
  return { nodes, reroutes, groups: new Set() };
}

/** Things that follow the pointer until they are put down. */
export class Carrying {
  readonly links: ReadonlySet<LinkId>;
  dx = 0;
  dy = 0;
  #up = false;

  /** anchor: the corner that the grid catches */
  constructor(
    readonly desk: Desk,
    readonly cargo: Cargo,
    readonly start: Point,
    readonly anchor: Point,
  ) {
    const links = new Set<LinkId>();
    for (const id of cargo.nodes) for (const link of desk.model.linksOf(id)) links.add(link);
    if (cargo.reroutes.size > 0) for (const { link } of desk.model.links.values()) if (link.reroute !== undefined) links.add(link.id);
    this.links = links;
  }

  get shift(): { nodes: ReadonlySet<NodeId>; reroutes: ReadonlySet<RerouteId>; dx: number; dy: number } {
    return { nodes: this.cargo.nodes, reroutes: this.cargo.reroutes, dx: this.dx, dy: this.dy };
  }

  to({ graph, shift }: Pointer): void {
    this.dx = graph[0] - this.start[0];
    this.dy = graph[1] - this.start[1];
    if (shift) {
      this.dx = snapped(this.anchor[0] + this.dx) - this.anchor[0];
      this.dy = snapped(this.anchor[1] + this.dy) - this.anchor[1];
    }
    if (!this.#up) {
      this.#up = true;
      const { nodes, reroutes, groups } = this.cargo;
      this.desk.lift({ nodes, reroutes, groups, links: this.links });
      this.desk.layer.held = nodes;
    }
    this.desk.layer.shift(this.cargo.nodes, this.dx, this.dy);
    this.desk.redraw();
  }

  /** Puts everything back where the document has it. */
  back(): void {
    if (!this.#up) return;
    this.#up = false;
    this.desk.layer.shift(this.cargo.nodes, 0, 0);
    this.desk.layer.held = new Set();
    this.desk.lift({});
    this.desk.redraw();
  }

  /** Writes the move. */
  write(t: Transaction, graph: GraphId): void {
    const { nodes, reroutes, groups } = this.cargo;
    // Files hold whole numbers; a drag at a zoom of 73 % should not leave fractions in them.
    const [dx, dy] = [Math.round(this.dx), Math.round(this.dy)];
    moveNodes(t, graph, nodes, dx, dy);
    for (const id of groups) moveGroup(t, graph, id, dx, dy);
    for (const id of reroutes) {
      const at = this.desk.model.graph.reroutes.get(id)?.pos;
      if (at !== undefined) moveReroute(t, graph, id, [at[0] + dx, at[1] + dy]);
    }
  }

  /** Draws what the layer does not show: groups, wires, and nodes that are no elements. */
  paint(brush: Brush, withLinks = true): void {
    const { model, layer } = this.desk;
    for (const id of this.cargo.groups) {
      const group = model.graph.groups.get(id);
      if (group !== undefined) paintGroup(brush, group, this.dx, this.dy);
    }
    if (withLinks) this.#paintLinks(brush);
    for (const id of this.cargo.nodes) {
      const shape = model.nodes.get(id);
      if (shape !== undefined && !layer.isMounted(id)) paintNode(brush, shape, this.dx, this.dy);
    }
  }

  #paintLinks(brush: Brush): void {
    const { model } = this.desk;
    const { shift } = this;
    for (const id of this.links) {
      const shape = model.links.get(id);
      const chain = shape && model.chain(shape.link, shift);
      if (shape === undefined || chain === undefined) continue;
      const colour = brush.theme.socket(shape.type);
      brush.ctx.globalAlpha = 0.85;
      paintWire(brush, chain, colour, 2, model.linkStyle);
      brush.ctx.globalAlpha = 1;
      inGraph(brush);
      brush.ctx.fillStyle = colour;
      brush.ctx.beginPath();
      for (const [x, y] of chain.slice(1, -1)) brush.ctx.arc(x, y, 5, 0, Math.PI * 2);
      brush.ctx.fill();
    }
  }
}
