/** What changed between two workflows, as the server's comparison tells it, and the same in a few words. */

import { isFields, text } from "../../core/entries";
import type { Fields, Json } from "../../core/types";
import { unmarked } from "../../io/json";
import { t } from "../texts";

/** A node that one of the two has. scope: "" in the root graph, else the name of the subgraph */
export interface NodeRef {
  readonly id: string;
  readonly scope: string;
  readonly type: string;
  readonly title: string;
}

/** One thing of a node that differs; a side is absent where that workflow lacks it. */
export interface FactChange {
  readonly name: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

export interface ChangedNode extends NodeRef {
  readonly facts: readonly FactChange[];
}

export interface Wire {
  readonly scope: string;
  readonly from: string;
  readonly output: string;
  readonly to: string;
  readonly input: string;
}

export interface Difference {
  /** Nothing that counts for a run differs; places and looks may. */
  readonly same: boolean;
  readonly added: readonly NodeRef[];
  readonly removed: readonly NodeRef[];
  readonly changed: readonly ChangedNode[];
  readonly linksAdded: readonly Wire[];
  readonly linksRemoved: readonly Wire[];
}

/** Longer values are cut where they are shown. */
const LONGEST_VALUE = 240;

/** The answer of the server's comparison; what is malformed in it is left out. */
export function readDifference(answer: Fields): Difference {
  const nodes = isFields(answer["nodes"]) ? answer["nodes"] : {};
  const links = isFields(answer["links"]) ? answer["links"] : {};
  return {
    same: answer["same"] === true,
    added: rows(nodes["added"]).map(refOf),
    removed: rows(nodes["removed"]).map(refOf),
    changed: rows(nodes["changed"]).map((row) => ({ ...refOf(row), facts: factsOf(row) })),
    linksAdded: rows(links["added"]).map(wireOf),
    linksRemoved: rows(links["removed"]).map(wireOf),
  };
}

/** Scopes in which something differs, the root graph first. */
export function scopesOf(difference: Difference): string[] {
  const { added, removed, changed, linksAdded, linksRemoved } = difference;
  const found = new Set([...added, ...removed, ...changed, ...linksAdded, ...linksRemoved].map((each) => each.scope));
  return [...found].sort((a, b) => Number(b === "") - Number(a === "") || a.localeCompare(b));
}

/** "2 nodes added, 1 setting changed", or that nothing but places differs. */
export function inWords(difference: Difference): string {
  if (difference.same) return t("diff.onlyLook");
  const settings = difference.changed.reduce((sum, node) => sum + node.facts.length, 0);
  const parts = [
    counted("diff.added", difference.added.length),
    counted("diff.removed", difference.removed.length),
    counted("diff.settings", settings),
    counted("diff.linked", difference.linksAdded.length),
    counted("diff.unlinked", difference.linksRemoved.length),
  ].filter((part) => part !== "");
  const said = parts.join(", ");
  return said.charAt(0).toUpperCase() + said.slice(1);
}

/** A value as people read it, on one line and not longer than a line or three. */
export function valueText(value: Json | undefined): string {
  if (value === undefined) return t("diff.nothing");
  const plain = unmarked(value);
  const text = typeof plain === "string" ? plain : JSON.stringify(plain);
  if (text.trim() === "") return t("diff.empty");
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

type Counted = "diff.added" | "diff.removed" | "diff.settings" | "diff.linked" | "diff.unlinked";

function counted(key: Counted, count: number): string {
  if (count === 0) return "";
  return count === 1 ? t(`${key}.one`) : t(key, { count });
}

function factsOf(row: Fields): FactChange[] {
  const facts: FactChange[] = [];
  for (const fact of ["type", "title", "mode"] as const) {
    const change = row[`${fact}_change`];
    if (isFields(change)) facts.push({ name: t(`diff.${fact}`), before: change["before"], after: change["after"] });
  }
  for (const [name, change] of Object.entries(isFields(row["values"]) ? row["values"] : {})) {
    if (isFields(change)) facts.push({ name, before: change["before"], after: change["after"] });
  }
  return facts;
}

function refOf(row: Fields): NodeRef {
  const { scope, id } = placed(row["id"]);
  const type = text(row["type"]);
  return { id, scope, type, title: text(row["title"]) };
}

function wireOf(row: Fields): Wire {
  const from = isFields(row["from"]) ? row["from"] : {};
  const to = isFields(row["to"]) ? row["to"] : {};
  const { scope, id } = placed(from["node"]);
  return { scope, from: id, output: text(from["output"]), to: placed(to["node"]).id, input: text(to["input"]) };
}

/** "name of the subgraph/12" is node 12 in there. */
function placed(given: Json | undefined): { readonly scope: string; readonly id: string } {
  const whole = text(given);
  const at = whole.lastIndexOf("/");
  return at < 0 ? { scope: "", id: whole } : { scope: whole.slice(0, at), id: whole.slice(at + 1) };
}

function rows(value: Json | undefined): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}
