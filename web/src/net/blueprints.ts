/** Subgraphs kept on the server: one's own as files in the user's folder "subgraphs", and those that packs bring. */

import { isFields } from "../core/entries";
import type { Json } from "../core/types";
import { parseJson } from "../io/json";
import type { BlueprintStore, KeptSubgraph } from "../ui/services";
import { ApiError, Unreachable } from "./errors";

const FOLDER = "subgraphs";
const SECONDS = 60;
/** Each is a request; a folder with more holds something else. */
const MOST_KEPT = 1000;

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The kept subgraphs of this user. */
export class Blueprints implements BlueprintStore {
  readonly #fetch: Fetch;

  constructor(fetch: Fetch = (url, init) => globalThis.fetch(url, init)) {
    this.#fetch = fetch;
  }

  async list(): Promise<readonly KeptSubgraph[]> {
    const found = await Promise.all([this.#own(), this.#ofPacks()]);
    return found.flat();
  }

  /** Keeps a subgraph; false where the name is taken and must not be. */
  async keep(name: string, text: string, replace: boolean): Promise<boolean> {
    const answer = await this.#send("POST", `${file(name)}?overwrite=${replace}`, text);
    if (answer.status === 409) return false;
    await told(answer);
    return true;
  }

  async remove(name: string): Promise<void> {
    await told(await this.#send("DELETE", file(name)));
  }

  async #own(): Promise<readonly KeptSubgraph[]> {
    const answer = await this.#send("GET", `/api/userdata?dir=${FOLDER}&recurse=true`);
    // Nobody has kept one yet.
    if (answer.status === 404) return [];
    const listed = parseJson(await told(answer));
    const names = (Array.isArray(listed) ? listed : []).flatMap((path) => (typeof path === "string" && path.endsWith(".json") ? [path.slice(0, -5)] : []));
    return this.#texts(names, async (name) => ({ name, pack: "", text: await told(await this.#send("GET", file(name))) }));
  }

  async #ofPacks(): Promise<readonly KeptSubgraph[]> {
    const listed = parseJson(await told(await this.#send("GET", "/api/global_subgraphs")));
    return this.#texts(isFields(listed) ? Object.keys(listed) : [], async (id) => {
      const found = parseJson(await told(await this.#send("GET", `/api/global_subgraphs/${encodeURIComponent(id)}`)));
      const info = isFields(found) && isFields(found["info"]) ? found["info"] : {};
      return { name: wordsOf(found, "name"), pack: wordsOf(info, "node_pack"), text: wordsOf(found, "data") };
    });
  }

  /** One that cannot be read is left out. */
  async #texts(names: readonly string[], read: (name: string) => Promise<KeptSubgraph>): Promise<readonly KeptSubgraph[]> {
    const found = await Promise.all(names.slice(0, MOST_KEPT).map((name) => read(name).catch(() => undefined)));
    return found.filter((each) => each !== undefined);
  }

  async #send(method: string, path: string, body?: string): Promise<Response> {
    try {
      return await this.#fetch(path, { method, cache: "no-store", signal: AbortSignal.timeout(SECONDS * 1000), ...(body === undefined ? {} : { body, headers: { "Content-Type": "application/octet-stream" } }) });
    } catch (error) {
      throw new Unreachable(error);
    }
  }
}

function file(name: string): string {
  return `/api/userdata/${encodeURIComponent(`${FOLDER}/${name}.json`)}`;
}

async function told(answer: Response): Promise<string> {
  const text = await answer.text();
  if (!answer.ok) throw new ApiError(answer.status, {});
  return text;
}

function wordsOf(value: Json | undefined, name: string): string {
  const found = isFields(value) ? value[name] : undefined;
  return typeof found === "string" ? found : "";
}
