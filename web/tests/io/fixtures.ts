/** Files that the tests read: node types of a ComfyUI server, ComfyUI's templates, our own workflows. */

import { readDefinitions } from "../../src/core/schema";
import { isFields } from "../../src/core/entries";
import type { Definitions, Json } from "../../src/core/types";
import { parseJson } from "../../src/io/json";

const infos = import.meta.glob<string>("../../../tests/data/comfyui_object_info.json", { query: "?raw", import: "default", eager: true });
const templates = import.meta.glob<string>("../../../.venv/lib/python3*/site-packages/comfyui_workflow_templates/templates/*.json", {
  query: "?raw",
  import: "default",
  eager: true,
});
const workflows = import.meta.glob<string>("../../../workflows/*.json", { query: "?raw", import: "default", eager: true });

export function definitions(): Definitions {
  const info = parseJson(Object.values(infos)[0] ?? "{}");
  if (!isFields(info)) throw new Error("object info is no object");
  return readDefinitions(info);
}

/** The drawn workflows by file name; the package holds other files too. */
export function drawnFiles(): [name: string, text: string][] {
  return [...Object.entries(templates), ...Object.entries(workflows)].flatMap(([path, text]) => {
    const json: Json = JSON.parse(text) as Json;
    const name = path.slice(path.lastIndexOf("/") + 1);
    return isFields(json) && Array.isArray(json["nodes"]) ? [[name, text] as [string, string]] : [];
  });
}
