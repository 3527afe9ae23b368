/** Links that tags stand for: a file keeps their ids in its `extra`, which other programs keep and do not read. */

import { isFields } from "../core/entries";
import type { Fields, Json, Link, LinkId } from "../core/types";
import { idForFile, idOf, listOf } from "./nodes";

const LIST = "darkroom_hidden_links";

/** The links of a graph, those marked that its `extra` names. */
export function markHidden(links: Map<LinkId, Link>, extra: Json | undefined): Map<LinkId, Link> {
  for (const given of listed(extra)) {
    const link = links.get(idOf(given) ?? "");
    if (link) links.set(link.id, { ...link, hidden: true });
  }
  return links;
}

/** A file's `extra` without the ids that are marks on links now; what no link has stays. */
export function withoutHidden(extra: Fields, links: ReadonlyMap<LinkId, Link>): Fields {
  const ids = listed(extra);
  const left = ids.filter((id) => !links.has(idOf(id) ?? ""));
  if (left.length === ids.length) return extra;
  return withList(extra, left);
}

/** `extra` as a file has it, with the ids of marked links; undefined where it was not there and nothing is to be said. */
export function withHidden(extra: Json | undefined, links: ReadonlyMap<LinkId, Link>): Fields | undefined {
  const ids = [...links.values()].filter((link) => link.hidden).map((link) => link.rest["id"] ?? idForFile(link.id));
  const known = isFields(extra) ? extra : undefined;
  return ids.length ? withList(known ?? {}, [...ids, ...listed(known)]) : known;
}

function listed(extra: Json | undefined): readonly Json[] {
  return isFields(extra) ? listOf(extra[LIST]) : [];
}

function withList(extra: Fields, ids: readonly Json[]): Fields {
  const { [LIST]: _, ...others } = extra;
  return ids.length ? { ...others, [LIST]: [...ids] } : others;
}
