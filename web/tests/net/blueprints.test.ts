import { describe, expect, it } from "vitest";
import { Blueprints } from "../../src/net/blueprints";
import { ApiError, Unreachable } from "../../src/net/errors";

/** A server of a few files. Answers by method and path. */
function server(answers: { readonly [request: string]: readonly [status: number, body: string] }): { store: Blueprints; sent: string[] } {
  const sent: string[] = [];
  const store = new Blueprints((url, init) => {
    const request = `${init.method ?? "GET"} ${url}`;
    sent.push(typeof init.body === "string" ? `${request} ${init.body}` : request);
    const [status, body] = answers[request] ?? [404, ""];
    return Promise.resolve(new Response(status === 204 ? null : body, { status }));
  });
  return { store, sent };
}

describe("kept subgraphs", () => {
  it("are the user's files and those of packs; what cannot be read is left out", async () => {
    const { store } = server({
      "GET /api/userdata?dir=subgraphs&recurse=true": [200, '["Soft.json", "gone.json", "notes.txt"]'],
      "GET /api/userdata/subgraphs%2FSoft.json": [200, "{}"],
      "GET /api/global_subgraphs": [200, '{"a1": {"name": "Upscale", "info": {"node_pack": "sharp"}}}'],
      "GET /api/global_subgraphs/a1": [200, '{"name": "Upscale", "info": {"node_pack": "sharp"}, "data": "{\\"nodes\\": []}"}'],
    });
    expect(await store.list()).toEqual([
      { name: "Soft", pack: "", text: "{}" },
      { name: "Upscale", pack: "sharp", text: '{"nodes": []}' },
    ]);
  });

  it("are none where nobody has kept one yet", async () => {
    expect(await server({ "GET /api/global_subgraphs": [200, "{}"] }).store.list()).toEqual([]);
  });

  it("are kept under a name that is free, or in the place of another", async () => {
    const { store, sent } = server({
      "POST /api/userdata/subgraphs%2FSoft.json?overwrite=false": [409, "File already exists"],
      "POST /api/userdata/subgraphs%2FSoft.json?overwrite=true": [200, '"subgraphs/Soft.json"'],
      "DELETE /api/userdata/subgraphs%2FSoft.json": [204, ""],
    });
    expect([await store.keep("Soft", "{}", false), await store.keep("Soft", "{}", true)]).toEqual([false, true]);
    await store.remove("Soft");
    expect(sent).toEqual(["POST /api/userdata/subgraphs%2FSoft.json?overwrite=false {}", "POST /api/userdata/subgraphs%2FSoft.json?overwrite=true {}", "DELETE /api/userdata/subgraphs%2FSoft.json"]);
  });

  it("tell a refusal from a lost connection", async () => {
    await expect(server({}).store.remove("Soft")).rejects.toBeInstanceOf(ApiError);
    const cut = new Blueprints(() => Promise.reject(new TypeError("failed to fetch")));
    await expect(cut.keep("Soft", "{}", false)).rejects.toBeInstanceOf(Unreachable);
  });
});
