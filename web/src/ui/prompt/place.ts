/** Where a character of a marked text is on the screen. */

/** The box of the character at a place of an element's text; of the end, where there is none. */
export function boxAt(root: Node, place: number): DOMRect | undefined {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let left = place;
  let last: Text | undefined;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    last = node as Text;
    if (left <= last.length) break;
    left -= last.length;
  }
  if (!last) return undefined;
  const range = document.createRange();
  range.setStart(last, Math.min(left, last.length));
  range.collapse(true);
  // A collapsed range at the start of a line has no box of its own in every browser.
  const box = range.getClientRects()[0];
  return box ?? range.getBoundingClientRect();
}
