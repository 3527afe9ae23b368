/** What of the form view is open; never part of a document. */

import type { GraphId, NodeId } from "../../core/types";

export class FormView {
  /** The form is shown in the place of the graph. */
  open = $state(false);
  /** Its lines can be moved, renamed and removed. */
  arranging = $state(false);
  /** The node whose settings somebody chooses for the form, or for the subgraph that it is in. */
  choosing = $state<NodeId | undefined>(undefined);
  /** The subgraph whose inputs and outputs are edited. */
  ports = $state<GraphId | undefined>(undefined);
  /** The list of saved nodes is open. */
  keeping = $state(false);

  /** Shows the form or the graph, and lets the address say which, so that a reload or a bookmark shows the same. */
  show(open: boolean): void {
    this.open = open;
    if (!open) this.arranging = false;
    const address = new URL(location.href);
    if (open) address.searchParams.set("view", "form");
    else address.searchParams.delete("view");
    if (address.hash === "#form") address.hash = "";
    history.replaceState(history.state, "", address);
  }
}

/** Whether an address asks for the form. */
export function asksForForm(address: { readonly search: string; readonly hash: string }): boolean {
  return address.hash === "#form" || new URLSearchParams(address.search).get("view") === "form";
}
