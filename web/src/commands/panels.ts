/** Panels and boxes around the canvas. */

import { setTheme, type AppState, type Overlay, type PanelName } from "../ui/state.svelte";
import { t } from "../ui/texts";
import { always, inEditor, type Command } from "./command";

function toggle(app: AppState, panel: PanelName): void {
  app.panel = app.panel === panel ? undefined : panel;
  app.remember();
}

const panel = (id: PanelName, keys: readonly string[] = []): Command => always("Panels", { id: `panel.${id}`, label: t(`command.panel.${id}`), keys }, ({ app }) => toggle(app, id));
const overlay = (id: "palette.open" | "find.open" | "shortcuts.open", keys: readonly string[], wanted: Overlay): Command =>
  always("Panels", { id, label: t(`command.${id}`), keys }, ({ app }) => void (app.overlay = app.overlay === wanted ? undefined : wanted));

export const PANELS: readonly Command[] = [
  overlay("palette.open", ["Mod+K"], "palette"),
  overlay("find.open", ["Mod+F"], "find"),
  overlay("shortcuts.open", ["?"], "shortcuts"),
  panel("outline", ["O"]),
  panel("files", ["W"]),
  panel("models"),
  panel("queue", ["U"]),
  panel("settings", ["Mod+,"]),
  always("Panels", { id: "panel.inspector", label: t("command.panel.inspector"), keys: ["I"] }, ({ app }) => {
    app.inspector = !app.inspector;
    app.remember();
  }),
  always("Panels", { id: "panel.gallery", label: t("command.panel.gallery"), keys: ["G"] }, ({ app }) => {
    app.gallery = !app.gallery;
    app.remember();
  }),
  inEditor("Panels", { id: "theme.switch", label: t("command.theme.switch") }, ({ app }) => setTheme(app, document.documentElement.dataset["theme"] === "light" ? "dark" : "light")),
];
