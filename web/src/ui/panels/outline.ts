/** The whole graph as rows of a tree: groups, their nodes, and each node's wires. */

import type { Editor } from "../../core/editor";
import { groupHolds } from "../../core/geometry";
import type { Graph, GraphNode, Link, NodeId } from "../../core/types";
import { grouped } from "../parts/group";
import { t } from "../texts";

export interface OutlineRow {
  readonly key: string;
  readonly kind: "group" | "node" | "link";
  readonly level: number;
  readonly text: string;
  readonly detail: string;
  /** The node to which this row leads. */
  readonly node?: NodeId;
  readonly expandable: boolean;
}

/** Rows from top to bottom; a node's wires only where it is open, a group's nodes unless it is closed. */
export function outline(graph: Graph, editor: Editor, order: readonly NodeId[], open: ReadonlySet<string>, closed: ReadonlySet<string>): OutlineRow[] {
  const rows: OutlineRow[] = [];
  const left = new Set(order);
  const into = grouped(graph.links.values(), (link) => link.to);
  const nodeRows = (id: NodeId, level: number): void => {
    const node = graph.nodes.get(id);
    if (!node) return;
    left.delete(id);
    const links = into.get(id) ?? [];
    rows.push({ key: `n${id}`, kind: "node", level, text: nameOf(node, editor), detail: `#${id}`, node: id, expandable: links.length > 0 });
    if (open.has(`n${id}`)) for (const link of links) rows.push(linkRow(graph, editor, link, level + 1));
  };
  for (const group of graph.groups.values()) {
    const inside = order.filter((id) => {
      const node = graph.nodes.get(id);
      return node !== undefined && left.has(id) && groupHolds(group, node);
    });
    for (const id of inside) left.delete(id);
    rows.push({ key: `g${group.id}`, kind: "group", level: 1, text: group.title, detail: String(inside.length), expandable: inside.length > 0 });
    if (!closed.has(`g${group.id}`)) for (const id of inside) nodeRows(id, 2);
  }
  for (const id of order) if (left.has(id)) nodeRows(id, 1);
  return rows;
}

/** What a node is called: its own title, the name of its subgraph, its type's title, or the type. */
export function nameOf(node: GraphNode, { document, definitions }: Editor): string {
  if (node.title !== undefined) return node.title;
  const inner = document.state.graphs.get(node.type);
  return inner ? inner.name || t("graph.inner") : (definitions.get(node.type)?.title ?? node.type);
}

function linkRow(graph: Graph, editor: Editor, link: Link, level: number): OutlineRow {
  const source = graph.nodes.get(link.from);
  return {
    key: `l${link.id}`,
    kind: "link",
    level,
    text: `${socketName(link.toSocket)} ← ${source ? nameOf(source, editor) : "?"}`,
    detail: link.type,
    node: link.from,
    expandable: false,
  };
}

function socketName(id: string): string {
  return id.replace(/^(in|out):/, "").replace(/#\d+$/, "");
}
