import { beforeEach, describe, expect, it } from "vitest";
import type { GraphDocument } from "../../src/core/document";
import { addNode, connect, setValue } from "../../src/core/edits";
import { addPort, demote, promote, promotedAs, removePort } from "../../src/core/promote";
import { addInstance, contains, definitionOf, instancesOf, makeSubgraph, unpackSubgraph } from "../../src/core/subgraphs";
import type { GraphNode, NodeDef } from "../../src/core/types";
import { readWorkflow } from "../../src/io/read";
import { writeWorkflow } from "../../src/io/write";
import { ROOT, emptyDocument, toys } from "./toys";

const defs = toys();
let document: GraphDocument;

function wires(graph = ROOT): string[] {
  return [...document.graph(graph).links.values()].map((link) => `${link.from} ${link.fromSocket} > ${link.to} ${link.toSocket}`).sort();
}

/** Load 1 → Blur 2 → Blur 3 → Show 4, Count 5 → radius of 3. */
beforeEach(() => {
  document = emptyDocument(() => 0);
  document.transact("build", (t) => {
    for (const [at, type] of ["Load", "Blur", "Blur", "Show", "Count"].entries()) addNode(t, ROOT, defs.get(type) as NodeDef, [at * 300, 0]);
    connect(t, ROOT, "1", "out:IMAGE", "2", "in:image");
    connect(t, ROOT, "2", "out:IMAGE", "3", "in:image");
    connect(t, ROOT, "3", "out:IMAGE", "4", "in:image");
    connect(t, ROOT, "5", "out:INT", "3", "in:radius", defs);
    setValue(t, ROOT, "2", "radius", 7);
  });
});

function make(): void {
  document.transact("make", (t) => makeSubgraph(t, ROOT, ["2", "3"], defs, { id: "inner", name: "Soft" }));
}

describe("a subgraph", () => {
  it("takes the place of its nodes, with the links that crossed its edge", () => {
    make();
    expect(wires()).toEqual(["1 out:IMAGE > 6 in:image", "5 out:INT > 6 in:radius", "6 out:IMAGE > 4 in:image"]);
    expect(wires("inner")).toEqual(["-10 out:image > 2 in:image", "-10 out:radius > 3 in:radius", "2 out:IMAGE > 3 in:image", "3 out:IMAGE > -20 in:IMAGE"]);
    const file = writeWorkflow(document.state, defs);
    expect(file).toMatchObject({
      definitions: { subgraphs: [{ name: "Soft", inputs: [{ name: "image", type: "IMAGE" }, { name: "radius" }], outputs: [{ name: "IMAGE" }] }] },
    });
    expect(readWorkflow(file, defs).warnings).toEqual([]);
  });

  it("promotes the setting that an input leads to", () => {
    make();
    const def = definitionOf(document.state, defs, "inner");
    expect(def?.inputs.map((each) => each.name)).toEqual(["image"]);
    expect(def?.widgets.map((each) => [each.name, each.kind])).toEqual([["radius", "float"]]);
    expect(definitionOf(document.state, defs, "inner")).toBe(def);
  });

  it("is unpacked to what it was made of", () => {
    const before = wires();
    make();
    document.transact("unpack", (t) => unpackSubgraph(t, ROOT, "6", defs));
    expect(wires()).toEqual(before);
    expect(document.state.graphs.has("inner")).toBe(false);
    expect(document.graph(ROOT).nodes.get("2")?.values).toEqual({ radius: 7 });
  });

  it("stays while another instance of it stands somewhere", () => {
    make();
    document.transact("again", (t) => addInstance(t, ROOT, "inner", [0, 500]));
    document.transact("unpack", (t) => unpackSubgraph(t, ROOT, "6", defs));
    expect([document.state.graphs.has("inner"), instancesOf(document.state, "inner")]).toEqual([true, 1]);
  });

  it("cannot contain itself", () => {
    make();
    document.transact("nest", (t) => expect(addInstance(t, "inner", "inner", [0, 0])).toBeUndefined());
    expect(contains(document.state, ROOT, "inner")).toBe(true);
  });

  it("shows an inner setting on demand, with its value, and hides it again", () => {
    make();
    document.transact("promote", (t) => expect(promote(t, "inner", "2", "radius", defs)).toBe("radius_2"));
    const instance = () => document.graph(ROOT).nodes.get("6") as GraphNode;
    expect(instance().values).toEqual({ radius_2: 7 });
    expect(promotedAs(document.state, "inner", "2", "radius")).toBe("radius_2");
    document.transact("set", (t) => setValue(t, ROOT, "6", "radius_2", 3));
    const file = writeWorkflow(document.state, defs);
    const { state, warnings } = readWorkflow(file, defs);
    expect(warnings).toEqual([]);
    expect(state.graphs.get(ROOT)?.nodes.get("6")?.values["radius_2"]).toBe(3);
    document.transact("demote", (t) => demote(t, "inner", "2", "radius"));
    expect(instance().values).toEqual({});
    expect(document.graph("inner").nodes.get("2")?.values["radius"]).toBe(3);
  });

  it("gets and loses ports, at every instance", () => {
    make();
    document.transact("port", (t) => expect(addPort(t, "inner", "output", "IMAGE", "IMAGE")).toBe("in:IMAGE_2"));
    expect(document.graph(ROOT).nodes.get("6")?.outputs.map((each) => each.name)).toEqual(["IMAGE", "IMAGE_2"]);
    document.transact("no port", (t) => removePort(t, "inner", "input", "out:image"));
    expect(wires()).toEqual(["5 out:INT > 6 in:radius", "6 out:IMAGE > 4 in:image"]);
  });
});
