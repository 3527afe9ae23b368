/** What the server says of results and models, as the gallery and the models panel hold it. */

import { isFields, list, text } from "../core/entries";
import type { Fields, Json } from "../core/types";
import type { PictureRef } from "../ui/services";
import type { Picture } from "../ui/state.svelte";
import { pictureUrl, type Api } from "./api";
import { ApiError } from "./errors";
import { keyOf, type ModelFacts, type ModelList, type Removal, type Result, type ResultsPage } from "../ui/gallery/result";

const RESULTS = "/api/darkroom/results";
/** Removals of so few are small enough to outlive the page: one that nobody took back must not be lost with the tab. */
const FEW = 200;

/** Runs that have ended, newest first. before: where the page begins */
export async function readResults(api: Api, limit: number, before?: number): Promise<ResultsPage> {
  return resultsPage(await api.ask(`${RESULTS}?limit=${limit}${before === undefined ? "" : `&before=${before}`}`));
}

/** Forgets the runs of pictures; files: deletes the pictures' files instead. */
export async function removeResults(api: Api, pictures: readonly Picture[], files: boolean): Promise<Removal> {
  const named = pictures.map(({ job, filename, subfolder, type }) => ({ job, filename, subfolder, type }));
  return removal(await api.ask(`${RESULTS}/remove`, { pictures: named, files }, named.length < FEW));
}

export async function describeModels(api: Api): Promise<ModelList> {
  return modelList(await api.ask("/api/darkroom/models"));
}

/** Where the picture of a model is. */
export function modelPictureUrl({ folder, place, name }: ModelFacts): string {
  return `/api/experiment/models/preview/${encodeURIComponent(folder)}/${place}/${name.split("/").map(encodeURIComponent).join("/")}`;
}

/** The file of a picture. */
export async function readPicture(ref: PictureRef): Promise<Blob> {
  const answer = await fetch(pictureUrl(ref));
  if (!answer.ok) throw new ApiError(answer.status, {});
  return answer.blob();
}

/** Width and height of a picture, which small ones of it do not tell. */
export async function readSize(ref: PictureRef): Promise<readonly [number, number] | undefined> {
  const answer = await fetch(pictureUrl(ref, "small"), { method: "HEAD" });
  const [width, height] = (answer.headers.get("X-Picture-Size") ?? "").split("x").map(Number);
  return width && height ? [width, height] : undefined;
}

/** A page of /api/darkroom/results. */
export function resultsPage(answer: Json): ResultsPage {
  const found = isFields(answer) ? answer : {};
  const next = found["next"];
  return {
    results: rows(found["results"]).flatMap(resultsOf),
    next: typeof next === "number" ? next : undefined,
    total: typeof found["total"] === "number" ? found["total"] : 0,
  };
}

function resultsOf(job: Fields): Result[] {
  return rows(job["nodes"]).flatMap((node) =>
    rows(node["pictures"]).map((picture): Result => {
      const ref = { filename: text(picture["filename"]), subfolder: text(picture["subfolder"]), type: text(picture["type"]) };
      return {
        ...ref,
        key: keyOf(ref),
        job: text(job["id"]),
        node: text(node["node"]),
        ended: numberOr(job["ended"], 0),
        loras: list(node["loras"]).map(String),
        frames: numberOr(picture["frames"], 1),
        gone: picture["gone"] === true,
        ...texts(node, "prompt", "negative", "seed", "sampler", "scheduler", "model"),
        ...numbers(node, "steps", "cfg", "denoise"),
        ...numbers(job, "seconds"),
        ...numbers(picture, "width", "height", "bytes"),
      };
    }),
  );
}

/** The answer to a removal. */
export function removal(answer: Json): Removal {
  const found = isFields(answer) ? answer : {};
  return { forgotten: list(found["forgotten"]).map(String), kept: rows(found["kept"]).map((each) => ({ filename: text(each["filename"]), reason: text(each["reason"]) })) };
}

/** The answer of /api/darkroom/models. */
export function modelList(answer: Json): ModelList {
  const found = isFields(answer) ? answer : {};
  return {
    folders: list(found["folders"]).map(String),
    models: rows(found["models"]).map(modelOf),
    complete: found["complete"] !== false,
  };
}

function modelOf(row: Fields): ModelFacts {
  const familyTitle = row["family_title"];
  return {
    folder: text(row["folder"]),
    name: text(row["name"]),
    place: numberOr(row["place"], 0),
    bytes: numberOr(row["bytes"], 0),
    modified: numberOr(row["modified"], 0),
    preview: row["preview"] === true,
    ...(typeof familyTitle === "string" ? { familyTitle } : {}),
    ...texts(row, "kind", "family", "precision", "title", "format", "trouble"),
    ...numbers(row, "parameters", "rank"),
  };
}

function texts<K extends string>(row: Fields, ...names: K[]): { [P in K]?: string } {
  return Object.fromEntries(names.flatMap((name) => (typeof row[name] === "string" ? [[name, row[name]]] : []))) as { [P in K]?: string };
}

function numbers<K extends string>(row: Fields, ...names: K[]): { [P in K]?: number } {
  return Object.fromEntries(names.flatMap((name) => (typeof row[name] === "number" ? [[name, row[name]]] : []))) as { [P in K]?: number };
}

function rows(value: Json | undefined): Fields[] {
  return list(value).flatMap((row) => (isFields(row) ? [row] : []));
}

function numberOr(value: Json | undefined, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}
