/** The title of the page: how far the run is comes first, where a narrow tab still shows it. */

import { duration } from "../parts/words";
import type { AppState } from "../state.svelte";
import { t } from "../texts";

export function pageTitle(app: Pick<AppState, "queue" | "active">): string {
  const running = app.queue.find((item) => item.state === "running" && item.progress !== undefined);
  const left = running?.secondsLeft === undefined ? "" : ` · ${t("run.left", { time: duration(running.secondsLeft) })}`;
  const progress = running?.progress === undefined ? [] : [`${Math.round(running.progress * 100)} %${left}`];
  const file = app.active ? [`${app.active.dirty ? "• " : ""}${app.active.name}`] : [];
  return [...progress, ...file, "Darkroom"].join(" · ");
}
