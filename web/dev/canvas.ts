/** A page for looking at the canvas alone: ?nodes=1000&theme=light; nodes are plain elements. */

import "@fontsource-variable/inter";
import "../src/ui/theme.css";
import info from "../../tests/data/comfyui_object_info.json";
import { Editor } from "../src/core/editor";
import { GraphDocument } from "../src/core/document";
import { readDefinitions } from "../src/core/schema";
import type { Fields } from "../src/core/types";
import { categoryTint, socketColor } from "../src/ui/colors";
import { CanvasView } from "../src/canvas/view";
import { readWorkflow } from "../src/io/read";
import { fixture } from "../tests/fixtures/workflows";

const query = new URLSearchParams(location.search);
document.documentElement.dataset["theme"] = query.get("theme") ?? "dark";
const definitions = readDefinitions(info as unknown as Fields);
const text = query.has("file") ? await (await fetch(query.get("file") ?? "")).text() : JSON.stringify(fixture(Number(query.get("nodes") ?? 245)));
const start = performance.now();
const { state } = readWorkflow(text, definitions);
const editor = new Editor(new GraphDocument(state), definitions);
const host = document.querySelector<HTMLElement>("#host");
if (host === null) throw new Error("no host");
const calls: unknown[][] = [];
const view = new CanvasView(host, editor, {
  mountNode(id, element) {
    const draw = (): void => {
      const shape = view.model.nodes.get(id);
      if (shape === undefined) return;
      const body = document.createElement("div");
      body.className = editor.selection.has(id) ? "n on" : "n";
      const tint = body.appendChild(document.createElement("div"));
      tint.className = "tint";
      tint.style.background = shape.node.color ?? categoryTint(shape.def?.category ?? "");
      body.appendChild(document.createElement("b")).textContent = shape.node.title ?? shape.def?.title ?? shape.node.type;
      for (const row of shape.layout.rows) {
        if (row.widget !== undefined) {
          const field = body.appendChild(document.createElement("em"));
          field.style.top = `${row.y + 2}px`;
          field.style.height = `${row.height - 4}px`;
          field.textContent = `${row.widget.name}  ${String(shape.node.values[row.widget.name] ?? "")}`;
          continue;
        }
        for (const [socket, side] of [[row.input, "left"], [row.output, "right"]] as const) {
          if (socket === undefined) continue;
          const label = body.appendChild(document.createElement("span"));
          label.textContent = socket.label ?? socket.name;
          label.style.top = `${row.y + row.height / 2}px`;
          label.style[side] = "12px";
          const dot = body.appendChild(document.createElement("i"));
          dot.style.top = `${row.y + row.height / 2}px`;
          dot.style[side] = "0";
          dot.style.background = socketColor(socket.type);
        }
      }
      element.replaceChildren(body);
    };
    draw();
    const ends = [editor.selectionChanged.subscribe(draw), editor.document.changed.subscribe(draw)];
    return () => ends.forEach((end) => end());
  },
  addNodeAt: (...args) => calls.push(["addNodeAt", ...args]),
  contextMenu: (...args) => calls.push(["contextMenu", ...args]),
  tell: (...args) => calls.push(["tell", ...args]),
});
Reflect.set(window, "dev", { editor, view, calls, loaded: performance.now() - start });
