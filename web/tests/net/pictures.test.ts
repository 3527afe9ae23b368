import { describe, expect, it } from "vitest";
import { ApiError } from "../../src/net/errors";
import { PictureNet, type SendForm } from "../../src/net/pictures";

/** A server that answers the same each time, and what was sent to it. */
function server(status: number, answer: unknown): { net: PictureNet; sent: { path: string; form: FormData }[] } {
  const sent: { path: string; form: FormData }[] = [];
  const send: SendForm = async (path, form, progress) => {
    sent.push({ path, form });
    progress(0.5);
    progress(1);
    return { status, text: typeof answer === "string" ? answer : JSON.stringify(answer) };
  };
  return { net: new PictureNet(send), sent };
}

describe("uploads", () => {
  it("tell how far they are and which name the server gave", async () => {
    const { net, sent } = server(200, { name: "a (1).png", subfolder: "", type: "input" });
    const parts: number[] = [];
    expect(await net.upload(new File(["x"], "a.png"), (part) => parts.push(part))).toBe("a (1).png");
    expect(parts).toEqual([0.5, 1]);
    expect(sent.map(({ path }) => path)).toEqual(["/api/upload/image"]);
    expect((sent[0]?.form.get("image") as File).name).toBe("a.png");
  });

  it("of masks name the picture that they are for, and never overwrite", async () => {
    const { net, sent } = server(200, { name: "a mask.png", subfolder: "clipspace", type: "input" });
    const of = { filename: "a.png", subfolder: "deep", type: "output" };
    expect(await net.uploadMask(new Blob(["x"]), of, "a mask.png")).toEqual({ filename: "a mask.png", subfolder: "clipspace", type: "input" });
    const form = sent[0]?.form;
    expect(sent[0]?.path).toBe("/api/upload/mask");
    expect(JSON.parse(String(form?.get("original_ref")))).toEqual(of);
    expect([form?.get("type"), form?.get("subfolder"), form?.get("overwrite")]).toEqual(["input", "clipspace", null]);
  });

  it("that are refused say why in the server's words", async () => {
    const { net } = server(400, { error: { type: "bad_picture", message: "the mask is 3 x 3" }, remedy: "send one of equal size" });
    await expect(net.uploadMask(new Blob(["x"]), { filename: "a", subfolder: "", type: "input" }, "m.png")).rejects.toThrow(/3 x 3.*equal size/);
    await expect(server(502, "<html>").net.upload(new File(["x"], "a.png"))).rejects.toBeInstanceOf(ApiError);
    await expect(server(200, "[]").net.upload(new File(["x"], "a.png"))).rejects.toBeInstanceOf(ApiError);
  });
});
