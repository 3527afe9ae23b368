import { describe, expect, it } from "vitest";
import { packed, unpacked } from "../../src/io/fragment";
import { headerOf } from "../../src/net/filenet";
import { selfLink, serverLink, wantedBy } from "../../src/net/links";
import { cleanName, foldersOf, freeName, isBadName, treeRows } from "../../src/ui/files/tree";

const page = { origin: "http://here:8188", pathname: "/", search: "" } as Location;

describe("the tree of saved files", () => {
  const files = ["z", "a/b/deep", "a/flat"].map((name) => ({ name }));

  it("has folders first, and what is in closed ones only when they are opened", () => {
    const labels = (open: readonly string[]): string[] => treeRows(files, new Set(open)).map((row) => `${"  ".repeat(row.depth)}${row.label}`);
    expect(labels([])).toEqual(["a", "z"]);
    expect(labels(["a"])).toEqual(["a", "  b", "  flat", "z"]);
    expect(labels(["a", "a/b"])).toEqual(["a", "  b", "    deep", "  flat", "z"]);
    expect(treeRows(files, new Set())[0]).toMatchObject({ kind: "folder", count: 2 });
    expect(foldersOf("a/b/deep")).toEqual(["a", "a/b"]);
  });
});

describe("names", () => {
  it("that the server would refuse are refused at once", () => {
    for (const name of ["", "  ", "a//b", "/a", ".hidden", "a/../b", "a<b", 'say "hi"', "c:\\x"]) expect(isBadName(name), name).toBe(true);
    for (const name of ["card", "post/red card", "Ünïcode 世界", "v1.2"]) expect(isBadName(name), name).toBe(false);
  });

  it("are made from any text, with nothing in them that a file cannot hold", () => {
    expect(cleanName("<img src=x onerror=1>", "Imported")).toBe("img src=x onerror=1");
    expect(cleanName("../../etc/passwd", "Imported")).toBe("etc/passwd");
    expect(cleanName(" .. ", "Imported")).toBe("Imported");
    for (const text of ["<b>", "..\\..\\x", "a/.b", "x".repeat(900), "\u0007bell"]) expect(isBadName(cleanName(text, "Imported")), text).toBe(false);
  });

  it("that are taken get a number", () => {
    expect(freeName("a", [])).toBe("a");
    expect(freeName("a", ["a", "a 2"])).toBe("a 3");
  });
});

describe("links", () => {
  it("of the server name a file", () => {
    const link = serverLink("post/red card & co", page);
    expect(wantedBy(new URL(link).hash)).toEqual({ kind: "saved", name: "post/red card & co" });
  });

  it("that hold a workflow give it back whole", async () => {
    const text = JSON.stringify({ nodes: [], note: "ä 世界 \u{1F3E0}".repeat(200) });
    const link = await selfLink(text, "red/card", page);
    expect(link.length).toBeLessThan(600);
    const wanted = wantedBy(new URL(link).hash);
    if (wanted?.kind !== "inside") throw new Error("no workflow in the link");
    expect(wanted.name).toBe("red/card");
    expect(await unpacked(wanted.letters)).toBe(text);
  });

  it("that are damaged or too large are refused before they fill the memory", async () => {
    const bomb = await packed(" ".repeat(20 * 2 ** 20));
    expect(bomb.length).toBeLessThan(50_000);
    await expect(unpacked(bomb)).rejects.toThrow(RangeError);
    await expect(unpacked("A".repeat(2_000_001))).rejects.toThrow(RangeError);
    const whole = await packed("{}".repeat(500));
    for (const broken of [whole.slice(0, -4), "", "<script>", "AAAA", "%%%"]) await expect(unpacked(broken), broken).rejects.toThrow();
  });

  it("without a wish open nothing", () => {
    for (const fragment of ["", "#", "#w=", "#open=", "#something", "#x=y&z"]) expect(wantedBy(fragment), fragment).toBeUndefined();
    expect(wantedBy("#open=%E0%A4%A")).toEqual({ kind: "saved", name: "%E0%A4%A" });
  });
});

describe("a file of tensors", () => {
  const file = (name: string, length: bigint, rest: number): File => {
    const start = new DataView(new ArrayBuffer(8));
    start.setBigUint64(0, length, true);
    return new File([start, new Uint8Array(rest)], name);
  };

  it("is sent without its tensors", async () => {
    expect((await headerOf(file("x.latent", 10n, 500))).size).toBe(18);
    expect((await headerOf(file("x.safetensors", 10n, 500))).size).toBe(18);
  });

  it("is sent as it is where its header cannot be", async () => {
    expect((await headerOf(file("x.latent", 2n ** 60n, 500))).size).toBe(508);
    expect((await headerOf(file("x.png", 10n, 500))).size).toBe(508);
    expect((await headerOf(new File(["abc"], "x.latent"))).size).toBe(3);
  });
});
