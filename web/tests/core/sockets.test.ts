import { describe, expect, it } from "vitest";
import { arranged } from "../../src/core/arrange";
import { search, searchNodes } from "../../src/core/fuzzy";
import { boundsOf, HEADER, layout, linkCurve, ROW } from "../../src/core/geometry";
import { bestSocket, conversions, fits, whyNot } from "../../src/core/match";
import { focusOrder, neighbours } from "../../src/core/order";
import { defaultNode, withIds } from "../../src/core/schema";
import type { GraphNode, NodeDef, Socket } from "../../src/core/types";
import { readWorkflow } from "../../src/io/read";
import { definitions } from "../io/fixtures";
import { ROOT, chainFile, toys } from "./toys";

const defs = toys();
const comfy = definitions();

function fresh(type: string, from = defs): GraphNode {
  return defaultNode(from.get(type) as NodeDef, "1", [0, 0]);
}

describe("matching", () => {
  it.each([
    ["IMAGE", "IMAGE", true], ["IMAGE", "MASK", false], ["*", "MASK", true], ["IMAGE", "*", true], ["INT", "INT,FLOAT", true], ["STRING, INT", "FLOAT , INT", true],
    ["A,B", "C", false], ["", "IMAGE", true], ["COMFY_MATCHTYPE_V3", "IMAGE", true], ["A,*", "C", true],
  ])("of %s to %s is %s", (from, to, wanted) => expect(fits(from, to)).toBe(wanted));

  it("says why not", () => {
    expect(whyNot({ name: "MASK", type: "MASK" }, { name: "image", type: "IMAGE" })).toBe("image wants IMAGE, MASK gives MASK");
    expect(whyNot({ name: "a", type: "INT" }, { name: "b", type: "INT" })).toBeUndefined();
  });

  it("drops a wire on the free socket that fits best", () => {
    const sockets = withIds("in", [{ name: "any", type: "*", rest: {} }, { name: "first", type: "IMAGE", rest: {} }, { name: "second", type: "IMAGE", rest: {} }]);
    const taken = (socket: Socket) => socket.name === "first";
    expect(bestSocket({ type: "IMAGE", side: "output" }, sockets)?.name).toBe("first");
    expect(bestSocket({ type: "IMAGE", side: "output" }, sockets, taken)?.name).toBe("second");
    expect(bestSocket({ type: "IMAGE", name: "second", side: "output" }, sockets)?.name).toBe("second");
    expect(bestSocket({ type: "MODEL", side: "output" }, sockets)?.name).toBe("any");
    expect(bestSocket({ type: "MODEL", side: "output" }, sockets.slice(1))).toBeUndefined();
  });

  it("offers nodes that convert, the plainest first", () => {
    expect(conversions("IMAGE", "MASK", defs).map((each) => [each.def.id, each.input, each.output])).toEqual([["ToMask", "image", "MASK"]]);
    expect(conversions("MASK", "IMAGE", comfy)[0]?.def.id).toBe("MaskToImage");
    expect(conversions("IMAGE", "MASK", comfy)[0]?.def.id).toBe("ImageToMask");
    expect(conversions("LATENT", "IMAGE", comfy)).toEqual([]);
    const [decode] = conversions("LATENT", "IMAGE", comfy, new Set(["VAE"]));
    expect([decode?.def.id, decode?.input, decode?.others.map((each) => each.name)]).toEqual(["VAEDecode", "samples", ["vae"]]);
  });
});

