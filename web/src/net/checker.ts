/** Asks the server what is wrong with a graph, a moment after each edit. */

import type { Editor } from "../core/editor";
import type { Unsubscribe } from "../core/signal";
import type { Json, Problem } from "../core/types";
import { changesMeaning } from "./meaning";
import { Debounced } from "./timing";

const QUIET_MS = 400;

/** Starts checking an open file; returns how to stop. written: the drawing as it is sent. */
export function checkAsYouEdit(
  editor: Editor,
  written: () => Json,
  check: (workflow: Json) => Promise<readonly Problem[]>,
): { readonly again: () => void; readonly stop: Unsubscribe } {
  let newest = 0;
  const ask = async (): Promise<void> => {
    const mine = ++newest;
    try {
      const problems = await check(written());
      // An answer to an older drawing would mark what is already mended.
      if (mine === newest) editor.setProblems(problems);
    } catch {
      // No answer: what was known stays, and the banner tells of a lost connection.
    }
  };
  const quiet = new Debounced(QUIET_MS, () => void ask());
  const stop = editor.document.changed.subscribe((change) => {
    if (changesMeaning(change)) quiet.call();
  });
  quiet.call();
  return {
    again: () => quiet.call(),
    stop: () => {
      newest += 1;
      quiet.cancel();
      stop();
    },
  };
}
