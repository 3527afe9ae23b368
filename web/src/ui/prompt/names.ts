/** Names of model files for settings and prompts, asked of the server now and then. */

import type { ModelFile, WidgetServices } from "../widgets/services";
import type { Names } from "./completion";

const FRESH_MS = 30_000;

interface Asked {
  readonly at: number;
  readonly files: Promise<readonly ModelFile[]>;
}

const asked = new WeakMap<WidgetServices, Asked>();

/** The files of the models folders, at most half a minute old. */
export function modelFiles(services: WidgetServices, now: number = Date.now()): Promise<readonly ModelFile[]> {
  const last = asked.get(services);
  if (last && now - last.at < FRESH_MS) return last.files;
  const files = services.modelFiles();
  asked.set(services, { at: now, files });
  files.catch(() => asked.delete(services));
  return files;
}

/** What prompts name. */
export function namesIn(files: readonly ModelFile[]): Names {
  const of = (folder: string): string[] => files.filter((each) => each.folder === folder).map((each) => each.name.replace(/\.(safetensors|pt|bin|ckpt|pth|sft)$/i, ""));
  return { embeddings: of("embeddings"), loras: of("loras") };
}

/** The pictures beside models by the names of a choice: those of the folder that has most of these names. */
export function picturesOf(files: readonly ModelFile[], choices: readonly string[]): ReadonlyMap<string, string> {
  const wanted = new Set(choices);
  const counts = new Map<string, number>();
  for (const each of files) if (wanted.has(each.name)) counts.set(each.folder, (counts.get(each.folder) ?? 0) + 1);
  const [folder] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
  return new Map(files.flatMap((each) => (each.folder === folder && each.picture !== undefined ? [[each.name, each.picture]] : [])));
}
