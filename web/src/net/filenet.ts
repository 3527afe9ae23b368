/** Versions, deleted files, links and files of any kind: the server's side of the screens for files. */

import { fields } from "../core/entries";
import type { Json } from "../core/types";
import { LONGEST_LINK } from "../io/fragment";
import { readDifference, type Difference } from "../ui/files/difference";
import type { FileServices, VersionEntry } from "../ui/files/services";
import { freeName } from "../ui/files/tree";
import type { OpenFile } from "../ui/state.svelte";
import { named, WORKFLOWS } from "./api";
import { ApiError } from "./errors";
import { selfLink, serverLink } from "./links";
import type { NetServices } from "./services";
import { words } from "./words";

const PICTURE = /\.(png|jpe?g|webp|gif|bmp|tiff?|avif)$/i;

export class FileNet implements FileServices {
  readonly #services: NetServices;

  constructor(services: NetServices) {
    this.#services = services;
  }

  async deleted(): Promise<readonly string[]> {
    const names = fields(await this.#ask(WORKFLOWS))["deleted"];
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  }

  async versions(name: string): Promise<readonly VersionEntry[]> {
    const found = await this.#services.api.versions(name);
    // A content that was saved twice is the current one once.
    const first = found.find((each) => each.current);
    return found.map((each) => ({ ...each, current: each === first }));
  }

  async content(name: string, version?: string): Promise<Json> {
    return (await this.#services.api.workflow(name, version)).workflow;
  }

  async between(name: string, before: string, after: string): Promise<Difference> {
    const query = new URLSearchParams({ before, after });
    return readDifference(fields(await this.#ask(`${named(name)}/diff?${query.toString()}`)));
  }

  async since(file: OpenFile, name: string, version?: string): Promise<Difference> {
    return readDifference(await this.#services.api.difference(name, this.#services.written(file), version));
  }

  async restore(file: OpenFile, version: string): Promise<void> {
    await this.#keepMine(file);
    await this.#services.api.restore(file.name, version);
    await this.#services.reload(file, words.restoreLabel);
  }

  async bringBack(name: string): Promise<void> {
    const [last] = await this.#services.api.versions(name);
    if (last) await this.#services.api.restore(name, last.id);
  }

  async takeTheirs(file: OpenFile): Promise<void> {
    await this.#keepMine(file);
    await this.#services.reload(file, words.takeLabel);
  }

  async remove(name: string): Promise<void> {
    await this.#services.api.remove(name);
  }

  async rename(name: string, to: string): Promise<void> {
    await this.#services.eachAutosave((autosave) => (autosave.draft === name ? autosave.flush() : undefined));
    await this.#services.api.rename(name, to);
    await this.#services.eachAutosave((autosave) => autosave.moved(name, to));
  }

  async duplicate(name: string, to: string): Promise<void> {
    await this.#services.api.save(to, await this.content(name), null);
  }

  async draft(name: string): Promise<Json | undefined> {
    return (await this.#services.draft(name))?.workflow;
  }

  putInto(file: OpenFile, workflow: Json): void {
    this.#services.replace(file, workflow, words.recoveryLabel);
  }

  async inside(file: File): Promise<string | undefined> {
    try {
      return await this.#services.workflowInside(await headerOf(file));
    } catch (error) {
      const isPicture = file.type.startsWith("image/") || PICTURE.test(file.name);
      if (error instanceof ApiError && error.status === 400 && isPicture) return undefined;
      throw error;
    }
  }

  templatePicture(name: string): string {
    return `/api/darkroom/template_pictures/${name.split("/").map(encodeURIComponent).join("/")}`;
  }

  serverLink(name: string): string {
    return serverLink(name);
  }

  async selfLink(text: string, name: string): Promise<string | undefined> {
    const link = await selfLink(text, name);
    return link.length > LONGEST_LINK ? undefined : link;
  }

  /** A free name for what somebody keeps beside the saved one. */
  async copyName(name: string): Promise<string> {
    const taken = (await this.#services.api.workflows()).map((each) => each.name);
    return freeName(words.copyName(name), taken);
  }

  /** What is drawn and nowhere saved becomes a version before it gives way. */
  async #keepMine(file: OpenFile): Promise<void> {
    if (!file.editor.document.dirty) return;
    await this.#ask(`${named(file.name)}/versions`, { workflow: this.#services.written(file) });
  }

  #ask(path: string, body?: Json): Promise<Json> {
    return this.#services.api.ask(path, body);
  }
}


const TENSORS = /\.(safetensors|latent)$/i;
const LENGTH_BYTES = 8;
/** A damaged file may claim any length; no header is longer. */
const MOST_HEADER = 100_000_000;

/** Of a file of tensors only the header, which holds its texts: the rest may be gigabytes. */
export async function headerOf(file: File): Promise<File> {
  if (!TENSORS.test(file.name) || file.size < LENGTH_BYTES) return file;
  const length = new DataView(await file.slice(0, LENGTH_BYTES).arrayBuffer()).getBigUint64(0, true);
  const end = Math.min(Number(length), MOST_HEADER) + LENGTH_BYTES;
  return end < file.size ? new File([file.slice(0, end)], file.name) : file;
}
