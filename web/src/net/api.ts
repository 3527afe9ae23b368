/** Every address of the server, what is sent there and what comes back. Nothing outside net/ knows one. */

import { fields, isFields, list, text } from "../core/entries";
import type { Fields, Json, NodeId, Problem } from "../core/types";
import { parseJson, printJson } from "../io/json";
import type { ModelEntry, PictureRef, TemplateEntry, WorkflowEntry } from "../ui/services";
import { ApiError, Unreachable } from "./errors";

const SECONDS = 60;
export const WORKFLOWS = "/api/darkroom/workflows";

/** What was saved: `digest` tells the content apart from others. */
export interface Saved {
  readonly digest: string;
  readonly modified?: number;
}

export interface Draft {
  readonly workflow: Json;
  /** Digest of what it was drawn from; undefined for a workflow that was never saved. */
  readonly base: string | undefined;
  readonly modified: number;
}

export interface Version {
  readonly id: string;
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly saved: number;
  readonly bytes: number;
  readonly current: boolean;
}

/** What is sent to be run. */
export interface Submission {
  readonly workflow: Json;
  readonly client: string;
  readonly id: string;
  /** Name of the tab, kept with the job. */
  readonly file: string;
  /** Nodes whose results are wanted, by run ids; all that show or save something when absent. */
  readonly goals?: readonly NodeId[];
  readonly front?: boolean;
}

/** What is known of a value that flowed over an output. */
export interface ValueFacts {
  readonly type: string;
  readonly text: string;
  readonly count?: number;
  readonly bytes?: number;
  readonly facts: Fields;
}

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The server's routes as functions. fetch: how requests are sent, replaced in tests. */
export class Api {
  readonly #fetch: Fetch;

  constructor(fetch: Fetch = (url, init) => globalThis.fetch(url, init)) {
    this.#fetch = fetch;
  }

