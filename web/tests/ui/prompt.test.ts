import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { completed, offerAt, type Names } from "../../src/ui/prompt/completion";
import { piecesOf } from "../../src/ui/prompt/marks";
import { namesIn, picturesOf } from "../../src/ui/prompt/names";
import { sent } from "../../src/ui/prompt/sent";
import { groupsOf, reweighted } from "../../src/ui/prompt/weights";

/** A text with its selection between bars, or its cursor at one bar. */
function weighed(marked: string, direction: 1 | -1): string | undefined {
  const start = marked.indexOf("|");
  const end = marked.lastIndexOf("|");
  const plain = marked.replaceAll("|", "");
  const edit = reweighted(plain, start, start === end ? end : end - 1, direction);
  return edit && `${edit.text.slice(0, edit.start)}|${edit.text.slice(edit.start, edit.end)}|${edit.text.slice(edit.end)}`;
}

describe("prompt weights", () => {
  it.each([
    ["a r|ed house", 1, "a (|red|:1.05) house"],
    ["a red| house", -1, "a (|red|:0.95) house"],
    ["a |red house|, sea", 1, "a (|red house|:1.05), sea"],
    ["a | red |house", 1, "a  (|red|:1.05) house"],
    ["a (|red|:1.05) house", 1, "a (|red|:1.1) house"],
    ["a (|red|:1.05) house", -1, "a |red| house"],
    ["a (red:1.|2) house", 1, "a (|red|:1.25) house"],
    ["a |(red:1.2)| house", 1, "a (|red|:1.25) house"],
    ["(red ho|use:1.2)", -1, "(|red house|:1.15)"],
    ["((red:1.2) bo|at:1.3)", 1, "(|(red:1.2) boat|:1.35)"],
    ["((r|ed:1.2) boat:1.3)", 1, "((|red|:1.25) boat:1.3)"],
    ["(r|ed)", 1, "(|red|:1.15)"],
    ["(red:1.05|)", -1, "|red|"],
    ["a |b (c| d:1.2)", 1, "a (|b (c d:1.2)|:1.05)"],
    ["\\(r|ed\\)", 1, "(|\\(red\\)|:1.05)"],
    ["(10:30 cl|ock)", 1, "(|10:30 clock|:1.15)"],
  ] as const)("of %s by %i: %s", (before, direction, after) => expect(weighed(before, direction)).toBe(after));

  it("are left alone where there is no word", () => {
    expect(weighed("a|  b", 1)).toBe("(|a|:1.05)  b");
    expect(weighed("a, | ,b", 1)).toBeUndefined();
    expect(weighed("|", 1)).toBeUndefined();
  });

  it("come back to where they were after a step up and a step down", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z ,()]{1,24}$/), fc.nat(24), (text, at) => {
        const up = reweighted(text, Math.min(at, text.length), Math.min(at, text.length), 1);
        const down = up && reweighted(up.text, up.start, up.end, -1);
        // Bare brackets get a number on the way; what stands in them stays.
        if (down) expect(down.text.replace(/:1\.1\)/g, ")")).toBe(text);
      }),
    );
  });

  it("read escaped brackets and colons as text", () => {
    expect(groupsOf("\\(a\\) (b:1.2) (c:x) (d")).toEqual([
      { open: 6, close: 12, innerEnd: 8, weight: 1.2 },
      { open: 14, close: 18, innerEnd: 18, weight: 1.1 },
    ]);
  });
});

