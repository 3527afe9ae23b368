import { describe, expect, it } from "vitest";
import { addNode, connect, moveNodes, setTitle, setValue } from "../../src/core/edits";
import type { Change, NodeDef } from "../../src/core/types";
import { ROOT, emptyDocument, toys } from "./toys";

const defs = toys();
const blur = defs.get("Blur") as NodeDef;

describe("a document", () => {
  it("takes one step back for each edit and tells what changed", () => {
    const document = emptyDocument();
    const changes: Change[] = [];
    document.changed.subscribe((change) => changes.push(change));
    const empty = document.state;
    document.transact("add", (t) => addNode(t, ROOT, blur, [0, 0]));
    document.transact("move", (t) => moveNodes(t, ROOT, ["1"], 8, 0));
    expect(document.undo()).toBe("move");
    expect(document.undo()).toBe("add");
    expect(document.undo()).toBeUndefined();
    expect(document.state).toBe(empty);
    expect(document.redo()).toBe("add");
    expect(changes.map((each) => each.kind)).toEqual(["do", "do", "undo", "undo", "redo"]);
    const [moved, back] = [changes[1]?.ops[0], changes[2]?.ops[0]];
    expect(back?.after).toBe(moved?.before);
    expect(back?.before).toBe(moved?.after);
  });

  it("makes a burst of edits of one target one step, and no longer than half a second apart", () => {
    let now = 0;
    const document = emptyDocument(() => now);
    document.transact("add", (t) => addNode(t, ROOT, blur, [0, 0]));
    for (const value of [1, 2, 3]) {
      now += 400;
      document.transact("set radius", (t) => setValue(t, ROOT, "1", "radius", value));
    }
    now += 501;
    document.transact("set radius", (t) => setValue(t, ROOT, "1", "radius", 4));
    document.undo();
    expect(document.graph(ROOT).nodes.get("1")?.values["radius"]).toBe(3);
    document.undo();
    expect(document.graph(ROOT).nodes.get("1")?.values["radius"]).toBe(1.5);
    document.redo();
    document.transact("set radius", (t) => setValue(t, ROOT, "1", "radius", 5));
    document.undo();
    expect(document.graph(ROOT).nodes.get("1")?.values["radius"]).toBe(3);
  });

  it("does not merge edits of different targets", () => {
    const document = emptyDocument(() => 0);
    document.transact("add", (t) => addNode(t, ROOT, blur, [0, 0]));
    document.transact("add", (t) => addNode(t, ROOT, blur, [0, 0]));
    document.undo();
    expect(document.graph(ROOT).nodes.size).toBe(1);
  });

  it("is as before where an edit fails halfway", () => {
    const document = emptyDocument();
    const before = document.state;
    expect(() =>
      document.transact("add", (t) => {
        addNode(t, ROOT, blur, [0, 0]);
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(document.state).toBe(before);
    expect(document.canUndo).toBe(false);
    document.transact("add", (t) => addNode(t, ROOT, blur, [0, 0]));
    expect(document.graph(ROOT).nodes.size).toBe(1);
  });

  it("joins an edit inside an edit, and refuses one after the end", () => {
    const document = emptyDocument();
    let late: (() => void) | undefined;
    document.transact("outer", (t) => {
      addNode(t, ROOT, blur, [0, 0]);
      document.transact("inner", (inner) => setTitle(inner, ROOT, "1", "soft"));
      late = () => setTitle(t, ROOT, "1", "late");
    });
    expect(document.graph(ROOT).nodes.get("1")?.title).toBe("soft");
    expect(late).toThrow("after it ended");
    document.undo();
    expect(document.graph(ROOT).nodes.size).toBe(0);
  });

  it("is dirty exactly while it differs from what was saved", () => {
    const document = emptyDocument(() => 0);
    document.transact("add", (t) => addNode(t, ROOT, blur, [0, 0]));
    expect(document.dirty).toBe(true);
    document.markSaved();
    document.transact("move", (t) => moveNodes(t, ROOT, ["1"], 8, 0));
    expect(document.dirty).toBe(true);
    document.undo();
    expect(document.dirty).toBe(false);
    document.undo();
    expect(document.dirty).toBe(true);
  });

  it("has no step for an edit that changes nothing", () => {
    const document = emptyDocument(() => 0);
    document.transact("add", (t) => addNode(t, ROOT, blur, [0, 0]));
    document.markSaved();
    document.transact("set", (t) => setValue(t, ROOT, "1", "radius", 1.5));
    document.transact("move", (t) => moveNodes(t, ROOT, ["1", "99"], 0, 0));
    document.transact("wire", (t) => connect(t, ROOT, "1", "out:IMAGE", "99", "in:image"));
    expect(document.dirty).toBe(false);
  });

  it("never changes a state that it handed out", () => {
    const document = emptyDocument();
    const states = [document.state];
    const sizes = [0];
    for (let count = 1; count < 5; count += 1) {
      document.transact(`add ${count}`, (t) => {
        addNode(t, ROOT, blur, [0, 0]);
        states.push(t.state);
        setTitle(t, ROOT, String(count), "x");
      });
      sizes.push(count);
    }
    expect(document.state.graphs.get(ROOT)?.nodes.size).toBe(4);
    expect(states[0]?.graphs.get(ROOT)?.nodes.size).toBe(0);
    document.undo();
    expect(document.graph(ROOT).nodes.size).toBe(3);
  });

  it("forgets its steps when another file is loaded", () => {
    const document = emptyDocument();
    const fresh = document.state;
    document.transact("add", (t) => addNode(t, ROOT, blur, [0, 0]));
    document.load(fresh);
    expect([document.canUndo, document.canRedo, document.dirty]).toEqual([false, false, false]);
  });
});
