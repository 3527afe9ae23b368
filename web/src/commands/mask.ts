/** The mask of a picture: opening its editor, and everything that it can do. */

import type { NodeId } from "../core/types";
import { MASK_ACTS, MASK_KEYS, type MaskAct } from "../ui/mask/acts";
import { maskTarget, paintMask } from "../ui/mask/work";
import { t } from "../ui/texts";
import { inEditor, selected, type Command, type EditorContext } from "./command";

/** The only selected node, where it loads a picture. */
function loader(context: EditorContext): NodeId | undefined {
  const [id, second] = selected(context);
  return id !== undefined && second === undefined && maskTarget(context.editor, id) ? id : undefined;
}

function open(context: EditorContext): void {
  const id = loader(context);
  if (id !== undefined) paintMask(context.app, context.editor, id);
}

function act(id: MaskAct): Command {
  return {
    id: `masking.${id}`,
    label: t(`command.masking.${id}`),
    group: "Mask",
    keys: MASK_KEYS[id],
    when: ({ app }) => app.masking !== undefined,
    run: ({ app }) => app.masking?.act(id),
  };
}

export const MASKING: readonly Command[] = [
  inEditor("Nodes", { id: "mask.open", label: t("command.mask.open"), keys: ["Alt+M"] }, open, (context) => context.app.masking === undefined && loader(context) !== undefined),
  ...MASK_ACTS.map(act),
];
