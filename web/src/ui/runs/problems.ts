/** What is wrong with a graph as a list: where, what, and what to do. */

import type { Editor } from "../../core/editor";
import { graphAt } from "../../core/paths";
import type { NodeId, Problem } from "../../core/types";
import { nameOf } from "../panels/outline";

export interface ProblemRow {
  /** By its run id; null where it is the whole graph. */
  readonly node: NodeId | null;
  readonly title: string;
  readonly input: string | null;
  readonly text: string;
  readonly remedy: string;
  readonly warning: boolean;
}

/** Errors first, then warnings, each in the order of the check. */
export function problemRows(editor: Editor): ProblemRow[] {
  const rows = editor.problems.map((problem) => rowOf(editor, problem));
  return [...rows.filter((row) => !row.warning), ...rows.filter((row) => row.warning)];
}

function rowOf(editor: Editor, { node, input, text, remedy, warning }: Problem): ProblemRow {
  return { node, title: node === null ? "" : titleOfRun(editor, node), input, text: said(text, remedy), remedy, warning };
}

/** "KSampler (node 7), input model: ", which the row's head says. */
const PLACE = /^[^:]* \(node [^)]*\)(?:, input [^:]*)?: /;

/** The text without what is shown apart: its place, and the remedy at its end. */
function said(text: string, remedy: string): string {
  const whole = text.replace(PLACE, "");
  const short = remedy && whole.endsWith(`; ${remedy}.`) ? `${whole.slice(0, -remedy.length - 3)}.` : whole;
  return short.slice(0, 1).toUpperCase() + short.slice(1);
}

/** The server's words with the titles of nodes in the place of their ids. */
export function withTitles(editor: Editor, text: string): string {
  return text.replace(/\bnode ([\w-]+(?::[\w-]+)*)/g, (whole, id: string) => {
    const title = titleOfRun(editor, id);
    return title === id.replaceAll(":", " › ") ? whole : title;
  });
}

/** The title of a node by its run id, with those of the instances around it. */
export function titleOfRun(editor: Editor, runId: NodeId): string {
  const { state } = editor.document;
  const steps = runId.split(":");
  return steps
    .map((id, at) => {
      const graph = graphAt(state, steps.slice(0, at));
      const node = graph === undefined ? undefined : state.graphs.get(graph)?.nodes.get(id);
      return node ? nameOf(node, editor) : id;
    })
    .join(" › ");
}
