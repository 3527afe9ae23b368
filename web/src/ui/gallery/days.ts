/** What a day is called. */

import { t } from "../texts";
import { dayOf } from "./query";

const HALF_DAY_MS = 43_200_000;

/** "Today", "Yesterday", "Friday 20 November", with the year where it is another one. day: its first moment */
export function dayName(day: number, now: number = Date.now()): string {
  const today = dayOf(now);
  if (day === today) return t("results.date.today");
  if (day === dayOf(today - HALF_DAY_MS)) return t("results.date.yesterday");
  const date = new Date(day);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" }) });
}
