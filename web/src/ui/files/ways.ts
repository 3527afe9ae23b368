/** Small things that several screens of this folder do alike. */

import type { TemplateEntry } from "../services";

const FIRST = "text_to_image";

/** Templates with the one in front that newcomers start with. */
export function firstFirst(templates: readonly TemplateEntry[]): TemplateEntry[] {
  return [...templates].sort((a, b) => Number(b.name === FIRST) - Number(a.name === FIRST));
}

/** "14:05:33" today, else "3 Nov, 14:05". */
export function whenText(milliseconds: number, now: number = Date.now()): string {
  const then = new Date(milliseconds);
  const time = then.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  if (new Date(now).toDateString() === then.toDateString()) return time;
  const sameYear = new Date(now).getFullYear() === then.getFullYear();
  return `${then.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) })}, ${time.slice(0, 5)}`;
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** Arrows, Home and End move the focus among the controls of one list; those that pick with it are clicked. */
export function moveFocus(event: KeyboardEvent): void {
  const from = event.currentTarget as HTMLElement;
  const list = from.closest("[role=listbox], [role=list], [data-keys]");
  const role = from.getAttribute("role");
  const all = [...(list?.querySelectorAll<HTMLElement>(role ? `[role=${role}]` : "button") ?? [])];
  const at = all.indexOf(from);
  const step = STEPS[event.key];
  const next = event.key === "Home" ? all[0] : event.key === "End" ? all.at(-1) : step === undefined ? undefined : all[rowStep(all, at, event.key, step)];
  if (!next) return;
  event.preventDefault();
  next.focus();
  if (role === "option") next.click();
}

/** In a grid, up and down go to what stands in the next row; elsewhere to the next of the list. */
function rowStep(all: readonly HTMLElement[], at: number, key: string, step: number): number {
  const vertical = key === "ArrowDown" || key === "ArrowUp";
  const here = all[at];
  if (!vertical || !here) return at + step;
  const left = here.getBoundingClientRect().left;
  for (let place = at + step; place >= 0 && place < all.length; place += step) {
    if (Math.abs((all[place]?.getBoundingClientRect().left ?? 0) - left) < 4) return place;
  }
  return at;
}
