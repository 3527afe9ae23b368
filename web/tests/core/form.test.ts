import { beforeEach, describe, expect, it } from "vitest";
import type { GraphDocument } from "../../src/core/document";
import { addNode, connect, removeNodes, setTitle } from "../../src/core/edits";
import { addHeading, addToForm, FORM, formOf, isInForm, moveLine, removeFromForm, removeLine, setForm, setWords } from "../../src/core/form";
import { automaticForm, formLines, resultNodes } from "../../src/core/formfields";
import type { Json, NodeDef } from "../../src/core/types";
import { readWorkflow } from "../../src/io/read";
import { writeWorkflow } from "../../src/io/write";
import { ROOT, emptyDocument, toys } from "./toys";

const defs = toys();
const words = { prompt: "Prompt", picture: "Picture", details: "Details" };
let document: GraphDocument;

function extra(): { [key: string]: Json } {
  return (writeWorkflow(document.state, defs) as { extra: { [key: string]: Json } }).extra;
}

/** Load 1 → Blur 2 → Show 3; Count 4 gives the radius of nothing. */
beforeEach(() => {
  document = emptyDocument(() => 0);
  document.transact("build", (t) => {
    for (const [at, type] of ["Load", "Blur", "Show", "Count"].entries()) addNode(t, ROOT, defs.get(type) as NodeDef, [at * 300, 0]);
    connect(t, ROOT, "1", "out:IMAGE", "2", "in:image");
    connect(t, ROOT, "2", "out:IMAGE", "3", "in:image");
  });
});

describe("a form", () => {
  it("is kept in the file's extra, and is gone without settings", () => {
    const before = writeWorkflow(document.state, defs);
    document.transact("add", (t) => addToForm(t, "2", "radius"));
    expect(extra()[FORM]).toEqual({ version: 1, items: [{ node: "2", setting: "radius" }] });
    document.transact("remove", (t) => removeFromForm(t, "2", "radius"));
    expect(writeWorkflow(document.state, defs)).toEqual({ ...(before as object), extra: {} });
    document.undo();
    document.undo();
    expect(writeWorkflow(document.state, defs)).toEqual(before);
  });

  it("keeps what others have put into it, and beside it", () => {
    const form = { version: 7, theme: "wide", items: [{ node: 2, setting: "radius", label: "Blur", unit: "px" }, { heading: "More", open: false }, 12, { kind: "gauge" }] };
    const file = { nodes: [], links: [], groups: [], extra: { ds: { scale: 2 }, [FORM]: form }, version: 0.4 };
    const { state } = readWorkflow(file, defs);
    expect((writeWorkflow(state, defs) as { extra: Json }).extra).toEqual(file.extra);
    document.load(state);
    document.transact("move", (t) => moveLine(t, 1, 0));
    expect(extra()).toEqual({ ds: { scale: 2 }, [FORM]: { ...form, items: [form.items[1], { ...(form.items[0] as object), node: "2" }, 12, { kind: "gauge" }] } });
  });

  it("shows its lines in order, with the words that somebody gave them", () => {
    document.transact("form", (t) => {
      addToForm(t, "4", "seed");
      addToForm(t, "2", "radius");
      addToForm(t, "2", "radius");
      addHeading(t, 0, "Look");
      moveLine(t, 2, 1);
      setWords(t, 1, { label: "Softness", help: "More is softer" });
      setWords(t, 0, { label: "How it looks" });
    });
    const lines = formLines(document.state, defs);
    expect(lines.map((line) => (line.kind === "heading" ? line.text : [line.label, line.help, line.value, line.control?.name]))).toEqual([
      "How it looks",
      ["Softness", "More is softer", 1.5, undefined],
      ["Seed", "", 0, "control_after_generate"],
    ]);
    document.transact("plain", (t) => setWords(t, 1, { label: "", help: "" }));
    expect(formOf(document.state)[1]).toEqual({ kind: "setting", node: "2", setting: "radius", rest: {} });
  });

  it("survives the removal of a node and its return", () => {
    document.transact("form", (t) => setForm(t, automaticForm(t.state, defs, words)));
    const lines = formLines(document.state, defs).length;
    document.transact("delete", (t) => removeNodes(t, ROOT, ["1"]));
    expect(formLines(document.state, defs).length).toBe(lines - 1);
    expect(isInForm(document.state, "1", "image")).toBe(true);
    document.undo();
    expect(formLines(document.state, defs).length).toBe(lines);
  });

  it("says what sets a wired setting", () => {
    document.transact("form", (t) => {
      connect(t, ROOT, "4", "out:INT", "2", "in:radius", defs);
      addToForm(t, "2", "radius");
    });
    expect(formLines(document.state, defs)).toMatchObject([{ from: "4" }]);
  });

  it("tells settings of one name apart by their nodes", () => {
    document.transact("form", (t) => {
      addNode(t, ROOT, defs.get("Blur") as NodeDef, [0, 400]);
      setTitle(t, ROOT, "2", "Sky");
      setTitle(t, ROOT, "5", "Sea");
      addToForm(t, "2", "radius");
      addToForm(t, "5", "radius");
    });
    expect(formLines(document.state, defs).map((line) => (line.kind === "setting" ? line.label : ""))).toEqual(["Radius · Sky", "Radius · Sea"]);
  });

  it("ends with its last setting", () => {
    document.transact("form", (t) => {
      addHeading(t, 0, "Only");
      addToForm(t, "2", "radius");
      removeLine(t, 1);
    });
    expect(formOf(document.state)).toEqual([]);
  });
});

describe("an automatic form", () => {
  it("has prompts, pictures, seeds and steps of the nodes that results need", () => {
    document.transact("wire", (t) => connect(t, ROOT, "4", "out:INT", "2", "in:radius", defs));
    const items = automaticForm(document.state, defs, words).map((item) => (item.kind === "setting" ? `${item.node}.${item.setting}` : item.kind === "heading" ? item.text : ""));
    expect(items).toEqual(["Prompt", "4.text", "Picture", "1.image", "Details", "4.seed", "4.steps"]);
    document.transact("unwire", (t) => removeNodes(t, ROOT, ["2"]));
    expect(automaticForm(document.state, defs, words)).toEqual([]);
  });

  it("is empty for an empty graph", () => expect(automaticForm(emptyDocument().state, defs, words)).toEqual([]));

  it("knows where results come from, also inside of subgraphs", () => {
    expect(resultNodes(document.state, defs).map((node) => node.id)).toEqual(["3"]);
  });
});
