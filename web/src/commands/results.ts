/** What can be done with the picture in the viewer, or with those chosen in the gallery. */

import { copyPicture, download, openWorkflowOf, picturesInHand, useAsInput, viewLarge } from "../ui/gallery/actions";
import type { AppState, Picture } from "../ui/state.svelte";
import { t } from "../ui/texts";
import type { Command } from "./command";

type Id = "view" | "openWorkflow" | "compare" | "useAsInput" | "copy" | "download" | "remove";

const row = (id: Id, run: (app: AppState, first: Picture, all: readonly Picture[]) => void | Promise<void>): Command => ({
  id: `results.${id}`,
  label: t(`command.results.${id}`),
  group: "View",
  keys: [],
  when: ({ app }) => picturesInHand(app).length > 0,
  run: ({ app }) => {
    const all = picturesInHand(app);
    const [first] = all;
    return first ? run(app, first, all) : app.notify(t("results.pick"), "info");
  },
});

const viewer = (id: "close" | "dock", run: (app: AppState) => void): Command => ({
  id: `viewer.${id}`,
  label: t(`command.viewer.${id}`),
  group: "View",
  keys: [],
  when: ({ app }) => app.viewing !== undefined,
  run: ({ app }) => run(app),
});

export const RESULTS: readonly Command[] = [
  viewer("close", (app) => app.closeViewer()),
  viewer("dock", (app) => {
    app.results.docked = !app.results.docked;
    app.overlay = app.results.docked ? undefined : "viewer";
  }),
  row("view", (app, _, all) => viewLarge(app, all)),
  row("openWorkflow", openWorkflowOf),
  row("compare", (app, picture) => void (app.results.compared = picture)),
  row("useAsInput", async (app, picture) => {
    if (!app.results.docked) app.closeViewer();
    await useAsInput(app, picture);
  }),
  row("copy", copyPicture),
  row("download", (app, _, all) => all.forEach((each) => download(app, each))),
  row("remove", (app, _, all) => {
    const known = all.flatMap((each) => app.results.find(each) ?? []);
    if (known.length) app.results.asked = known;
  }),
];
