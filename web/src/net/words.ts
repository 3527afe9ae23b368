/** What the network says to people, out of the catalogue. */

import { t } from "../ui/texts";

export const words = {
  saveConflict: (name: string) => t("net.saveConflict", { name }),
  saveGone: (name: string) => t("net.saveGone", { name }),
  overwrite: t("net.overwrite"),
  notSaved: t("net.notSaved"),
  draftTrouble: (reason: string) => t("net.draftTrouble", { reason }),
  recovered: (name: string) => t("net.recovered", { name }),
  recoveredOld: (name: string) => t("net.recoveredOld", { name }),
  recoveryLabel: t("net.recoveryLabel"),
  noTarget: t("net.noTarget"),
  wrongInputs: t("net.wrongInputs"),
  started: (file: string) => t("net.started", { file }),
  finished: (file: string) => t("net.finished", { file }),
  failed: (file: string, reason: string) => t("net.failed", { file, reason }),
  stopped: (file: string) => t("net.stopped", { file }),
  copyName: (name: string) => t("net.copyName", { name }),
  restoreLabel: t("versions.restoreLabel"),
  took: (name: string) => t("conflict.took", { name }),
  takeLabel: t("conflict.takeLabel"),
  drawnMeanwhile: t("net.drawnMeanwhile"),
} as const;
