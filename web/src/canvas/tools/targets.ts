/** What a context menu opened at a hit is about. */

import type { Point } from "../../core/types";
import type { GraphModel } from "../model";
import type { Hit } from "../picking";
import type { MenuTarget } from "./tool";

/** The thing that a menu is for: corners count as what they belong to, reroutes as their link. */
export function menuTarget(hit: Hit, at: Point, model: GraphModel): MenuTarget {
  if (hit.kind === "node" || hit.kind === "link" || hit.kind === "group") return { kind: hit.kind, id: hit.id };
  if (hit.kind === "tag") return { kind: "link", id: hit.id };
  if (hit.kind === "corner") return { kind: "node", id: hit.node };
  if (hit.kind === "groupCorner") return { kind: "group", id: hit.id };
  if (hit.kind === "socket") return { kind: "socket", node: hit.node, socket: hit.socket };
  if (hit.kind === "reroute") {
    for (const { link } of model.links.values()) if (link.reroute === hit.id) return { kind: "link", id: link.id };
  }
  return { kind: "canvas", at };
}
