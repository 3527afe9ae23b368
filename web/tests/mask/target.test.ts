import { describe, expect, it } from "vitest";
import { GraphDocument } from "../../src/core/document";
import { Editor } from "../../src/core/editor";
import { readDefinitions } from "../../src/core/schema";
import type { Fields } from "../../src/core/types";
import { readWorkflow } from "../../src/io/read";
import { maskOf, saveMask, useMask } from "../../src/ui/mask/opening";
import { plane } from "../../src/ui/mask/raster";
import { partOfSize, sizeOfPart } from "../../src/ui/mask/settings.svelte";
import { maskTarget, type MaskTarget } from "../../src/ui/mask/work";

const LOADERS: Fields = {
  LoadImage: { input: { required: { image: [["a.png"], { image_upload: true }] } }, output: ["IMAGE", "MASK"], output_name: ["IMAGE", "MASK"] },
  LoadImageMask: {
    input: { required: { image: [["a.png"], { image_upload: true }], channel: [["alpha", "red", "green", "blue"]] } },
    output: ["MASK"],
    output_name: ["MASK"],
  },
  Other: { input: { required: { text: ["STRING"] } }, output: [], output_name: [] },
};

function editorWith(type: string, values: readonly string[]): Editor {
  const definitions = readDefinitions(LOADERS);
  const node = { id: 1, type, pos: [0, 0], size: [200, 100], flags: {}, order: 0, mode: 0, inputs: [], outputs: [], properties: {}, widgets_values: [...values] };
  return new Editor(new GraphDocument(readWorkflow({ nodes: [node], links: [], version: 0.4 }, definitions).state), definitions);
}

function targetOf(editor: Editor): MaskTarget {
  const target = maskTarget(editor, "1");
  if (!target) throw new Error("no target");
  return target;
}

describe("what a mask is painted for", () => {
  it("is the picture of a node that loads one", () => {
    expect(maskTarget(editorWith("LoadImage", ["a.png", "image"]), "1")).toMatchObject({ node: "1", widget: "image", value: "a.png", channel: "alpha" });
    expect(maskTarget(editorWith("LoadImageMask", ["a.png", "red", "image"]), "1")).toMatchObject({ value: "a.png", channel: "red" });
    expect(maskTarget(editorWith("Other", ["words"]), "1")).toBeUndefined();
    expect(maskTarget(editorWith("LoadImage", ["a.png", "image"]), "2")).toBeUndefined();
  });

  it("gets the painted file in one edit, which undo takes back with the channel", () => {
    const editor = editorWith("LoadImageMask", ["a.png", "red", "image"]);
    useMask(targetOf(editor), "clipspace/a mask.png [input]");
    expect(editor.document.graph("root").nodes.get("1")?.values).toMatchObject({ image: "clipspace/a mask.png [input]", channel: "alpha" });
    editor.document.undo();
    expect(editor.document.graph("root").nodes.get("1")?.values).toMatchObject({ image: "a.png", channel: "red" });
    expect(editor.document.canUndo).toBe(false);
  });

  it("starts from the mask that the picture has", () => {
    const pixels = { width: 2, height: 1, data: new Uint8ClampedArray([9, 8, 7, 255, 90, 80, 70, 55]) };
    expect([...maskOf(pixels, "alpha").data]).toEqual([0, 200]);
    expect([...maskOf(pixels, "green").data]).toEqual([8, 80]);
  });

  it("is sent as the transparency that is its opposite, under the name of the picture", async () => {
    const sent: { of: unknown; name: string; type: string }[] = [];
    const services = {
      upload: () => Promise.reject(new Error("not wanted")),
      part: () => Promise.reject(new Error("not wanted")),
      uploadMask: async (mask: Blob, of: { filename: string; subfolder: string; type: string }, name: string) => {
        sent.push({ of, name, type: mask.type });
        return { filename: `${name.replace(".png", "")} (1).png`, subfolder: "clipspace", type: "input" };
      },
    };
    expect(await saveMask(services, "deep/photo.jpg [output]", plane(2, 2, 255))).toBe("clipspace/photo mask (1).png [input]");
    expect(sent).toEqual([{ of: { filename: "photo.jpg", subfolder: "deep", type: "output" }, name: "photo mask.png", type: "image/png" }]);
    await expect(saveMask(undefined, "a.png", plane(1, 1))).rejects.toThrow("no server");
  });
});

it("the slider of sizes gives every size back", () => {
  for (const size of [1, 2, 10, 60, 333, 1000]) expect(sizeOfPart(partOfSize(size))).toBe(size);
  expect([sizeOfPart(0), sizeOfPart(1)]).toEqual([1, 1000]);
});
