/** What a node says of its run, in words. */

import type { NodeRun } from "../../core/types";
import { progressText, secondsText } from "../parts/words";
import { t } from "../texts";

/** The state as a few words. */
export function runWords(run: NodeRun): string {
  if (run.state === "queued" && run.place) return run.place === 1 ? t("runs.afterOne") : t("runs.afterMany", { count: run.place });
  return t(`run.${run.state}`);
}

/** What stands at the right of a node's header: progress, its place in the queue, or the time that it took. */
export function headerText(run: NodeRun): string {
  if (run.state === "running") return progressText(run);
  if (run.state === "queued") return run.place ? t("runs.place", { place: run.place + 1 }) : "";
  return secondsText(run);
}

/** The mark of a node that is done goes away this long after. */
export const FADES_AFTER_MS = 2000;

/** When the fading begins, from now on; negative where it is over. now: in milliseconds */
export function fadeDelay(run: NodeRun, now: number): number {
  return run.ended === undefined ? FADES_AFTER_MS : run.ended + FADES_AFTER_MS - now;
}
