import { describe, expect, it } from "vitest";
import { Api, pictureUrl, socketUrl } from "../../src/net/api";
import { ApiError, Unreachable } from "../../src/net/errors";
import { problemsOfNodes } from "../../src/net/launcher";

function api(status: number, text: string) {
  const sent: { url: string; init: RequestInit }[] = [];
  const found = new Api(async (url, init) => {
    sent.push({ url, init });
    return new Response(status === 204 ? null : text, { status });
  });
  return { found, sent };
}

describe("the server's routes", () => {
  it("send seeds of 64 bits as they are", async () => {
    const { found, sent } = api(200, "{}");
    await found.submit({ workflow: { seed: "\uE00018446744073709551615" }, client: "c", id: "j", file: "f" });
    expect(sent[0]?.init.body).toContain('"seed":18446744073709551615');
    expect(sent[0]?.init.body).toContain('"darkroom_file":"f"');
  });

  it("send the slashes of a name as one segment", async () => {
    const { found, sent } = api(200, '{"workflow":{},"digest":"d"}');
    await found.workflow("folder/a b");
    expect(sent[0]?.url).toBe("/api/darkroom/workflows/folder%2Fa%20b");
  });

  it("say null for a file that must not be there, and nothing for any", async () => {
    const { found, sent } = api(200, '{"digest":"d"}');
    await found.save("a", {}, null);
    await found.save("a", {}, undefined);
    expect(sent.map((each) => each.init.body)).toEqual(['{"workflow":{},"keep_draft":true,"expected":null}', '{"workflow":{},"keep_draft":true}']);
  });

  it("have no draft where the server has none", async () => expect(await api(404, '{"error":"none"}').found.draft("a")).toBeUndefined());

  it("fail with the server's words and its remedy", async () => {
    const error: unknown = await api(409, '{"error":"somebody saved","remedy":"compare"}').found.save("a", {}, "d").catch((each: unknown) => each);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).message).toBe("somebody saved; compare");
    expect((error as ApiError).status).toBe(409);
  });

  it("fail calmly on an answer that is no JSON", async () => {
    await expect(api(502, "<html>").found.queue()).rejects.toThrow("The server answered 502.");
  });

  it("tell an absent server from one that refuses", async () => {
    const found = new Api(() => Promise.reject(new TypeError("Failed to fetch")));
    await expect(found.queue()).rejects.toBeInstanceOf(Unreachable);
  });

  it("read problems of nodes as POST /prompt answers them", () => {
    const nodes = { "5": { errors: [{ type: "t", message: "short", text: "KSampler: wrong", remedy: "mend it", extra_info: { input_name: "steps" } }], dependent_outputs: [] } };
    expect(problemsOfNodes(nodes)).toEqual([{ node: "5", input: "steps", text: "KSampler: wrong", remedy: "mend it", warning: false, type: "t" }]);
  });
});

describe("addresses", () => {
  it("of pictures escape their names", () => {
    expect(pictureUrl({ filename: "a&b.png", subfolder: "x/y", type: "output" }, "thumbnail")).toBe("/api/darkroom/thumbnail?filename=a%26b.png&subfolder=x%2Fy&type=output&size=512");
  });
  it("of the socket follow the page", () => expect(socketUrl("c d", { protocol: "https:", host: "h:1" })).toBe("wss://h:1/ws?clientId=c%20d"));
});
