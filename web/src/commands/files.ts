/** Files: new, open, save, to and from this computer. */

import { askForFile, download } from "../net/download";
import { importFile, saveFile } from "../ui/actions";
import { duplicateFile, removeFile, renameFile } from "../ui/files/actions";
import { closeFile, newFile, reasonOf, type AppState, type OpenFile } from "../ui/state.svelte";
import { t } from "../ui/texts";
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

function dialogOn(app: AppState, kind: "share" | "versions"): void {
  if (app.active) app.filesDialog = { kind, file: app.active };
}

function isSaved(app: AppState): boolean {
  return app.active?.digest !== undefined;
}

function askName(app: AppState): void {
  const name = app.active?.name;
  if (name !== undefined) app.asking = { label: t("files.renameLabel"), value: name, answer: (to) => void renameFile(app, name, to) };
}

function step(app: AppState, by: number): void {
  const { files } = app;
  const at = files.findIndex((file) => file.key === app.activeKey);
  app.activeKey = files[(at + by + files.length) % files.length]?.key ?? app.activeKey;
}

export const FILES: readonly Command[] = [
  always("File", { id: "file.new", label: t("command.file.new"), keys: ["Alt+N"] }, ({ app }) => void newFile(app)),
  always("File", { id: "file.open", label: t("command.file.open"), keys: ["Mod+O"] }, async ({ app }) => {
    const file = await askForFile(READABLE);
    if (file) await importFile(app, file);
  }),
  inEditor("File", { id: "file.save", label: t("command.file.save"), keys: ["Mod+S"] }, ({ app }) => saveFile(app)),
  inEditor("File", { id: "file.saveAs", label: t("command.file.saveAs"), keys: ["Mod+Shift+S"] }, ({ app }) => void (app.naming = app.active)),
  inEditor("File", { id: "file.download", label: t("command.file.download") }, ({ app }) => toDisk(app, ".json", (found, file) => found.exportWorkflow(file))),
  inEditor("File", { id: "file.export", label: t("command.file.export") }, ({ app }) => toDisk(app, ".api.json", (found, file) => found.exportApi(file))),
  inEditor("File", { id: "file.share", label: t("command.file.share") }, ({ app }) => dialogOn(app, "share")),
  inEditor("File", { id: "file.versions", label: t("command.file.versions") }, ({ app }) => dialogOn(app, "versions"), ({ app }) => isSaved(app)),
  always("File", { id: "file.templates", label: t("command.file.templates"), keys: ["Alt+T"] }, ({ app }) => void (app.filesDialog = { kind: "templates" })),
  inEditor("File", { id: "file.rename", label: t("command.file.rename") }, ({ app }) => askName(app), ({ app }) => isSaved(app)),
  inEditor("File", { id: "file.duplicate", label: t("command.file.duplicate") }, ({ app }) => duplicateFile(app, app.active?.name ?? ""), ({ app }) => isSaved(app)),
  inEditor("File", { id: "file.delete", label: t("command.file.delete") }, ({ app }) => removeFile(app, app.active?.name ?? ""), ({ app }) => isSaved(app)),
  inEditor("File", { id: "file.close", label: t("command.file.close"), keys: ["Alt+W"] }, ({ app }) => {
    if (app.active) closeFile(app, app.active);
  }),
  inEditor("File", { id: "file.next", label: t("command.file.next"), keys: ["Alt+PageDown"] }, ({ app }) => step(app, 1), ({ app }) => app.files.length > 1),
  inEditor("File", { id: "file.previous", label: t("command.file.previous"), keys: ["Alt+PageUp"] }, ({ app }) => step(app, -1), ({ app }) => app.files.length > 1),
];
