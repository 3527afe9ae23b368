/** The size of a node's text, kept with the node. */

import type { GraphNode } from "../../core/types";

/** The property that holds it, in pixels. */
export const TEXT_SIZE = "text_size";

/** Undefined where the person's own size for all prompts counts. */
export function textSizeOf(node: GraphNode): number | undefined {
  const size = node.properties[TEXT_SIZE];
  return typeof size === "number" && size >= 8 && size <= 48 ? size : undefined;
}
