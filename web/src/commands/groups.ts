/** Commands on frames: name, colour, size, and away with it. */

import { pagePoint } from "../canvas/desk";
import { toScreen } from "../canvas/camera";
import { frameAround } from "../canvas/framing";
import { carriedBy } from "../canvas/picking";
import { removeGroups, setGroup } from "../core/edits";
import type { Group, Point } from "../core/types";
import type { Choice } from "../ui/state.svelte";
import { t, type TextKey } from "../ui/texts";
import { graphOf, inEditor, selected, type Command, type EditorContext } from "./command";
import { groupMeant } from "./targets";


/** ComfyUI's own, so that a frame looks the same there. */
const COLOURS: readonly (readonly [TextKey, string])[] = [
  ["group.red", "#A88"],
  ["group.brown", "#b06634"],
  ["group.green", "#8A8"],
  ["group.blue", "#88A"],
  ["group.paleBlue", "#3f789e"],
  ["group.cyan", "#8AA"],
  ["group.purple", "#a1309b"],
  ["group.yellow", "#b58b2a"],
  ["group.black", "#444"],
];

const onGroup = (row: { id: string; label: string }, run: (context: EditorContext, group: Group) => void): Command =>
  inEditor(
    "Nodes",
    row,
    (context) => {
      const group = groupMeant(context);
      if (group) run(context, group);
    },
    (context) => groupMeant(context) !== undefined,
  );

/** Where a box about a frame opens: at its title, as far as that is on the page. */
function titleOn({ view, editor }: EditorContext, group: Group): Point {
  if (!view) return [0, 0];
  const [x, y] = toScreen(editor.camera, group.pos);
  return pagePoint(view.host, [Math.max(8, x), Math.max(8, y)]);
}

function rename(context: EditorContext, group: Group): void {
  const { app, editor } = context;
  const answer = (title: string): void => editor.document.transact(t("edit.rename"), (change) => setGroup(change, editor.graph, group.id, { title }));
  app.asking = { label: t("group.title"), value: group.title, at: titleOn(context, group), answer };
}

function recolour(context: EditorContext, group: Group): void {
  const { app, editor } = context;
  const paint = (color: string | undefined): void =>
    editor.document.transact(t("command.group.color"), (change) => setGroup(change, editor.graph, group.id, { color }));
  const plain: Choice = { id: "none", text: t("group.noColour"), colour: "var(--muted)", pick: () => paint(undefined) };
  const items = COLOURS.map(([name, color]): Choice => ({ id: color, text: t(name), colour: color, pick: () => paint(color) }));
  app.choosing = { label: t("group.colour"), at: titleOn(context, group), items: [plain, ...items] };
}

/** The frame is as large as what stands in it needs. */
function fit({ app, view, editor, ...context }: EditorContext, group: Group): void {
  const held = view ? carriedBy(view.model, group.id).nodes : new Set<string>();
  // An empty frame may be drawn around what is selected.
  const ids = held.size > 0 ? held : selected({ app, view, editor, ...context });
  const box = view && frameAround(view.model, ids);
  if (!box) return app.notify(t("group.empty"));
  editor.document.transact(t("command.group.fit"), (change) => setGroup(change, editor.graph, group.id, { pos: [box.x, box.y], size: [box.width, box.height] }));
}

/** Selects what stands in a frame, so that commands on nodes act on it. */
function selectInside({ view, editor, ...context }: EditorContext, group: Group): void {
  const ids = view ? carriedBy(view.model, group.id).nodes : [];
  editor.select([...ids].filter((id) => graphOf({ view, editor, ...context }).nodes.has(id)));
}

export const GROUPS: readonly Command[] = [
  onGroup({ id: "group.rename", label: t("command.group.rename") }, rename),
  onGroup({ id: "group.color", label: t("command.group.color") }, recolour),
  onGroup({ id: "group.fit", label: t("command.group.fit") }, fit),
  onGroup({ id: "group.select", label: t("command.group.select") }, selectInside),
  onGroup({ id: "group.delete", label: t("command.group.delete") }, ({ editor }, group) =>
    editor.document.transact(t("group.remove"), (change) => removeGroups(change, editor.graph, [group.id])),
  ),
];