  async objectInfo(): Promise<Fields> {
    return fields(await this.#get("/api/object_info"));
  }

  async workflows(): Promise<readonly (WorkflowEntry & { readonly hasDraft: boolean; readonly digest: string })[]> {
    const found = fields(await this.#get(WORKFLOWS));
    return rows(found["workflows"]).map((row) => ({
      name: text(row["name"]),
      digest: text(row["digest"]),
      hasDraft: row["has_draft"] === true,
      ...optional("modified", number(row["modified"])),
      ...optional("bytes", number(row["size"])),
    }));
  }

  async templates(): Promise<readonly TemplateEntry[]> {
    const found = fields(await this.#get("/api/darkroom/templates"));
    return rows(found["templates"]).map((row) => ({
      name: text(row["name"]),
      title: text(row["title"]),
      description: text(row["description"]),
      nodes: number(row["nodes"]) ?? 0,
      tags: list(row["tags"]).filter((tag) => typeof tag === "string"),
      picture: row["picture"] === true,
    }));
  }

  template(name: string): Promise<Json> {
    return this.#get(`/api/darkroom/templates/${name.split("/").map(encodeURIComponent).join("/")}`);
  }

  async workflow(name: string, version?: string): Promise<{ readonly workflow: Json; readonly digest: string }> {
    const found = fields(await this.#get(named(name) + (version === undefined ? "" : `?version=${encodeURIComponent(version)}`)));
    return { workflow: found["workflow"] ?? null, digest: text(found["digest"]) };
  }

  /** expected: digest that the server must hold, null for nothing, undefined for whatever is there. Throws ApiError 409. */
  async save(name: string, workflow: Json, expected: string | null | undefined): Promise<Saved> {
    // Each tab drops its own draft: the one of this name may be another tab's.
    const body = { workflow, keep_draft: true, ...(expected === undefined ? {} : { expected }) };
    const found = fields(await this.#send("PUT", named(name), body));
    return { digest: text(found["digest"]), ...optional("modified", number(found["modified"])) };
  }

  async remove(name: string): Promise<void> {
    await this.#send("DELETE", named(name));
  }

  async rename(name: string, to: string): Promise<Saved> {
    return { digest: text(fields(await this.#send("POST", `${named(name)}/move`, { to, overwrite: false }))["digest"]) };
  }

  async versions(name: string): Promise<readonly Version[]> {
    const found = fields(await this.#get(`${named(name)}/versions`));
    return rows(found["versions"]).map((row) => ({
      id: text(row["id"]),
      digest: text(row["digest"]),
      saved: number(row["modified"]) ?? 0,
      bytes: number(row["size"]) ?? 0,
      current: row["current"] === true,
    }));
  }

  async restore(name: string, version: string): Promise<Saved> {
    const found = fields(await this.#send("POST", `${named(name)}/versions/${encodeURIComponent(version)}/restore`, {}));
    return { digest: text(found["digest"]) };
  }

  /** What changed from a version (the saved content when undefined) to this workflow. */
  async difference(name: string, workflow: Json, before?: string): Promise<Fields> {
    const query = before === undefined ? "" : `?before=${encodeURIComponent(before)}`;
    return fields(await this.#send("POST", `${named(name)}/diff${query}`, { workflow }));
  }

  /** Undefined where there is none. */
  async draft(name: string): Promise<Draft | undefined> {
    try {
      const found = fields(await this.#get(`${named(name)}/draft`));
      const base = found["base"];
      return { workflow: found["workflow"] ?? null, base: typeof base === "string" ? base : undefined, modified: number(found["modified"]) ?? 0 };
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** keepalive: the request outlives the page; browsers allow that for small ones only. */
  async putDraft(name: string, workflow: Json, base: string | undefined, keepalive = false): Promise<void> {
    await this.#send("PUT", `${named(name)}/draft`, { workflow, base: base ?? null }, keepalive);
  }

  async dropDraft(name: string): Promise<void> {
    await this.#send("DELETE", `${named(name)}/draft`);
  }

  async check(workflow: Json): Promise<readonly Problem[]> {
    return problemsOf(await this.#send("POST", "/api/darkroom/check", { workflow }));
  }

  /** The API JSON of a drawing, for scripts. */
  async exported(workflow: Json): Promise<{ readonly prompt: Json; readonly problems: readonly Problem[] }> {
    const found = fields(await this.#send("POST", "/api/darkroom/export", { workflow }));
    return { prompt: found["prompt"] ?? {}, problems: problemsOf(found) };
  }

  /** The workflow or prompt inside a file of any kind. */
  async inside(file: Blob): Promise<{ readonly kind: "workflow" | "prompt"; readonly document: Json }> {
    const found = fields(await this.#raw("POST", `${WORKFLOWS}/open`, file, "application/octet-stream"));
    const kind = found["kind"] === "prompt" ? "prompt" : "workflow";
    return { kind, document: found[kind] ?? null };
  }

  /** Queues a run; gives the errors by node of those outputs that cannot run. Throws ApiError where nothing can. */
  async submit(job: Submission): Promise<Fields> {
    const found = fields(
      await this.#send("POST", "/api/prompt", {
        workflow: job.workflow,
        client_id: job.client,
        prompt_id: job.id,
        ...(job.front ? { front: true } : {}),
        ...(job.goals ? { darkroom: { run_to: [...job.goals] } } : {}),
        extra_data: { preview_method: "auto", darkroom_file: job.file },
      }),
    );
    return isFields(found["node_errors"]) ? found["node_errors"] : {};
  }

  /** Queues API JSON as it ran before. extra: the extra_data of that job */
  async resubmit(job: { readonly prompt: Fields; readonly extra: Fields; readonly client: string; readonly id: string }): Promise<void> {
    const { create_time: _, client_id: __, ...extra } = job.extra;
    await this.#send("POST", "/api/prompt", { prompt: { ...job.prompt }, client_id: job.client, prompt_id: job.id, extra_data: extra });
  }

  /** Puts a waiting job before another, or at the end. */
  async moveInQueue(id: string, before: string | undefined): Promise<void> {
    await this.#send("POST", "/api/darkroom/queue/move", { id, before: before ?? null });
  }

  async queue(): Promise<{ readonly running: readonly Json[]; readonly waiting: readonly Json[] }> {
    const found = fields(await this.#get("/api/queue"));
    return { running: list(found["queue_running"]), waiting: list(found["queue_pending"]) };
  }

  /** Takes waiting jobs out; undefined means all of them. */
  async dequeue(ids?: readonly string[]): Promise<void> {
    await this.#send("POST", "/api/queue", ids === undefined ? { clear: true } : { delete: [...ids] });
  }

  /** Stops a running job, or all that run. */
  async interrupt(id?: string): Promise<void> {
    await this.#send("POST", "/api/interrupt", id === undefined ? {} : { prompt_id: id });
  }

  /** Entries by job id, oldest first. */
  async history(most: number): Promise<Fields> {
    return fields(await this.#get(`/api/history?max_items=${most}`));
  }

  async historyOf(id: string): Promise<Json | undefined> {
    return fields(await this.#get(`/api/history/${encodeURIComponent(id)}`))[id];
  }

  async forget(id: string): Promise<void> {
    await this.#send("POST", "/api/history", { delete: [id] });
  }

  async forgetAll(): Promise<void> {
    await this.#send("POST", "/api/history", { clear: true });
  }

  async job(id: string): Promise<Fields> {
    return fields(await this.#get(`/api/jobs/${encodeURIComponent(id)}`));
  }

  /** Why each step of a job ran or not. */
  async explain(id: string): Promise<Fields> {
    return fields(await this.#get(`/api/darkroom/explain/${encodeURIComponent(id)}`));
  }

  async value(job: string, node: NodeId, output: number): Promise<ValueFacts> {
    const found = fields(await this.#get(valuePath(job, node, output)));
    return {
      type: text(found["type"]),
      text: text(found["text"]),
      ...optional("count", number(found["count"])),
      ...optional("bytes", number(found["size_bytes"])),
      facts: found,
    };
  }

  async models(): Promise<readonly ModelEntry[]> {
    const folders = rows(await this.#get("/api/experiment/models")).map((row) => text(row["name"]));
    const found = await Promise.all(
      folders.map(async (folder) =>
        rows(await this.#get(`/api/experiment/models/${encodeURIComponent(folder)}`)).map((row) => ({
          folder,
          name: text(row["name"]),
          ...optional("bytes", number(row["size"])),
        })),
      ),
    );
    return found.flat();
  }

  /** Any other route: GET without a body, else POST. */
  ask(path: string, body?: Json, keepalive = false): Promise<Json> {
    return body === undefined ? this.#get(path) : this.#send("POST", path, body, keepalive);
  }

  async settings(): Promise<Fields> {
    return fields(await this.#get("/api/settings"));
  }

  async setSetting(id: string, value: Json): Promise<void> {
    await this.#send("POST", `/api/settings/${encodeURIComponent(id)}`, value);
  }

  #get(path: string): Promise<Json> {
    return this.#raw("GET", path);
  }

  #send(method: string, path: string, body?: Json, keepalive = false): Promise<Json> {
    const data = body === undefined ? undefined : printJson(body);
    return this.#raw(method, path, data, "application/json", keepalive);
  }

  async #raw(method: string, path: string, body?: BodyInit, type?: string, keepalive = false): Promise<Json> {
    let answer: Response;
    let said: string;
    try {
      answer = await this.#fetch(path, {
        method,
        cache: "no-store",
        signal: AbortSignal.timeout(SECONDS * 1000),
        ...(keepalive ? { keepalive } : {}),
        ...(body === undefined ? {} : { body }),
        ...(type === undefined || body === undefined ? {} : { headers: { "Content-Type": type } }),
      });
      said = await answer.text();
    } catch (error) {
      throw new Unreachable(error);
    }
    const value = parsed(said);
    if (!answer.ok) throw new ApiError(answer.status, isFields(value) ? value : {});
    return value ?? null;
  }
}

/** Where a picture of the server is. */
export function pictureUrl(ref: PictureRef, size: "small" | "thumbnail" | "full" = "full"): string {
  const query = new URLSearchParams({ filename: ref.filename, subfolder: ref.subfolder, type: ref.type });
  if (size === "full") return `/api/view?${query.toString()}`;
  query.set("size", size === "small" ? "256" : "512");
  return `/api/darkroom/thumbnail?${query.toString()}`;
}

/** Where a picture of the value on an output is. */
export function valuePictureUrl(job: string, node: NodeId, output: number): string {
  return `${valuePath(job, node, output)}?thumbnail=1`;
}

/** Where the events of this client come from. */
export function socketUrl(client: string, page: { readonly protocol: string; readonly host: string } = location): string {
  return `${page.protocol === "https:" ? "wss" : "ws"}://${page.host}/ws?clientId=${encodeURIComponent(client)}`;
}

/** The problems in an answer of the check. */
export function problemsOf(answer: Json): readonly Problem[] {
  return rows(fields(answer)["problems"]).map((row) => ({
    node: row["node"] === null || row["node"] === undefined ? null : String(row["node"]),
    input: typeof row["input"] === "string" ? row["input"] : null,
    text: text(row["text"]),
    remedy: text(row["remedy"]),
    warning: row["warning"] === true,
    type: text(row["type"]),
  }));
}

function valuePath(job: string, node: NodeId, output: number): string {
  return `/api/darkroom/values/${encodeURIComponent(job)}/${encodeURIComponent(node)}/${output}`;
}

export function named(name: string): string {
  return `${WORKFLOWS}/${encodeURIComponent(name)}`;
}

function parsed(said: string): Json | undefined {
  if (!said) return undefined;
  try {
    return parseJson(said);
  } catch {
    return undefined;
  }
}

function rows(value: Json | undefined): Fields[] {
  return list(value).filter((row): row is { [key: string]: Json } => isFields(row));
}

function number(value: Json | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
