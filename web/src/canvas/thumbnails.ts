/** Small pictures of results on far nodes: decoded off the page's thread when first seen, only the newest kept. */

import type { NodeId } from "../core/types";

const MOST = 200;
const LONGEST_SIDE = 256;

interface Entry {
  readonly url: string;
  bitmap: ImageBitmap | undefined;
}

export class Thumbnails {
  readonly #entries = new Map<NodeId, Entry>();

  constructor(
    readonly addressOf: (id: NodeId) => string | undefined,
    readonly arrived: (id: NodeId) => void,
  ) {}

  /** The picture of a node, if it has come; asks for it otherwise. */
  get(id: NodeId): ImageBitmap | undefined {
    const url = this.addressOf(id);
    const known = this.#entries.get(id);
    if (url === undefined) {
      if (known !== undefined) this.#drop(id);
      return undefined;
    }
    if (known?.url === url) return known.bitmap;
    const entry: Entry = { url, bitmap: known?.bitmap };
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    void this.#load(id, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MOST) break;
      this.#drop(oldest);
    }
    return entry.bitmap;
  }

  async #load(id: NodeId, entry: Entry): Promise<void> {
    const image = new Image();
    image.src = entry.url;
    try {
      await image.decode();
      const scale = Math.min(1, LONGEST_SIDE / Math.max(image.naturalWidth, image.naturalHeight, 1));
      const bitmap = await createImageBitmap(image, {
        resizeWidth: Math.max(1, Math.round(image.naturalWidth * scale)),
        resizeHeight: Math.max(1, Math.round(image.naturalHeight * scale)),
        resizeQuality: "medium",
      });
      if (this.#entries.get(id) !== entry) {
        bitmap.close();
        return;
      }
      entry.bitmap?.close();
      entry.bitmap = bitmap;
      this.arrived(id);
    } catch {
      // A picture that is gone, or replaced before it was decoded, leaves the box as it is.
    }
  }

  #drop(id: NodeId): void {
    this.#entries.get(id)?.bitmap?.close();
    this.#entries.delete(id);
  }

  clear(): void {
    for (const id of [...this.#entries.keys()]) this.#drop(id);
  }
}
