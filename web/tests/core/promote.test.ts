import { beforeEach, describe, expect, it } from "vitest";
import { blueprintText, insertBlueprint, readBlueprint } from "../../src/core/blueprints";
import type { GraphDocument } from "../../src/core/document";
import { addNode, connect, setValue, updateNode } from "../../src/core/edits";
import { Editor } from "../../src/core/editor";
import { demote, labelPort, movePort, ports, promote, promotedAs, throughPorts } from "../../src/core/promote";
import { addInstance, definitionOf, makeSubgraph, renameSubgraph } from "../../src/core/subgraphs";
import type { GraphNode, NodeDef } from "../../src/core/types";
import { labelOf } from "../../src/core/widgets";
import { readWorkflow } from "../../src/io/read";
import { writeWorkflow } from "../../src/io/write";
import { ROOT, emptyDocument, toys } from "./toys";

const defs = toys();
let document: GraphDocument;

const node = (id: string, graph = ROOT): GraphNode => document.graph(graph).nodes.get(id) as GraphNode;
const written = (): unknown => writeWorkflow(document.state, defs);

/** Load 1 → [Blur 2 → Blur 3] as instance 5 → Show 4. */
beforeEach(() => {
  document = emptyDocument(() => 0);
  document.transact("build", (t) => {
    for (const [at, type] of ["Load", "Blur", "Blur", "Show"].entries()) addNode(t, ROOT, defs.get(type) as NodeDef, [at * 300, 0]);
    connect(t, ROOT, "1", "out:IMAGE", "2", "in:image");
    connect(t, ROOT, "2", "out:IMAGE", "3", "in:image");
    connect(t, ROOT, "3", "out:IMAGE", "4", "in:image");
    makeSubgraph(t, ROOT, ["2", "3"], defs, { id: "inner", name: "Soft" });
  });
});

describe("a promoted setting", () => {
  it("is an input of the subgraph with a value at every instance, as ComfyUI writes it", () => {
    document.transact("again", (t) => addInstance(t, ROOT, "inner", [0, 500]));
    document.transact("promote", (t) => promote(t, "inner", "2", "radius", defs));
    expect(written()).toMatchObject({
      nodes: [{}, {}, { id: 5, inputs: [{ name: "image" }, { name: "radius", type: "FLOAT", widget: { name: "radius" }, link: null }], widgets_values: [1.5] }, { id: 6, widgets_values: [1.5] }],
      definitions: { subgraphs: [{ inputs: [{ name: "image" }, { name: "radius", type: "FLOAT" }] }] },
    });
    expect([...throughPorts(document.state, "inner", node("5"))]).toContainEqual(["radius", { node: "2", setting: "radius" }]);
  });

  it("joins the list of proxyWidgets where that names the instance's own settings", () => {
    document.transact("list", (t) => {
      promote(t, "inner", "2", "radius", defs);
      updateNode(t, ROOT, "5", (each) => ({ ...each, properties: { proxyWidgets: [["-1", "radius"]] } }));
      promote(t, "inner", "3", "radius", defs);
    });
    expect(node("5").properties["proxyWidgets"]).toEqual([["-1", "radius"], ["-1", "radius_2"]]);
    document.transact("back", (t) => demote(t, "inner", "2", "radius"));
    expect(node("5").properties["proxyWidgets"]).toEqual([["-1", "radius_2"]]);
    expect(definitionOf(document.state, defs, "inner", node("5"))?.widgets.map((each) => each.name)).toEqual(["radius_2"]);
  });

  it("that a file lists in proxyWidgets is set inside, and taken back there", () => {
    document.transact("list", (t) => updateNode(t, ROOT, "5", (each) => ({ ...each, properties: { proxyWidgets: [["3", "radius"]] } })));
    const before = document.state;
    expect(promotedAs(document.state, "inner", "3", "radius")).toBe("3.radius");
    document.transact("set", (t) => setValue(t, ROOT, "5", "3.radius", 4));
    expect([node("3", "inner").values["radius"], node("5").values]).toEqual([4, {}]);
    const [widget] = definitionOf(document.state, defs, "inner", node("5"))?.widgets ?? [];
    expect(widget && [labelOf(widget), widget.default]).toEqual(["radius", 4]);
    document.transact("take back", (t) => demote(t, "inner", "3", "radius"));
    expect(node("5").properties["proxyWidgets"]).toEqual([]);
    document.undo();
    document.undo();
    expect(document.state).toBe(before);
  });
});

