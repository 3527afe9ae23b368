/** Small node types and graphs for tests. */

import { GraphDocument } from "../../src/core/document";
import { readDefinitions } from "../../src/core/schema";
import { ROOT, type Definitions, type Json } from "../../src/core/types";
import { readWorkflow } from "../../src/io/read";

function entry(required: { [key: string]: Json }, output: string[], more: { [key: string]: Json } = {}): Json {
  return { input: { required, ...(more["optional"] ? { optional: more["optional"] } : {}) }, output, output_name: output, category: "toys", output_node: output.length === 0, ...more };
}

/** Load → Blur (radius) → Show; Count makes a number from a seed; ToMask turns an image into a mask. */
export function toys(): Definitions {
  return readDefinitions({
    Load: entry({ image: [["a.png", "b.png"], { image_upload: true }] }, ["IMAGE", "MASK"]),
    Blur: entry({ image: ["IMAGE", {}], radius: ["FLOAT", { default: 1.5, min: 0, max: 9 }] }, ["IMAGE"], { optional: { mask: ["MASK", {}] } }),
    Mix: entry({ first: ["IMAGE"], second: ["IMAGE"], amount: ["FLOAT", { default: 0.5 }] }, ["IMAGE"]),
    Show: entry({ image: ["IMAGE"] }, []),
    Count: entry({ seed: ["INT", { default: 0, min: 0, max: "\uE00018446744073709551615" }], steps: ["INT", { default: 20 }], text: ["STRING", { multiline: true }] }, ["INT"]),
    ToMask: entry({ image: ["IMAGE"], channel: [["red", "green"]] }, ["MASK"]),
  });
}

/** An empty document. */
export function emptyDocument(now?: () => number): GraphDocument {
  const { state } = readWorkflow({ nodes: [], links: [], groups: [], version: 0.4 }, toys());
  return new GraphDocument(state, now);
}

/** A workflow file of Load and then Blur nodes, one behind the other, in rows of forty. */
export function chainFile(count: number): { [key: string]: Json } {
  const nodes: Json[] = [];
  const links: Json[] = [];
  for (let at = 0; at < count; at += 1) {
    const outgoing = at + 1 < count ? [at + 1] : [];
    const place = { pos: [(at % 40) * 300, Math.floor(at / 40) * 200], size: [240, 100], flags: {}, order: at, mode: 0, properties: {} };
    if (at === 0) nodes.push({ id: 1, type: "Load", ...place, inputs: [], outputs: [{ name: "IMAGE", type: "IMAGE", links: outgoing }, { name: "MASK", type: "MASK", links: [] }], widgets_values: ["a.png", "image"] });
    else nodes.push({ id: at + 1, type: "Blur", ...place, inputs: [{ name: "image", type: "IMAGE", link: at }], outputs: [{ name: "IMAGE", type: "IMAGE", links: outgoing }], widgets_values: [1.5] });
    if (at > 0) links.push([at, at, 0, at + 1, 0, "IMAGE"]);
  }
  return { last_node_id: count, last_link_id: count - 1, nodes, links, groups: [], config: {}, extra: {}, version: 0.4 };
}

export { ROOT };
