import { describe, expect, it } from "vitest";
import { GraphDocument } from "../../src/core/document";
import { linksInto } from "../../src/core/wires";
import { ROOT, type DocumentState, type Json, type NodeId } from "../../src/core/types";
import { readWorkflow } from "../../src/io/read";
import { applyDifference, compared, MODE } from "../../src/ui/gallery/compare";
import { holderOf, insertLoader, loaderOf, type Place } from "../../src/ui/gallery/loaders";
import { missingModels, nearest } from "../../src/ui/gallery/missing";
import { definitions, drawnFiles } from "../io/fixtures";

const DEFINITIONS = definitions();
const FILES = new Map(drawnFiles());

function drawn(change: (workflow: { nodes: { [key: string]: Json }[] }) => void = () => undefined): DocumentState {
  const json = JSON.parse(FILES.get("text_to_image.json") ?? "{}") as { nodes: { [key: string]: Json }[] };
  change(json);
  return readWorkflow(json as unknown as Json, DEFINITIONS).state;
}

function nodeOf(state: DocumentState, type: string): NodeId {
  const found = [...(state.graphs.get(ROOT)?.nodes.values() ?? [])].find((node) => node.type === type);
  if (!found) throw new Error(`no ${type}`);
  return found.id;
}

describe("comparing the settings of a picture with the graph at hand", () => {
  it("finds nothing between equal graphs", () => {
    expect(compared(drawn(), drawn(), DEFINITIONS)).toEqual({ nodes: [], onlyNow: [], onlyThen: [] });
  });

  it("lists node by node what differs, old and new, and applies it as one edit", () => {
    const document = new GraphDocument(drawn());
    const sampler = nodeOf(document.state, "KSampler");
    const then = drawn(({ nodes }) => {
      const node = nodes.find((each) => each["type"] === "KSampler");
      if (!node) return;
      node["mode"] = 4;
      (node["widgets_values"] as Json[])[2] = 31;
    });
    const { nodes } = compared(document.state, then, DEFINITIONS);
    expect(nodes).toHaveLength(1);
    const [first] = nodes;
    if (!first) throw new Error("no difference");
    expect(first.node).toBe(sampler);
    const was = document.graph(ROOT).nodes.get(sampler)?.values["steps"];
    expect(first.differences).toEqual([
      { name: "steps", now: was, then: 31 },
      { name: MODE, now: 0, then: 4 },
    ]);
    document.transact("Take settings", (t) => first.differences.forEach((each) => applyDifference(t, first, each)));
    expect(compared(document.state, then, DEFINITIONS).nodes).toEqual([]);
    document.undo();
    expect(document.graph(ROOT).nodes.get(sampler)?.values["steps"]).toBe(was);
  });

  it("pairs nodes of other ids by their type, and tells of those that only one graph has", () => {
    const then = drawn(({ nodes }) => {
      for (const node of nodes) if (node["type"] === "EmptyLatentImage") node["id"] = 977;
      nodes.push({ id: 978, type: "PreviewImage", pos: [0, 0], size: [200, 200], flags: {}, order: 99, mode: 0, inputs: [{ name: "images", type: "IMAGE", link: null }], outputs: [], properties: {}, widgets_values: [] });
    });
    const found = compared(drawn(), then, DEFINITIONS);
    expect(found.nodes).toEqual([]);
    expect(found.onlyNow).toEqual([]);
    expect(found.onlyThen).toEqual(["Preview Image"]);
  });

  it("takes a seed as the same, be it a number or text", () => {
    const document = new GraphDocument(drawn());
    const sampler = nodeOf(document.state, "KSampler");
    const seed = document.graph(ROOT).nodes.get(sampler)?.values["seed"];
    document.transact("x", (t) => t.put(ROOT, "nodes", sampler, { ...document.graph(ROOT).nodes.get(sampler)!, values: { ...document.graph(ROOT).nodes.get(sampler)!.values, seed: String(seed) } }));
    expect(compared(document.state, drawn(), DEFINITIONS).nodes).toEqual([]);
  });
});

function put(document: GraphDocument, folder: string, name: string, selection: readonly NodeId[], more: Partial<Place> = {}): NodeId {
  const loader = loaderOf(folder, name, DEFINITIONS);
  if (!loader) throw new Error("no loader");
  let id = "";
  document.transact("Add", (t) => {
    id = insertLoader(t, loader, name, { graph: ROOT, definitions: DEFINITIONS, selection, at: [0, 0], dropped: false, ...more });
  });
  return id;
}