describe("the interface of a subgraph", () => {
  it("is renamed and put in another order without losing links or values", () => {
    document.transact("promote", (t) => promote(t, "inner", "2", "radius", defs));
    document.transact("set", (t) => setValue(t, ROOT, "5", "radius", 3));
    const before = written();
    const port = ports(document.state, "inner", "input")[1];
    document.transact("shape", (t) => {
      labelPort(t, "inner", "input", port?.id ?? "", "Softness");
      movePort(t, "inner", "input", port?.id ?? "", -1);
    });
    expect(node("5").inputs.map((each) => each.label ?? each.name)).toEqual(["Softness", "image"]);
    expect(definitionOf(document.state, defs, "inner", node("5"))?.widgets.map(labelOf)).toEqual(["Softness"]);
    const { state, warnings } = readWorkflow(writeWorkflow(document.state, defs), defs);
    expect(warnings).toEqual([]);
    expect(state.graphs.get(ROOT)?.nodes.get("5")?.values["radius"]).toBe(3);
    const wires = [...(state.graphs.get(ROOT)?.links.values() ?? [])].map((link) => `${link.from} ${link.to} ${link.toSocket}`);
    expect(wires.sort()).toEqual(["1 5 in:image", "5 4 in:image"]);
    document.undo();
    expect(written()).toEqual(before);
  });
});

describe("a subgraph kept for every file", () => {
  function kept(): string {
    return blueprintText(document.state, ROOT, "5", defs, "Softener") ?? "";
  }

  it("is a workflow with one instance, and comes into another file with its inside", () => {
    expect(JSON.parse(kept())).toMatchObject({ nodes: [{ type: "inner" }], links: [], version: 0.4, definitions: { subgraphs: [{ id: "inner", name: "Softener" }] } });
    expect(readBlueprint("Softener", "", kept(), defs)?.def).toMatchObject({ id: "SubgraphBlueprint.Softener", title: "Softener", category: "Subgraphs", outputs: [{ name: "IMAGE" }] });
    const other = emptyDocument();
    let made: string | undefined;
    other.transact("insert", (t) => (made = insertBlueprint(t, ROOT, kept(), [80, 40], defs)));
    expect(other.graph(ROOT).nodes.get(made ?? "")).toMatchObject({ type: "inner", pos: [80, 40] });
    expect(other.graph("inner").nodes.size).toBe(4);
    other.undo();
    expect(other.state.graphs.size).toBe(1);
  });

  it("shares a definition that is the same, and brings its own where that was changed", () => {
    const text = kept();
    document.transact("same", (t) => insertBlueprint(t, ROOT, text, [0, 300], defs));
    expect([...document.state.graphs.keys()]).toEqual([ROOT, "inner"]);
    document.transact("change", (t) => setValue(t, "inner", "2", "radius", 8));
    document.transact("other", (t) => insertBlueprint(t, ROOT, text, [0, 600], defs));
    expect(document.state.graphs.size).toBe(3);
    const values = [...document.state.graphs.values()].slice(1).map((graph) => graph.nodes.get("2")?.values["radius"]);
    expect(values).toEqual([8, 1.5]);
  });

  it("is not offered where the text holds something else", () => {
    expect(readBlueprint("x", "", "{}", defs)).toBeUndefined();
    expect(readBlueprint("x", "", "nonsense", defs)).toBeUndefined();
    expect(readBlueprint("x", "", JSON.stringify({ nodes: [], links: [] }), defs)).toBeUndefined();
  });
});

describe("the way into subgraphs", () => {
  it("names nodes inside as runs do", () => {
    document.transact("again", (t) => addInstance(t, ROOT, "inner", [0, 500]));
    const editor = new Editor(document, defs);
    editor.setRun("6:2", { state: "running" });
    editor.setProblems([{ node: "6:3", input: "radius", text: "too large", remedy: "", warning: false, type: "" }]);
    expect([editor.problemsOf("6").length, editor.problemsOf("5").length]).toEqual([1, 0]);
    editor.select(["6"]);
    editor.enter("inner");
    expect([editor.path, editor.shownRun("2").state, editor.problemsOf("3").length, editor.shownId("6:2"), editor.shownId("5:2")]).toEqual([["6"], "running", 1, "2", undefined]);
    expect(editor.leave()).toBe("6");
    expect([editor.graph, [...editor.selection]]).toEqual([ROOT, ["6"]]);
    editor.enterInstance("5");
    expect([editor.path, editor.shownRun("2").state]).toEqual([["5"], "idle"]);
  });

  it("goes on through another instance when an edit takes the entered one away", () => {
    document.transact("again", (t) => addInstance(t, ROOT, "inner", [0, 500]));
    const editor = new Editor(document, defs);
    editor.enterInstance("6");
    document.undo();
    expect([editor.graph, editor.path]).toEqual(["inner", ["5"]]);
  });

  it("reaches nested instances, and a renamed graph stays where it is", () => {
    document.transact("nest", (t) => {
      makeSubgraph(t, "inner", ["3"], defs, { id: "deep" });
      renameSubgraph(t, "inner", "Outer");
    });
    const editor = new Editor(document, defs);
    editor.enter("deep");
    expect([editor.path.length, editor.path[0], editor.runId("3")]).toEqual([2, "5", `5:${editor.path[1]}:3`]);
    editor.enter("inner");
    expect(editor.path).toEqual(["5"]);
  });
});
