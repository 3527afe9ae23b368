import { describe, expect, it } from "vitest";
import { readDefinitions } from "../../src/core/schema";
import { readWorkflow } from "../../src/io/read";
import { printWorkflow } from "../../src/io/write";
import { contentsOf, stripped, type Strippable } from "../../src/ui/files/contents";

const definitions = readDefinitions({
  CLIPTextEncode: { display_name: "Prompt", input: { required: { clip: ["CLIP"], text: ["STRING", { multiline: true }] } }, output: ["CONDITIONING"], python_module: "nodes" },
  Loader: { display_name: "Loader", input: { required: { name: [["a.safetensors"], {}] } }, output: ["MODEL"], python_module: "custom_nodes.some-pack" },
});
const { state } = readWorkflow(
  JSON.stringify({
    nodes: [
      { id: 1, type: "CLIPTextEncode", pos: [0, 0], inputs: [{ name: "clip", type: "CLIP", link: null }], widgets_values: ["a red house, see /home/anna/notes.txt"], properties: { secret: "x" } },
      { id: 2, type: "Loader", pos: [0, 0], widgets_values: ["sub/a.safetensors"] },
      { id: 3, type: "Note", pos: [0, 0], widgets_values: ["for my eyes"] },
      { id: 4, type: "Stranger", pos: [0, 0], widgets_values: ["C:\\Users\\Anna\\in.png", "several words of text", 4], properties: { cnr_id: "strange-pack", models: [{ name: "b.ckpt" }] } },
      { id: 5, type: "LoadImage", pos: [0, 0], widgets_values: ["cat.png", "image"] },
    ],
    links: [],
    extra: { ds: { scale: 1 }, author: "Anna" },
    version: 0.4,
  }),
  definitions,
);
const without = (...kinds: Strippable[]): string => printWorkflow(stripped(state, definitions, new Set(kinds)), definitions);

describe("what leaves with a shared file", () => {
  it("is told by kind", () => {
    expect(contentsOf(state, definitions)).toEqual({
      models: ["b.ckpt", "sub/a.safetensors"],
      prompts: ["a red house, see /home/anna/notes.txt", "several words of text"],
      pictures: ["C:\\Users\\Anna\\in.png", "cat.png"],
      notes: ["for my eyes"],
      packs: ["some-pack", "strange-pack"],
      properties: ["author", "secret"],
      paths: ["/home/anna/notes.txt", "C:\\Users\\Anna\\in.png"],
    });
  });

  it("stays whole unless something is left out", () => {
    expect(stripped(state, definitions, new Set())).toBe(state);
    expect(without()).toContain("for my eyes");
  });

  it("goes without notes, prompts, properties and paths, each by itself", () => {
    expect(without("notes")).not.toContain("for my eyes");
    expect(without("notes")).toContain("several words");
    expect(without("prompts")).not.toMatch(/red house|several words/);
    expect(without("prompts")).toContain("a.safetensors");
    expect(without("properties")).not.toMatch(/secret|Anna"/);
    expect(without("properties")).toContain("strange-pack");
    expect(without("paths")).not.toMatch(/anna\/|Users/i);
    expect(without("paths")).toMatch(/see notes\.txt/);
    expect(without("paths")).toContain('"in.png"');
  });

  it("changes nothing of the open file", () => {
    const text = printWorkflow(state, definitions);
    without("notes", "prompts", "properties", "paths");
    expect(printWorkflow(state, definitions)).toBe(text);
  });

  it("takes addresses of the web for no path of a person", () => {
    const { state: plain } = readWorkflow(JSON.stringify({ nodes: [{ id: 1, type: "Note", pos: [0, 0], widgets_values: ["see https://example.org/home/page and 16:9"] }], links: [] }), definitions);
    expect(contentsOf(plain, definitions).paths).toEqual([]);
  });
});
