/** What the queue and the history say of a job: its title, pictures, prompt and seed, from the server's entries. */

import { isFields, text } from "../core/entries";
import type { Fields, Json, NodeId } from "../core/types";
import type { HistoryItem, Picture, QueueItem } from "../ui/state.svelte";
import { unmarked } from "../io/json";
import { failureOf, messageOf } from "./jobs";

const FILE = "darkroom_file";
/** So many of a file's last runs tell how long the next one takes. */
const RUNS_COUNTED = 5;

/** A job of /queue: [number, id, prompt, extra_data, outputs]. client: who we are */
export function queueItem(entry: Json, state: QueueItem["state"], client?: string): QueueItem | undefined {
  if (!Array.isArray(entry)) return undefined;
  const [, id, , extra] = entry;
  if (typeof id !== "string") return undefined;
  const theirs = isFields(extra) ? extra["client_id"] : undefined;
  return { id, title: titleOf(extra), state, mine: client === undefined || theirs === client };
}

/** How long runs of each file took, from those that have ended; the median of the last few. */
export function usualSeconds(history: readonly HistoryItem[]): ReadonlyMap<string, number> {
  const byTitle = new Map<string, number[]>();
  for (const { title, state, seconds } of history) {
    if (state !== "done" || seconds === undefined) continue;
    const known = byTitle.get(title) ?? [];
    if (known.length < RUNS_COUNTED) byTitle.set(title, [...known, seconds]);
  }
  return new Map([...byTitle].map(([title, all]) => [title, [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0]));
}

/** The queue with the time until each run ends, as far as that can be told. */
export function withWaits(queue: readonly QueueItem[], usual: ReadonlyMap<string, number>): QueueItem[] {
  let until: number | undefined = 0;
  return queue.map((item) => {
    const own: number | undefined = item.state === "running" ? item.secondsLeft : usual.get(item.title);
    until = until === undefined || own === undefined ? undefined : until + own;
    return item.state === "running" || until === undefined ? item : { ...item, secondsLeft: until };
  });
}

/** An entry of /history. */
export function historyItem(id: string, entry: Json): HistoryItem | undefined {
  if (!isFields(entry)) return undefined;
  const prompt = Array.isArray(entry["prompt"]) ? entry["prompt"] : [];
  const status = isFields(entry["status"]) ? entry["status"] : {};
  const messages = messagesOf(status);
  const last = messages.at(-1);
  const started = messages.find((each) => each.type === "execution_start")?.at;
  const ended = last?.at ?? 0;
  const failed = messages.find((each) => each.type === "execution_error");
  const error = failed ? messageOf(failed.data) : status["reason"];
  const state = status["status_str"] === "success" ? "done" : messages.some((each) => each.type === "execution_interrupted") ? "cancelled" : "error";
  return {
    id,
    title: titleOf(prompt[3]),
    state,
    ended,
    ...(started === undefined || ended < started ? {} : { seconds: (ended - started) / 1000 }),
    ...(typeof error === "string" && state !== "done" ? { error } : {}),
    ...(failed ? { failure: failureOf(id, failed.data) } : {}),
    pictures: picturesOf(id, entry["outputs"], isFields(prompt[2]) ? prompt[2] : {}),
  };
}

/** What the nodes of a job showed, by node. */
export function outputsOf(entry: Json | undefined): ReadonlyMap<NodeId, Fields> {
  const found = new Map<NodeId, Fields>();
  if (!isFields(entry) || !isFields(entry["outputs"])) return found;
  for (const [node, output] of Object.entries(entry["outputs"])) if (isFields(output)) found.set(node, output);
  return found;
}

/** The API JSON of an entry of /history. */
export function promptOf(entry: Json | undefined): Fields {
  const prompt = isFields(entry) && Array.isArray(entry["prompt"]) ? entry["prompt"][2] : undefined;
  return isFields(prompt) ? prompt : {};
}

/** Name of the tab that a job was started from. */
export function titleOf(extra: Json | undefined): string {
  if (!isFields(extra)) return "";
  const file = extra[FILE];
  if (typeof file === "string" && file) return file;
  const info = isFields(extra["extra_pnginfo"]) ? extra["extra_pnginfo"] : {};
  const workflow = isFields(info["workflow"]) ? info["workflow"] : {};
  const name = workflow["name"];
  return typeof name === "string" ? name : "";
}

/** The pictures in the outputs of a job, each with the words and the seed that made it. */
function picturesOf(job: string, outputs: Json | undefined, prompt: Fields): Picture[] {
  if (!isFields(outputs)) return [];
  const about = wordsAndSeed(prompt);
  const found: Picture[] = [];
  for (const [node, output] of Object.entries(outputs)) {
    if (!isFields(output) || !Array.isArray(output["images"])) continue;
    for (const each of output["images"]) {
      if (!isFields(each) || typeof each["filename"] !== "string") continue;
      found.push({ filename: each["filename"], subfolder: text(each["subfolder"]), type: text(each["type"]) || "output", job, node, ...about });
    }
  }
  return found;
}

/** The first seed of an API prompt, and the text that leads into `positive` of the node that has it. */
export function wordsAndSeed(prompt: Fields): { readonly prompt?: string; readonly seed?: string } {
  for (const node of Object.values(prompt)) {
    const inputs = inputsOf(node);
    const seed = inputs["seed"] ?? inputs["noise_seed"];
    if (typeof seed !== "number" && typeof seed !== "string") continue;
    const words = textBehind(prompt, inputs["positive"] ?? inputs["conditioning"]);
    return { seed: String(unmarked(seed)), ...(words === undefined ? {} : { prompt: words }) };
  }
  return {};
}

/** Walks links upwards until a node has a text. */
function textBehind(prompt: Fields, link: Json | undefined): string | undefined {
  const seen = new Set<string>();
  let at = link;
  while (Array.isArray(at) && typeof at[0] === "string" && !seen.has(at[0])) {
    seen.add(at[0]);
    const inputs = inputsOf(prompt[at[0]]);
    const words = inputs["text"] ?? inputs["text_g"];
    if (typeof words === "string") return words;
    at = Array.isArray(words) ? words : (inputs["conditioning"] ?? inputs["conditioning_1"] ?? inputs["positive"] ?? inputs["value"] ?? inputs["string"]);
    if (typeof at === "string") return at;
  }
  return undefined;
}

function messagesOf(status: Fields): { readonly type: string; readonly data: Fields; readonly at: number }[] {
  const found = [];
  for (const each of Array.isArray(status["messages"]) ? status["messages"] : []) {
    if (!Array.isArray(each) || typeof each[0] !== "string" || !isFields(each[1])) continue;
    const at = each[1]["timestamp"];
    found.push({ type: each[0], data: each[1], at: typeof at === "number" ? at : 0 });
  }
  return found;
}

function inputsOf(node: Json | undefined): Fields {
  return isFields(node) && isFields(node["inputs"]) ? node["inputs"] : {};
}