describe("marks in a prompt", () => {
  const shown = (text: string, chunks: readonly number[] = []) => piecesOf(text, chunks).map((each) => [each.chunk ? "¦" : "", each.text, each.kind ?? ""].join("·"));

  it("show weights, embeddings, LoRAs and choices, inner ones before outer ones", () => {
    expect(shown("a (red:1.2) embedding:x <lora:y:1> {b|c} (d:0.8)")).toEqual([
      "·a ·", "·(red:1.2)·stronger", "· ·", "·embedding:x·embedding", "· ·", "·<lora:y:1>·lora", "· ·", "·{b|c}·choice", "· ·", "·(d:0.8)·weaker",
    ]);
    expect(shown("(a (b:0.5):1.5)")).toEqual(["·(a ·stronger", "·(b:0.5)·weaker", "·:1.5)·stronger"]);
  });

  it("show where chunks begin", () => expect(shown("aa bb cc", [3, 6, 99])).toEqual(["·aa ·", "¦·bb ·", "¦·cc·"]));

  it("lose no letter, whatever is written", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), fc.array(fc.nat(80)), (text, chunks) => {
        expect(piecesOf(text, chunks).map((each) => each.text).join("")).toBe(text);
      }),
    );
  });

  it("pass over a document", () => expect(piecesOf("(a:1.2) ".repeat(300))).toHaveLength(1));
});

describe("what is sent of a prompt", () => {
  it.each([
    ["a {red|blue} house", "a  red       house", false],
    ["a {b|{c|d}} e", "a  b        e", false],
    ["{{a|b}|c} d", "  a       d", false],
    ["{a} b} | c", " a  b} | c", true],
    ["a // not this\nb /* nor\nthis */ c", "a            \nb                c", true],
    ["\\{a\\|b\\} (c\\)", " {a |b } (c\\)", true],
    ["{a", " a", true],
  ])("of %j is %j", (prompt, text, sure) => expect(sent(prompt)).toEqual({ text, sure }));

  it("stands where it stood", () => {
    const written = fc.stringMatching(/^[a{}|\\/* \n]{0,40}$/);
    fc.assert(
      fc.property(written, (prompt) => {
        expect(sent(prompt).text.length).toBe(prompt.length);
      }),
    );
  });
});

describe("names that a prompt may go on with", () => {
  const names: Names = { embeddings: ["easynegative", "style/oil paint", "blue (night)"], loras: ["postcard", "portraits/soft"] };
  const offered = (text: string, asked = false) => offerAt(text, text.length, names, asked)?.items.map((each) => each.insert);

  it("are embeddings behind their mark", () => {
    expect(offered("a embedding:ea")?.[0]).toBe("embedding:easynegative");
    expect(offered("(embedding:")).toHaveLength(3);
    expect(offered("embedding:nothing")).toBeUndefined();
    expect(offered("xembedding:ea")).toBeUndefined();
  });

  it("are LoRAs behind theirs", () => expect(offered("a <lora:post")?.[0]).toBe("<lora:postcard:1>"));

  it("are those that begin as the word does, from three letters on", () => {
    expect(offered("a eas")).toEqual(["embedding:easynegative"]);
    expect(offered("a ea")).toBeUndefined();
    expect(offered("a ea", true)).toContain("embedding:easynegative");
    expect(offered("a house")).toBeUndefined();
  });

  it("replace what was typed, with brackets escaped", () => {
    const text = "a embedding:blue and";
    const offer = offerAt(text, "a embedding:blue".length, names);
    const [item] = offer?.items ?? [];
    expect(offer && item && completed(text, offer, item)).toEqual({ text: "a embedding:blue \\(night\\) and", at: "a embedding:blue \\(night\\)".length });
  });

  it("come from the model folders, without endings; a choice finds the pictures of its folder", () => {
    const files = [
      { folder: "embeddings", name: "a.safetensors" },
      { folder: "loras", name: "x/b.pt", picture: "/loras/b" },
      { folder: "checkpoints", name: "x/b.pt", picture: "/checkpoints/b" },
      { folder: "loras", name: "c.pt" },
    ];
    expect(namesIn(files)).toEqual({ embeddings: ["a"], loras: ["x/b", "c"] });
    expect([...picturesOf(files, ["x/b.pt", "c.pt"])]).toEqual([["x/b.pt", "/loras/b"]]);
  });
});
