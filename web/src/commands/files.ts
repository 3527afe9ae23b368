/** Files: new, open, save, to and from this computer. */

import { askForFile, download } from "../net/download";
import { importFile, saveFile } from "../ui/actions";
import { closeFile, newFile, reasonOf, type AppState, type OpenFile } from "../ui/state.svelte";
import { always, inEditor, type Command } from "./command";

const READABLE = ".json,.png,.webp,.jpg,.jpeg,.latent,.safetensors";

/** What services can do beyond the interface's own list. */
interface Exports {
  exportWorkflow(file: OpenFile): string;
  exportApi(file: OpenFile): Promise<string>;
}

function exportsOf(app: AppState): Exports | undefined {
  const services: object | undefined = app.services;
  return services && "exportApi" in services ? (services as Exports) : undefined;
}

async function toDisk(app: AppState, suffix: string, text: (found: Exports, file: OpenFile) => string | Promise<string>): Promise<void> {
  const [file, found] = [app.active, exportsOf(app)];
  if (!file || !found) return;
  try {
    download(`${file.name.replace(/[/\\]/g, "_")}${suffix}`, await text(found, file));
  } catch (error) {
    app.notify(reasonOf(error), "error");
  }
}

async function share(app: AppState): Promise<void> {
  const [file, found] = [app.active, exportsOf(app)];
  if (!file || !found) return;
  try {
    await navigator.clipboard.writeText(found.exportWorkflow(file));
    app.notify("The workflow is on the clipboard: paste it anywhere.", "ok");
  } catch {
    app.notify("This browser does not let the page write the clipboard. Save the workflow to a file instead.", "warning");
  }
}

function step(app: AppState, by: number): void {
  const { files } = app;
  const at = files.findIndex((file) => file.key === app.activeKey);
  app.activeKey = files[(at + by + files.length) % files.length]?.key ?? app.activeKey;
}

export const FILES: readonly Command[] = [
  always("File", { id: "file.new", label: "New file", keys: ["Alt+N"] }, ({ app }) => void newFile(app)),
  always("File", { id: "file.open", label: "Open a file of this computer", keys: ["Mod+O"] }, async ({ app }) => {
    const file = await askForFile(READABLE);
    if (file) await importFile(app, file);
  }),
  inEditor("File", { id: "file.save", label: "Save", keys: ["Mod+S"] }, ({ app }) => saveFile(app)),
  inEditor("File", { id: "file.saveAs", label: "Save as", keys: ["Mod+Shift+S"] }, ({ app }) => void (app.naming = app.active)),
  inEditor("File", { id: "file.download", label: "Save to this computer" }, ({ app }) => toDisk(app, ".json", (found, file) => found.exportWorkflow(file))),
  inEditor("File", { id: "file.export", label: "Export for scripts (API JSON)" }, ({ app }) => toDisk(app, ".api.json", (found, file) => found.exportApi(file))),
  inEditor("File", { id: "file.share", label: "Copy workflow as JSON" }, ({ app }) => share(app)),
  inEditor("File", { id: "file.close", label: "Close file", keys: ["Alt+W"] }, ({ app }) => {
    if (app.active) closeFile(app, app.active);
  }),
  inEditor("File", { id: "file.next", label: "Next file", keys: ["Alt+PageDown"] }, ({ app }) => step(app, 1), ({ app }) => app.files.length > 1),
  inEditor("File", { id: "file.previous", label: "File before", keys: ["Alt+PageUp"] }, ({ app }) => step(app, -1), ({ app }) => app.files.length > 1),
];