describe("putting a model into the graph", () => {
  it("sets the file in the node of its folder", () => {
    const document = new GraphDocument(drawn());
    const id = put(document, "vae", "my.safetensors", []);
    expect(document.graph(ROOT).nodes.get(id)).toMatchObject({ type: "VAELoader", values: { vae_name: "my.safetensors" } });
    expect(loaderOf("classifiers", "nothing.bin", DEFINITIONS)).toBeUndefined();
  });

  it.each([["the sampler", "KSampler"], ["the loader", "CheckpointLoaderSimple"], ["nothing", undefined]])("puts a LoRA between loader and sampler when %s is selected", (_, type) => {
    const document = new GraphDocument(drawn());
    const { state } = document;
    const [loader, sampler] = [nodeOf(state, "CheckpointLoaderSimple"), nodeOf(state, "KSampler")];
    const id = put(document, "loras", "dusk.safetensors", type === undefined ? [] : [nodeOf(state, type)]);
    const graph = document.graph(ROOT);
    expect(linksInto(graph, sampler).get("in:model")?.from).toBe(id);
    expect(linksInto(graph, id).get("in:model")?.from).toBe(loader);
    expect(linksInto(graph, id).get("in:clip")?.from).toBe(loader);
    const texts = [...graph.nodes.values()].filter((node) => node.type === "CLIPTextEncode");
    expect(texts.map((node) => linksInto(graph, node.id).get("in:clip")?.from)).toEqual(texts.map(() => id));
    document.undo();
    expect(document.state.graphs.get(ROOT)?.links).toEqual(state.graphs.get(ROOT)?.links);
  });

  it("puts a second LoRA behind the first", () => {
    const document = new GraphDocument(drawn());
    const first = put(document, "loras", "a.safetensors", []);
    const second = put(document, "loras", "b.safetensors", []);
    expect(linksInto(document.graph(ROOT), second).get("in:model")?.from).toBe(first);
    expect(linksInto(document.graph(ROOT), nodeOf(document.state, "KSampler")).get("in:model")?.from).toBe(second);
  });

  it("feeds the selected node where it takes what the loader gives", () => {
    const document = new GraphDocument(drawn());
    const decode = nodeOf(document.state, "VAEDecode");
    const id = put(document, "vae", "my.safetensors", [decode]);
    expect(linksInto(document.graph(ROOT), decode).get("in:vae")?.from).toBe(id);
  });

  it("puts it where it was dropped, and else on no other node", () => {
    const document = new GraphDocument(drawn());
    const dropped = put(document, "vae", "a.safetensors", [], { at: [512, 640], dropped: true });
    expect(document.graph(ROOT).nodes.get(dropped)?.pos).toEqual([512, 640]);
    const beside = put(document, "vae", "a.safetensors", [], { at: [512, 640] });
    expect(document.graph(ROOT).nodes.get(beside)?.pos[1]).toBeGreaterThan(640);
  });

  it("knows the selected loader, whose file a click changes", () => {
    const state = drawn();
    const graph = state.graphs.get(ROOT);
    const loader = loaderOf("checkpoints", "x.safetensors", DEFINITIONS);
    if (!graph || !loader) throw new Error("nothing to test");
    const id = nodeOf(state, "CheckpointLoaderSimple");
    expect(holderOf(graph, [id], loader)).toBe(id);
    expect(holderOf(graph, [nodeOf(state, "KSampler")], loader)).toBeUndefined();
    expect(holderOf(graph, [id, nodeOf(state, "KSampler")], loader)).toBeUndefined();
  });
});

describe("models that are missing", () => {
  it("are listed with the name that comes nearest", () => {
    const state = drawn(({ nodes }) => {
      for (const node of nodes) if (node["type"] === "CheckpointLoaderSimple") node["widgets_values"] = ["nowhere/not_here_v9.safetensors"];
    });
    const [found, ...rest] = missingModels(state, DEFINITIONS);
    expect(rest).toEqual([]);
    expect(found).toMatchObject({ setting: "ckpt_name", name: "nowhere/not_here_v9.safetensors", node: nodeOf(state, "CheckpointLoaderSimple") });
  });

  it("are matched by their names, folders and endings aside", () => {
    const choices = ["sd_xl_base_1.0.safetensors", "v1-5-pruned-emaonly-fp16.safetensors", "flux1-dev.safetensors"];
    expect(nearest("SDXL/sd_xl_base_1.0_0.9vae.safetensors", choices)).toBe("sd_xl_base_1.0.safetensors");
    expect(nearest("v1-5-pruned-emaonly.ckpt", choices)).toBe("v1-5-pruned-emaonly-fp16.safetensors");
    expect(nearest("zzz.ckpt", choices)).toBeUndefined();
    expect(nearest("a.ckpt", [])).toBeUndefined();
  });
});
