import { describe, expect, it } from "vitest";
import { GraphDocument } from "../../src/core/document";
import { incomingOf, plainText } from "../../src/core/incoming";
import { readDefinitions } from "../../src/core/schema";
import { setShared, sharedSettings } from "../../src/core/shared";
import { ROOT, type GraphNode, type Link } from "../../src/core/types";
import { readWorkflow } from "../../src/io/read";
import { colorOf } from "../../src/ui/widgets/color";
import { nearestNames } from "../../src/ui/widgets/nearest";
import { folderOf, optionsOf } from "../../src/ui/widgets/options";
import { seedFromText } from "../../src/ui/widgets/seeds";

describe("a choice", () => {
  const words = { nearest: (value: string) => `near ${value}`, others: "others" };
  const listed = (choices: string[], missing?: string) => optionsOf(choices, missing, words, () => undefined).map((each) => `${each.group}: ${String(each.value)}`);

  it("shows its options by folder, those in none first", () => {
    expect(listed(["b/x", "a", "c/y", "b/z"])).toEqual(["others: a", "b: b/x", "b: b/z", "c: c/y"]);
    expect(listed(["a", "b"])).toEqual([": a", ": b"]);
    expect(folderOf("deep/er/name")).toBe("deep/er");
  });

  it("shows what is nearest to a value that is not there before the rest", () => {
    expect(listed(["sd15", "postcards_v2.safetensors", "old/postcard.safetensors"], "postcard.safetensors")).toEqual([
      "near postcard.safetensors: old/postcard.safetensors",
      "near postcard.safetensors: postcards_v2.safetensors",
      "others: sd15",
    ]);
  });

  it("finds the same file in another folder, and nothing where nothing is alike", () => {
    expect(nearestNames("models\\Dream.ckpt", ["dream.safetensors", "cream"])[0]).toBe("dream.safetensors");
    expect(nearestNames("euler", ["heun", "ddim"])).toEqual([]);
    expect(nearestNames("x", [])).toEqual([]);
  });
});

describe("a colour", () => {
  it.each([["#ABC", "#aabbcc"], ["a1b2c3", "#a1b2c3"], ["255, 0 16", "#ff0010"], ["rgb(1,2,3)", "#010203"], ["White", "#ffffff"]])("may be written as %s", (text, color) => expect(colorOf(text)).toBe(color));
  it.each(["", "#12345", "256,0,0", "url(x)", "constructor"])("is none in %s", (text) => expect(colorOf(text)).toBeUndefined());
});

it("a seed keeps every digit", () => {
  expect(seedFromText("42")).toBe(42);
  expect(seedFromText("18446744073709551615")).toBe("18446744073709551615");
});

const DEFS = readDefinitions({
  Sampler: { display_name: "Sampler", category: "sampling", input: { required: { steps: ["INT", { default: 20, min: 1, max: 100 }], name: [["a", "b", "c"], {}], seed: ["INT", { default: 0, min: 0, max: 9 }] } }, output: ["LATENT"], output_name: ["LATENT"] },
  Other: { display_name: "Other", category: "sampling", input: { required: { name: [["b", "c", "d"], {}], steps: ["INT", { default: 5, min: 4, max: 1000 }], seed: ["FLOAT", {}] } }, output: [], output_name: [] },
  PrimitiveInt: { display_name: "Int", category: "utils/primitive", input: { required: { value: ["INT", { default: 7 }] } }, output: ["INT"], output_name: ["INT"] },
});

function opened(nodes: object[], links: unknown[] = []): GraphDocument {
  return new GraphDocument(readWorkflow(JSON.stringify({ version: 0.4, nodes, links, groups: [], config: {}, extra: {}, last_node_id: 9, last_link_id: 9 }), DEFS).state);
}

const base = (id: number, type: string, more: object = {}) => ({ id, type, pos: [0, 0], size: [200, 100], flags: {}, order: id, mode: 0, properties: {}, inputs: [], outputs: [], widgets_values: [], ...more });

describe("settings of several nodes", () => {
  const document = opened([base(1, "Sampler", { widgets_values: [20, "b", 3, "fixed"] }), base(2, "Other", { widgets_values: ["b", 30, 0.5] })]);
  const nodes = (): GraphNode[] => [...document.graph(ROOT).nodes.values()];

  it("are those of the same name and kind, with the range and the choices that suit all", () => {
    const found = sharedSettings(document.state, DEFS, nodes());
    expect(found.map((each) => [each.widget.name, each.mixed, each.widget.min, each.widget.max, each.widget.choices])).toEqual([
      ["steps", true, 4, 100, undefined],
      ["name", false, undefined, undefined, ["b", "c"]],
    ]);
  });

  it("of one node are all, the seed with its control", () => {
    const found = sharedSettings(document.state, DEFS, nodes().slice(0, 1));
    expect(found.map((each) => [each.widget.name, each.control?.name, each.controlValue])).toEqual([["steps", undefined, undefined], ["name", undefined, undefined], ["seed", "control_after_generate", "fixed"]]);
  });

  it("are set in one step that one undo takes back", () => {
    const before = nodes().map((each) => each.values["steps"]);
    document.transact("Set steps", (t) => setShared(t, ROOT, nodes().map((each) => each.id), "steps", 50));
    expect(nodes().map((each) => each.values["steps"])).toEqual([50, 50]);
    document.undo();
    expect(nodes().map((each) => each.values["steps"])).toEqual(before);
  });
});

describe("what comes into a setting", () => {
  const reroute = base(3, "Reroute", { inputs: [{ name: "", type: "*", link: 1 }], outputs: [{ name: "", type: "INT", links: [2] }] });
  const target = (link: number) => base(1, "Sampler", { inputs: [{ name: "steps", type: "INT", widget: { name: "steps" }, link }] });
  const held = (mode = 0) => base(2, "PrimitiveInt", { mode, widgets_values: [33], outputs: [{ name: "INT", type: "INT", links: [1] }] });
  const incoming = (document: GraphDocument) => {
    const graph = document.graph(ROOT);
    const link = [...graph.links.values()].find((each) => each.to === "1") as Link;
    return incomingOf(document.state, DEFS, graph, link);
  };

  it("is the value of a node that only holds one, past all bends", () => {
    const document = opened([target(2), held(), reroute], [[1, 2, 0, 3, 0, "INT"], [2, 3, 0, 1, 0, "INT"]]);
    expect(incoming(document)).toEqual({ node: "2", output: 0, constant: 33 });
  });

  it("is known only from a run where the node is off or works something out", () => {
    expect(incoming(opened([target(1), held(4)], [[1, 2, 0, 1, 0, "INT"]]))?.constant).toBeUndefined();
    const other = base(2, "Sampler", { outputs: [{ name: "LATENT", type: "LATENT", links: [1] }] });
    expect(incoming(opened([target(1), other], [[1, 2, 0, 1, 0, "LATENT"]]))).toEqual({ node: "2", output: 0 });
  });

  it("is written in one line", () => {
    expect([plainText(1.5), plainText("a"), plainText(null), plainText([1, 2]), plainText(false)]).toEqual(["1.5", "a", "", "[1,2]", "false"]);
  });
});
