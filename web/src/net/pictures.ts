/** Pictures to and from the server: uploads that tell how far they are, and the parts of a picture that masks are made of. */

import { isFields } from "../core/entries";
import type { Fields } from "../core/types";
import { parseJson } from "../io/json";
import type { PictureServices, Progress } from "../ui/mask/services";
import type { PictureRef } from "../ui/services";
import { ApiError, Unreachable } from "./errors";

/** Where masks are kept, by the custom that other programs know. */
const MASKS = "clipspace";

/** Sends a form; replaced in tests. */
export type SendForm = (path: string, form: FormData, progress: Progress) => Promise<{ readonly status: number; readonly text: string }>;

export class PictureNet implements PictureServices {
  readonly #send: SendForm;

  constructor(send: SendForm = sendForm) {
    this.#send = send;
  }

  async upload(file: File, progress: Progress = () => undefined): Promise<string> {
    const form = new FormData();
    form.append("image", file, file.name);
    const { filename, subfolder } = await this.#kept("/api/upload/image", form, progress);
    return subfolder ? `${subfolder}/${filename}` : filename;
  }

  async part(ref: PictureRef, part: "colours" | "transparency"): Promise<Blob> {
    const query = new URLSearchParams({ ...ref, channel: part === "colours" ? "rgb" : "a" });
    let answer: Response;
    try {
      answer = await fetch(`/api/view?${query.toString()}`, { cache: "no-store" });
    } catch (error) {
      throw new Unreachable(error);
    }
    if (!answer.ok) throw new ApiError(answer.status, bodyOf(await answer.text()));
    return answer.blob();
  }

  uploadMask(mask: Blob, of: PictureRef, name: string, progress: Progress = () => undefined): Promise<PictureRef> {
    const form = new FormData();
    form.append("image", mask, name);
    form.append("type", "input");
    form.append("subfolder", MASKS);
    form.append("original_ref", JSON.stringify(of));
    return this.#kept("/api/upload/mask", form, progress);
  }

  async #kept(path: string, form: FormData, progress: Progress): Promise<PictureRef> {
    const { status, text } = await this.#send(path, form, progress);
    const body = bodyOf(text);
    if (status < 200 || status > 299) throw new ApiError(status, body);
    const { name, subfolder, type } = body;
    if (typeof name !== "string") throw new ApiError(status, {});
    return { filename: name, subfolder: typeof subfolder === "string" ? subfolder : "", type: typeof type === "string" ? type : "input" };
  }
}

/** `fetch` does not tell how much has been sent. */
function sendForm(path: string, form: FormData, progress: Progress): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
    request.addEventListener("load", () => resolve({ status: request.status, text: request.responseText }));
    for (const kind of ["error", "abort", "timeout"]) request.addEventListener(kind, (event) => reject(new Unreachable(event)));
    request.send(form);
  });
}

function bodyOf(text: string): Fields {
  try {
    const value = parseJson(text);
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}
