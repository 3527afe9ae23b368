/** Numbers as people read them: durations, progress, sizes, dates. */

import type { NodeRun, Problem } from "../../core/types";

/** "0.4 s", "12 s", "2:05". */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** The time that a node took, where it took any. */
export function secondsText(run: NodeRun): string {
  return run.seconds !== undefined && run.seconds >= 0.05 && (run.state === "done" || run.state === "error") ? duration(run.seconds) : "";
}

/** "12/20", with steps a second where they are known; "37 %" of what has no steps. */
export function progressText(run: NodeRun): string {
  if (!run.max) return "";
  if (run.max === 1) return run.value ? `${Math.round(run.value * 100)} %` : "";
  return `${run.value ?? 0}/${run.max}${run.rate === undefined ? "" : ` · ${rateText(run.rate)}`}`;
}

/** "3.2 it/s"; below one step a second "2.5 s/it". */
export function rateText(rate: number): string {
  return rate >= 1 || rate <= 0 ? `${rate < 10 ? rate.toFixed(1) : Math.round(rate)} it/s` : `${(1 / rate).toFixed(1)} s/it`;
}

/** A problem with its remedy, unless its text names that already. */
export function problemText(problem: Problem): string {
  return problem.remedy && !problem.text.includes(problem.remedy) ? `${problem.text} ${problem.remedy}` : problem.text;
}

/** "1.2 MB". */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** The time of day today, else the date. */
export function moment(milliseconds: number, now: number = Date.now()): string {
  const then = new Date(milliseconds);
  const today = new Date(now).toDateString() === then.toDateString();
  return today
    ? then.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })
    : then.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}
