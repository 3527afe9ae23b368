/** Addresses of live previews, given back to the browser when a newer picture is there. */

/** A picture stays this long after the next one came, for whoever still loads it. */
const PICTURE_MS = 1000;

export class LivePictures {
  readonly #urls = new Map<string, string>();

  /** The address of the newest picture of a node in a job. */
  show(job: string, node: string, picture: Blob): string {
    const key = `/${job}/${node}`;
    const old = this.#urls.get(key);
    const url = URL.createObjectURL(picture);
    this.#urls.set(key, url);
    if (old !== undefined) later(old);
    return url;
  }

  /** Forgets the pictures of a job that ended. */
  drop(job: string): void {
    for (const [key, url] of [...this.#urls]) {
      if (!key.startsWith(`/${job}/`)) continue;
      this.#urls.delete(key);
      later(url);
    }
  }
}

function later(url: string): void {
  setTimeout(() => URL.revokeObjectURL(url), PICTURE_MS);
}
