/** The form view, and which settings it shows. */

import { automaticForm } from "../core/formfields";
import { setForm } from "../core/form";
import { ROOT } from "../core/types";
import { meantSetting, togglePromoted } from "../ui/form/promoting";
import { t } from "../ui/texts";
import { inEditor, selected, type Command, type EditorContext } from "./command";

/** Makes a form of what people change most. */
export function makeForm({ app, editor }: EditorContext): void {
  const words = { prompt: t("form.part.prompt"), picture: t("form.part.picture"), details: t("form.part.details") };
  const items = automaticForm(editor.document.state, editor.definitions, words);
  if (items.length === 0) return app.notify(t("form.nothing"), "info");
  editor.document.transact(t("form.edited"), (change) => setForm(change, items));
}

/** Promotes the setting with the focus; without one, lets somebody choose among those of the selected node. */
function promoteWidget(context: EditorContext): void {
  const { app, editor } = context;
  const meant = meantSetting(editor);
  if (meant) return togglePromoted(app, editor, meant.node, meant.setting);
  const [node] = selected(context);
  if (node === undefined) return app.notify(t("promote.selectFirst"), "info");
  app.form.choosing = node;
}

export const FORM_VIEW: readonly Command[] = [
  inEditor("View", { id: "form.toggle", label: t("command.form.toggle"), keys: ["Mod+Shift+F"] }, ({ app }) => app.form.show(!app.form.open)),
  inEditor("Edit", { id: "form.make", label: t("command.form.make") }, (context) => {
    makeForm(context);
    context.app.form.show(true);
  }),
  inEditor("View", { id: "form.arrange", label: t("command.form.arrange") }, ({ app }) => {
    app.form.show(true);
    app.form.arranging = !app.form.arranging;
  }),
  inEditor("Nodes", { id: "widget.promote", label: t("command.widget.promote"), keys: ["Shift+P"] }, promoteWidget, ({ app }) => !app.form.open),
  inEditor("Nodes", { id: "node.promote", label: t("command.node.promote") }, (context) => {
    context.app.form.choosing = selected(context)[0];
  }, (context) => !context.app.form.open && selected(context).length === 1 && (context.editor.graph === ROOT || context.editor.path.length > 0)),
];
