/** For `use:`: the element has the keyboard when it appears, unless it is told that it is not wanted. */
export function focus(element: HTMLElement, wanted = true): void {
  if (wanted) element.focus({ preventScroll: true });
}
