/** Panels and boxes around the canvas. */

import { setTheme, type AppState, type Overlay, type PanelName } from "../ui/state.svelte";
import { always, inEditor, type Command } from "./command";

function toggle(app: AppState, panel: PanelName): void {
  app.panel = app.panel === panel ? undefined : panel;
  app.remember();
}

const panel = (id: PanelName, label: string, keys: readonly string[] = []): Command => always("Panels", { id: `panel.${id}`, label, keys }, ({ app }) => toggle(app, id));
const overlay = (id: string, label: string, keys: readonly string[], wanted: Overlay): Command =>
  always("Panels", { id, label, keys }, ({ app }) => void (app.overlay = app.overlay === wanted ? undefined : wanted));

export const PANELS: readonly Command[] = [
  overlay("palette.open", "Command palette", ["Mod+K"], "palette"),
  overlay("find.open", "Find node in graph", ["Mod+F"], "find"),
  overlay("shortcuts.open", "Keyboard shortcuts", ["?"], "shortcuts"),
  panel("outline", "Outline", ["O"]),
  panel("files", "Files and templates", ["W"]),
  panel("models", "Models"),
  panel("queue", "Queue and history", ["U"]),
  panel("settings", "Settings", ["Mod+,"]),
  always("Panels", { id: "panel.inspector", label: "Inspector", keys: ["I"] }, ({ app }) => {
    app.inspector = !app.inspector;
    app.remember();
  }),
  always("Panels", { id: "panel.gallery", label: "Gallery", keys: ["G"] }, ({ app }) => {
    app.gallery = !app.gallery;
    app.remember();
  }),
  inEditor("Panels", { id: "theme.switch", label: "Switch between dark and light" }, ({ app }) => setTheme(app, document.documentElement.dataset["theme"] === "light" ? "dark" : "light")),
];
