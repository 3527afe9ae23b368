/** API JSON as a drawing. */

import type { Definitions, Json } from "../core/types";
import { readApi } from "../io/api";
import { writeWorkflow } from "../io/write";

/** The drawing of an API prompt, arranged; for pictures and jobs that hold no drawing. */
export function workflowOfPrompt(prompt: Json, definitions: Definitions): Json {
  return writeWorkflow(readApi(prompt, definitions).state, definitions);
}
