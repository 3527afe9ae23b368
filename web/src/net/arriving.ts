/** What the address of the page asks to open: a saved workflow, or one that the address itself holds. */

import { unpacked } from "../io/fragment";
import { openSaved } from "../ui/files/actions";
import { cleanName, freeName } from "../ui/files/tree";
import { openText, reasonOf, type AppState } from "../ui/state.svelte";
import { t } from "../ui/texts";
import { forgetFragment, wantedBy } from "./links";
import type { NetServices } from "./services";

/** Opens what the address asks for now, and later when it changes; returns how to stop. */
export function watchAddress(app: AppState, services: NetServices): () => void {
  const arrive = (): void => void openWanted(app, services, location.hash);
  window.addEventListener("hashchange", arrive);
  arrive();
  return () => window.removeEventListener("hashchange", arrive);
}

async function openWanted(app: AppState, services: NetServices, fragment: string): Promise<void> {
  const wanted = wantedBy(fragment);
  if (!wanted) return;
  forgetFragment();
  if (wanted.kind === "saved") {
    await openSaved(app, wanted.name);
    return;
  }
  let text: string;
  try {
    text = await unpacked(wanted.letters);
  } catch (error) {
    return app.notify(t(error instanceof RangeError ? "share.tooLarge" : "share.damaged"), "error");
  }
  try {
    // The server judges it as it judges every file from outside: its size, its nodes, its form.
    const judged = await services.workflowInside(new File([text], "link.json", { type: "application/json" }));
    const name = freeName(cleanName(wanted.name, t("share.linkName")), app.files.map((file) => file.name));
    openText(app, name, judged);
    app.notify(t("share.opened"), "info");
  } catch (error) {
    app.notify(t("share.notFound", { reason: reasonOf(error) }), "error");
  }
}