describe("the layout of a node", () => {
  it("has sockets, then settings, each with its socket", () => {
    const { rows, inputs, outputs, width } = layout(fresh("Blur"), defs.get("Blur"));
    expect(rows.map((row) => [row.kind, row.input?.name, row.output?.name])).toEqual([["sockets", "image", "IMAGE"], ["sockets", "mask", undefined], ["widget", "radius", undefined]]);
    expect([...inputs.keys()]).toEqual(["in:image", "in:mask", "in:radius"]);
    expect(outputs.get("out:IMAGE")).toEqual([width, HEADER + 4 + ROW / 2]);
  });

  it("puts the control into the row of its seed, and leaves upload buttons out", () => {
    const { rows } = layout(fresh("Count"), defs.get("Count"));
    expect(rows.map((row) => row.widget?.name ?? row.kind)).toEqual(["sockets", "seed", "steps", "text"]);
    expect(rows[1]?.control?.name).toBe("control_after_generate");
    expect(layout(fresh("Load"), defs.get("Load")).rows.map((row) => row.widget?.name ?? row.kind)).toEqual(["sockets", "sockets", "image", "preview"]);
  });

  it("keeps the size of an imported node and gives long text the room", () => {
    const node = { ...fresh("Count"), size: [300, 400] as const };
    const made = layout(node, defs.get("Count"));
    expect([made.width, made.height]).toEqual([300, 400]);
    const last = made.rows.at(-1);
    expect((last?.y ?? 0) + (last?.height ?? 0)).toBe(400 - 4);
  });

  it("is tight before it grows, and then grows", () => {
    const made = layout({ ...fresh("Blur"), size: [240, 100] }, defs.get("Blur"));
    expect(made.height).toBe(100);
    expect(made.rows[0]?.height).toBeLessThan(ROW);
    expect(layout({ ...fresh("Blur"), size: [240, 20] }, defs.get("Blur")).height).toBe(96);
  });

  it("leaves hidden sockets out", () => {
    const made = layout({ ...fresh("Blur"), properties: { hidden_sockets: ["in:mask", 7] } }, defs.get("Blur"));
    expect(made.rows.map((row) => row.input?.name)).toEqual(["image", "radius"]);
    expect(made.inputs.has("in:mask")).toBe(false);
  });

  it("of a collapsed node has all sockets at the header", () => {
    const made = layout({ ...fresh("Blur"), collapsed: true }, defs.get("Blur"));
    expect([made.height, made.rows.length, new Set(made.inputs.values()).size]).toEqual([HEADER, 0, 3]);
  });

  it("has every row inside and under the one before, for every type of ComfyUI", () => {
    for (const def of comfy.all()) {
      const made = layout(defaultNode(def, "1", [0, 0]), def);
      if (made.rows.length === 0) continue;
      let bottom = HEADER;
      for (const row of made.rows) {
        expect(row.y, def.id).toBeGreaterThanOrEqual(bottom);
        bottom = row.y + row.height;
      }
      expect(bottom, def.id).toBeLessThanOrEqual(made.height);
    }
  });

  it("bounds nodes and bends wires outwards", () => {
    expect(boundsOf([])).toBeUndefined();
    expect(boundsOf([fresh("Blur")], (type) => defs.get(type))).toMatchObject({ x: 0, y: 0, width: 240 });
    const curve = linkCurve([100, 0], [0, 0]);
    expect(curve.out[0]).toBeGreaterThan(100);
    expect(curve.in[0]).toBeLessThan(0);
  });
});

describe("finding", () => {
  it("finds nodes by title, name, category and initials", () => {
    const first = (query: string) => searchNodes(query, comfy)[0]?.item.id;
    expect(first("ksampler")).toBe("KSampler");
    expect(first("load ckpt")).toBe("CheckpointLoaderSimple");
    expect(first("vae dec")).toBe("VAEDecode");
    expect(searchNodes("cte", comfy).map((each) => each.item.id)).toContain("CLIPTextEncode");
    expect(searchNodes(">MASK <IMAGE", defs).map((each) => each.item.id)).toEqual(["ToMask"]);
    expect(searchNodes(">UPSCALE_MODEL", comfy).every((each) => each.item.outputs.some((output) => output.type === "UPSCALE_MODEL"))).toBe(true);
  });

  it("marks what matched, and gives all without a query", () => {
    const items = ["Open file", "Save file", "Größe"];
    expect(search("sav", items, (item) => [item])).toEqual([{ item: "Save file", ranges: [0, 3] }]);
    expect(search("", items, (item) => [item]).length).toBe(3);
    expect(search("größ", items, (item) => [item])[0]?.item).toBe("Größe");
    expect(search("((", items, (item) => [item])).toEqual([]);
  });
});

describe("walking and tidying", () => {
  const graph = readWorkflow(chainFile(5), defs).state.graphs.get(ROOT);
  if (!graph) throw new Error("no root");

  it("goes to the neighbours and visits all in order", () => {
    expect([neighbours(graph, "3", "inputs"), neighbours(graph, "3", "outputs")]).toEqual([["2"], ["4"]]);
    expect(focusOrder(graph)).toEqual(["1", "2", "3", "4", "5"]);
  });

  it("puts each node right of what it needs and none upon another", () => {
    const places = arranged(graph, defs);
    for (let id = 1; id < 5; id += 1) expect(places.get(String(id + 1))?.[0]).toBeGreaterThan((places.get(String(id))?.[0] ?? 0) + 240);
    expect(Math.min(...[...places.values()].map(([x]) => x))).toBe(0);
    expect([...arranged(graph, defs, ["2", "3"]).keys()]).toEqual(["2", "3"]);
  });
});
