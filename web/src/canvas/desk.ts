/** What the gestures are given to work on, put together from the parts of the canvas. */

import type { Editor } from "../core/editor";
import type { Point } from "../core/types";
import type { Chrome } from "./chrome";
import type { Emphasis } from "./emphasis";
import type { GraphModel } from "./model";
import type { NodeLayer } from "./nodelayer";
import { pick } from "./picking";
import type { Pilot } from "./pilot";
import type { CanvasUi, Desk } from "./tools/tool";

export interface DeskParts {
  readonly editor: Editor;
  readonly model: GraphModel;
  readonly layer: NodeLayer;
  readonly ui: CanvasUi;
  readonly pilot: Pilot;
  readonly emphasis: Emphasis;
  readonly chrome: Chrome;
  redraw(): void;
  repaint(): void;
  /** Runs an edit that a gesture makes itself, so that it does not end the gesture as one from outside would. */
  commit(edit: () => void): void;
}

/** The desk of a canvas. */
export function makeDesk({ editor, model, layer, ui, pilot, emphasis, chrome, redraw, repaint, commit }: DeskParts): Desk {
  return {
    editor,
    model,
    layer,
    ui: inPage(ui, chrome.host),
    get camera() {
      return editor.camera;
    },
    look(camera) {
      pilot.stop();
      pilot.look(camera);
    },
    reveal: (id) => pilot.reveal(id, !matchMedia("(prefers-reduced-motion: reduce)").matches),
    lift(things) {
      emphasis.lift(things);
      repaint();
    },
    redraw,
    edit: (label, change) => commit(() => editor.document.transact(label, (transaction) => change(transaction, editor.graph))),
    pick: (at, touch = false) => pick(model, at, editor.camera.zoom, touch),
    hint: (text, screen) => chrome.hint(text, screen),
  };
}

/** A point of the viewport as a point of the page. */
export function pagePoint(host: HTMLElement, [x, y]: Point): Point {
  const { left, top } = host.getBoundingClientRect();
  return [x + left, y + top];
}

/** Gestures know the viewport; menus and boxes want the page. */
function inPage(ui: CanvasUi, host: HTMLElement): CanvasUi {
  return {
    mountNode: (id, element) => ui.mountNode(id, element),
    tell: (text) => ui.tell(text),
    addNodeAt: (graph, screen, from) => (from === undefined ? ui.addNodeAt(graph, pagePoint(host, screen)) : ui.addNodeAt(graph, pagePoint(host, screen), from)),
    contextMenu: (target, screen) => ui.contextMenu(target, pagePoint(host, screen)),
    renameGroup: (id, screen) => ui.renameGroup?.(id, pagePoint(host, screen)),
    connectFrom: (id, screen) => ui.connectFrom?.(id, pagePoint(host, screen)),
    restedOn: (link, screen) => ui.restedOn?.(link, pagePoint(host, screen)),
    viewOutput: (id) => ui.viewOutput?.(id),
    thumbnail: (id) => ui.thumbnail?.(id),
  };
}
