import { describe, expect, it } from "vitest";
import { isFields } from "../../src/core/entries";
import type { Json } from "../../src/core/types";
import { parseJson, printJson } from "../../src/io/json";
import { readWorkflow } from "../../src/io/read";
import { writeWorkflow } from "../../src/io/write";
import { definitions, drawnFiles } from "./fixtures";

const defs = definitions();
const files = drawnFiles();

/**
 * A file as far as reading and writing may change it. Each line is one such change:
 * the names of settings are added, and ids of links that the list of links does not have leave their sockets.
 */
function canonical(workflow: Json): Json {
  return graphCanonical(workflow, true);
}

function graphCanonical(graph: Json, root: boolean): Json {
  if (!isFields(graph)) return graph;
  const ids = new Set<Json | undefined>();
  for (const link of list(graph["links"])) ids.add(Array.isArray(link) ? link[0] : isFields(link) ? link["id"] : undefined);
  const definitionsOf = graph["definitions"];
  return {
    ...graph,
    nodes: list(graph["nodes"]).map((node) => nodeCanonical(node, ids)),
    ...(root && isFields(definitionsOf)
      ? { definitions: { ...definitionsOf, subgraphs: list(definitionsOf["subgraphs"]).map((each) => graphCanonical(each, false)) } }
      : {}),
  };
}

function nodeCanonical(node: Json, ids: ReadonlySet<Json | undefined>): Json {
  if (!isFields(node)) return node;
  const properties: Record<string, Json> = isFields(node["properties"]) ? { ...node["properties"] } : {};
  delete properties["widget_names"];
  return {
    ...node,
    properties,
    inputs: [...list(node["inputs"])],
    outputs: list(node["outputs"]).map((output) => {
      if (!isFields(output) || !Array.isArray(output["links"])) return output;
      return { ...output, links: output["links"].filter((id) => ids.has(id)).sort() };
    }),
  };
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

describe("a file that was read and written", () => {
  it("finds the templates", () => expect(files.length).toBeGreaterThan(170));

  it.each(files)("is as it was: %s", (_, text) => {
    const { state } = readWorkflow(text, defs);
    const written = parseJson(printJson(writeWorkflow(state, defs)));
    expect(canonical(written)).toEqual(canonical(parseJson(text)));
  });
});
