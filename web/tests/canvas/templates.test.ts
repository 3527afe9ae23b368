import { expect, it } from "vitest";
import { GraphModel } from "../../src/canvas/model";
import { Editor } from "../../src/core/editor";
import { GraphDocument } from "../../src/core/document";
import { readWorkflow } from "../../src/io/read";
import { definitions, drawnFiles } from "../io/fixtures";

const files = drawnFiles();

it.skipIf(files.length === 0)(
  "every link of every template has a place, in subgraphs too",
  () => {
    const known = definitions();
    for (const [name, text] of files) {
      const { state } = readWorkflow(text, known);
      const editor = new Editor(new GraphDocument(state), known);
      const model = new GraphModel(editor);
      for (const graph of state.graphs.keys()) {
        editor.enter(graph);
        model.rebuild();
        expect([name, graph, model.links.size]).toEqual([name, graph, model.graph.links.size]);
        for (const { chain } of model.links.values()) for (const [x, y] of chain) expect(Number.isFinite(x + y)).toBe(true);
      }
    }
  },
  60_000,
);
