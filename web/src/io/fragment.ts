/** A workflow inside an address: packed, in letters that an address may hold. Nothing is trusted when it is read. */

/** Browsers and chat programs cut longer addresses. */
export const LONGEST_LINK = 32_000;
/** What is read at most: letters of the address, and letters of the text when it is unpacked. */
const MOST_LETTERS = 2_000_000;
const MOST_TEXT = 16 * 2 ** 20;

/** The text packed for an address. */
export async function packed(text: string): Promise<string> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return toLetters(new Uint8Array(await new Response(stream).arrayBuffer()));
}

/** What `packed` was given. Throws an Error of kind RangeError where it is too large, any other where it is damaged. */
export async function unpacked(letters: string): Promise<string> {
  if (letters.length > MOST_LETTERS) throw new RangeError("too long");
  const stream = new Blob([fromLetters(letters)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const reader = stream.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > MOST_TEXT) {
      await reader.cancel();
      throw new RangeError("too large");
    }
    parts.push(value as Uint8Array<ArrayBuffer>);
  }
  return new TextDecoder("utf-8", { fatal: true }).decode(await new Blob(parts).arrayBuffer());
}

function toLetters(bytes: Uint8Array): string {
  let plain = "";
  for (let at = 0; at < bytes.length; at += 8192) plain += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function fromLetters(letters: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]+$/.test(letters)) throw new Error("not packed by this program");
  const plain = atob(letters.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}
