import { describe, expect, it } from "vitest";
import type { NodeDef } from "../../src/core/types";
import { hue, socketColor, socketShape } from "../../src/ui/colors";
import { blocks, spans } from "../../src/ui/parts/markdown";
import { findNodes } from "../../src/ui/parts/nodesearch";
import { picturesOf, textOf } from "../../src/ui/parts/pictures";
import { ranked } from "../../src/ui/parts/rank";
import { bytes, duration, progressText } from "../../src/ui/parts/words";
import { t } from "../../src/ui/texts";

function def(id: string, title: string, inputs: readonly string[], outputs: readonly string[]): NodeDef {
  const socket = (type: string): NodeDef["inputs"][number] => ({ name: type.toLowerCase(), type, optional: false, isList: false });
  return {
    id,
    title,
    category: "test",
    description: "",
    module: "nodes",
    isOutput: false,
    deprecated: false,
    experimental: false,
    inputs: inputs.map(socket),
    outputs: outputs.map(socket),
    widgets: [],
  };
}

const DEFS = [def("VAEDecode", "VAE Decode", ["LATENT", "VAE"], ["IMAGE"]), def("KSampler", "KSampler", ["MODEL", "LATENT"], ["LATENT"]), def("SaveImage", "Save Image", ["IMAGE"], [])];

describe("the add-node box", () => {
  it("finds by what people call a node", () => {
    expect(findNodes("denoise", DEFS, []).map((each) => each.id)).toEqual(["KSampler"]);
  });

  it("finds by what a node makes and takes", () => {
    expect(findNodes(">IMAGE", DEFS, []).map((each) => each.id)).toEqual(["VAEDecode"]);
    expect(findNodes("<image", DEFS, []).map((each) => each.id)).toEqual(["SaveImage"]);
  });

  it("offers only what takes a loose wire", () => {
    expect(findNodes("", DEFS, [], { type: "LATENT", fromOutput: true }).map((each) => each.id)).toEqual(["KSampler", "VAEDecode"]);
    expect(findNodes("", DEFS, [], { type: "IMAGE", fromOutput: false }).map((each) => each.id)).toEqual(["VAEDecode"]);
  });

  it("shows what was used last first", () => {
    expect(findNodes("", DEFS, ["SaveImage"])[0]?.id).toBe("SaveImage");
  });
});

describe("ranking", () => {
  it("prefers the start of a word to the middle, and drops what does not fit", () => {
    expect(ranked("load", ["Upload", "Load", "Save"], (text) => [text])).toEqual(["Load", "Upload"]);
  });

  it("takes words in any order, after texts that hold them in one piece", () => {
    expect(ranked("image save", ["Save Image", "Image Saver", "Load Image"], (text) => [text])).toEqual(["Image Saver", "Save Image"]);
  });
});

describe("notes", () => {
  it("makes a tree of plain text, never markup", () => {
    expect(spans("a **b** <script>")).toEqual([
      { kind: "text", text: "a " },
      { kind: "bold", text: "b" },
      { kind: "text", text: " <script>" },
    ]);
  });

  it("makes links of web addresses only", () => {
    expect(spans("[x](javascript:alert(1))")[0]?.kind).toBe("text");
    expect(spans("[x](https://example.org)")[0]).toEqual({ kind: "link", text: "x", href: "https://example.org" });
  });

  it("knows headings, lists and code", () => {
    expect(blocks("# A\ntext\n- one\n- two\n```\ncode\n```").map((block) => block.kind)).toEqual(["heading", "paragraph", "list", "code"]);
  });
});

describe("outputs of nodes", () => {
  it("reads pictures and texts, and passes over what is neither", () => {
    expect(picturesOf({ images: [{ filename: "a.png", subfolder: "", type: "output" }, 3, null] })).toEqual([{ filename: "a.png", subfolder: "", type: "output" }]);
    expect(textOf({ text: ["a", "b"] })).toBe("a\nb");
    expect(picturesOf(undefined)).toEqual([]);
  });
});

describe("words and colours", () => {
  it("writes times and sizes as people read them", () => {
    expect(duration(1.84)).toBe("1.8 s");
    expect(duration(125)).toBe("2:05");
    expect(bytes(1234567)).toBe("1.2 MB");
    expect(progressText({ state: "running", value: 12, max: 20 })).toBe("12/20");
  });

  it("fills in the catalogue's names", () => {
    expect(t("file.saved", { name: "a {b} $&" })).toBe("Saved a {b} $&");
  });

  it("gives unknown types a stable hue of their own", () => {
    expect(socketColor("MY_TYPE")).toBe(`hsl(${hue("MY_TYPE")} 55% var(--socket-lightness))`);
    expect(socketShape("MODEL", false)).toBe("square");
    expect(socketShape("MODEL", true)).toBe("diamond");
  });
});
