/** The canvas of the editor: layers, camera, frames, and who draws when. */

import type { Editor } from "../core/editor";
import { focusOrder } from "../core/order";
import type { Camera, GraphId, NodeId, Point, Size } from "../core/types";
import { ROOT } from "../core/types";
import { t } from "../ui/texts";
import { toGraph } from "./camera";
import { Chrome } from "./chrome";
import type { LinkStyle } from "./curves";
import { makeDesk, pagePoint } from "./desk";
import { Emphasis } from "./emphasis";
import { Frames } from "./frames";
import { Hovering } from "./hovering";
import { Input } from "./input";
import { Minimap } from "./minimap";
import { GraphModel, type LinksShown, type Touched } from "./model";
import { NodeLayer } from "./nodelayer";
import { Overlay } from "./overlay";
import { forgetWidths } from "./paint/text";
import type { Hit } from "./picking";
import { Pilot, SETTLE_MS } from "./pilot";
import { Scene } from "./scene";
import { expose, unexpose, type Counters } from "./shelf";
import { readTheme, watchTheme } from "./theme";
import { Thumbnails } from "./thumbnails";
import { menuTarget } from "./tools/targets";
import type { CanvasUi, Desk, Gesture, Pointer } from "./tools/tool";

const FLOW_MS = 50;

export class CanvasView {
  readonly model: GraphModel;
  readonly layer: NodeLayer;
  readonly #chrome: Chrome;
  readonly #scene: Scene;
  readonly #overlay: Overlay;
  readonly #minimap: Minimap;
  readonly #frames = new Frames((now) => this.#draw(now));
  readonly #input: Input;
  readonly #thumbnails: Thumbnails;
  readonly #emphasis: Emphasis;
  readonly #desk: Desk;
  readonly #pilot: Pilot;
  readonly #hovering: Hovering;
  readonly #cameras = new Map<GraphId, Camera>();
  readonly #endings: (() => void)[] = [];
  readonly #running = new Set<NodeId>();
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #shown: GraphId;
  #overlayStale = false;
  #committing = false;
  #fitWanted = true;

  constructor(
    readonly host: HTMLElement,
    readonly editor: Editor,
    readonly ui: CanvasUi,
  ) {
    this.#shown = editor.graph;
    this.model = new GraphModel(editor);
    this.#pilot = new Pilot(editor, this.model, () => this.layer.resample(), () => this.#frames.request());
    this.#chrome = new Chrome(host, t("canvas.name"));
    const theme = readTheme(host);
    this.#thumbnails = new Thumbnails(
      (id) => ui.thumbnail?.(id) ?? editor.shownRun(id).preview,
      (id) => this.#scene.patch(id),
    );
    this.#emphasis = new Emphasis(this.model, this.#thumbnails, () => this.#repaint());
    this.#scene = new Scene(this.#chrome.scene, this.model, this.#emphasis.look, theme);
    this.#overlay = new Overlay(this.#chrome.overlay, this.model, this.#emphasis.look, theme);
    this.layer = new NodeLayer(this.#chrome.nodes, this.model, (id, element) => ui.mountNode(id, element));
    this.#minimap = new Minimap(this.model, this.#emphasis.look, theme, (camera) => this.#pilot.look(camera), () => ({ camera: editor.camera, viewport: this.viewport }));
    host.append(this.#minimap.root);
    this.#desk = makeDesk({
      editor,
      model: this.model,
      layer: this.layer,
      ui,
      pilot: this.#pilot,
      emphasis: this.#emphasis,
      chrome: this.#chrome,
      redraw: () => this.#redraw(),
      repaint: () => this.#repaint(),
      commit: (edit) => this.#commit(edit),
    });
    this.#hovering = new Hovering(this.#desk, this.#chrome, this.#emphasis);
    this.#input = new Input(host, {
      desk: this.#desk,
      gestureChanged: (gesture) => this.#gestureChanged(gesture),
      hovered: (hit, pointer) => this.#hovering.over(hit, pointer, this.#input.holds("Space")),
      doubleClicked: (hit, pointer) => this.#doubleClicked(hit, pointer),
      menu: (hit, pointer) => this.#menu(hit, pointer),
      moving: () => this.#pilot.stop(),
    });
    this.#listen();
    expose(this);
  }

  #listen(): void {
    const { editor, host } = this;
    const sizes = new ResizeObserver(([entry]) => {
      if (entry !== undefined) this.#resize([entry.contentRect.width, entry.contentRect.height]);
    });
    sizes.observe(host);
    const focus = (event: FocusEvent): void => this.#focused(event);
    host.addEventListener("focusin", focus);
    this.#endings.push(
      () => sizes.disconnect(),
      () => host.removeEventListener("focusin", focus),
      watchTheme(() => this.#rethemed()),
      editor.document.changed.subscribe((change) => {
        if (!this.#committing) this.#input.cancel();
        this.#changed(this.model.follow(change));
      }),
      editor.graphChanged.subscribe(() => this.#entered()),
      editor.selectionChanged.subscribe(() => {
        this.layer.restack();
        this.#marksChanged();
      }),
      editor.runChanged.subscribe((id) => this.#ran(id)),
      editor.problemsChanged.subscribe(() => {
        this.#emphasis.readProblems();
        this.#marksChanged();
      }),
      editor.cameraChanged.subscribe(() => this.#cameraMoved()),
    );
    // A canvas does not wait for a font that no element has asked for yet.
    void document.fonts?.load(`600 12px ${this.#scene.theme.font}`).then(() => {
      forgetWidths();
      this.#repaint();
    });
  }

  /** Takes everything off the page. */
  dispose(): void {
    this.#input.dispose();
    this.#hovering.leave();
    for (const end of this.#endings) end();
    this.#frames.stop();
    this.#emphasis.dispose();
    this.layer.clear();
    this.#thumbnails.clear();
    this.#minimap.root.remove();
    this.#chrome.dispose();
    unexpose(this);
  }

  get counters(): Counters {
    return {
      mounted: this.layer.policy.mounted.size,
      mounts: this.layer.mounts,
      domElements: this.host.querySelectorAll("*").length,
      frames: this.#frames.count,
      repaints: this.#scene.repaints,
      patches: this.#scene.patches,
      times: this.#frames.times,
    };
  }

  get viewport(): Size {
    return this.#pilot.viewport;
  }

  /** Where the pointer is, or the middle where it has not been: for what is put "at the pointer". */
  get pointer(): { readonly graph: Point; readonly screen: Point } {
    const screen = this.#input.last?.screen ?? [this.viewport[0] / 2, this.viewport[1] / 2];
    return { graph: toGraph(this.editor.camera, screen), screen: pagePoint(this.host, screen) };
  }

  get linkStyle(): LinkStyle {
    return this.model.linkStyle;
  }

  set linkStyle(style: LinkStyle) {
    this.model.linkStyle = style;
    this.#repaint();
  }

  get linksShown(): LinksShown {
    return this.model.linksShown;
  }

  set linksShown(shown: LinksShown) {
    this.model.linksShown = shown;
    this.#repaint();
  }

  /** Shows these nodes, or the whole graph, as large as fits. */
  fit(ids?: Iterable<NodeId>, smooth = true): void {
    this.#pilot.fit(ids, smooth && !this.#calm.matches);
  }

  /** Brings a node into view at a readable zoom, with as little movement as it takes. */
  reveal(id: NodeId): void {
    this.#pilot.reveal(id, !this.#calm.matches);
  }

  /** Zooms about the middle of the viewport. */
  zoomTo(zoom: number): void {
    this.#pilot.zoomTo(zoom, !this.#calm.matches);
  }

  /** Goes to a camera, such as a bookmark. */
  flyTo(camera: Camera): void {
    this.#pilot.fly(camera, !this.#calm.matches);
  }

  /** Pans to a node, mounts it and gives it the keyboard. */
  focusNode(id: NodeId): void {
    if (!this.model.nodes.has(id)) return;
    this.reveal(id);
    this.layer.force(id);
    this.layer.resample();
    this.layer.update(this.editor.camera, this.viewport, performance.now());
    this.layer.element(id)?.focus({ preventScroll: true });
    this.#frames.request();
  }

  /** Gives the keyboard to the next (or previous) node in reading order. */
  focusNext(step: 1 | -1): void {
    const ids = focusOrder(this.model.graph);
    if (ids.length === 0) return;
    const current = this.layer.current ?? [...this.editor.selection][0];
    const place = current === undefined ? -1 : ids.indexOf(current);
    const next = ids[place < 0 ? (step > 0 ? 0 : ids.length - 1) : (place + step + ids.length) % ids.length];
    if (next === undefined) return;
    this.editor.select([next]);
    this.focusNode(next);
  }

  /** Ends a gesture without a trace; true if there was one. */
  cancelGesture(): boolean {
    const busy = this.#input.gesture !== undefined;
    this.#input.cancel();
    return busy;
  }

  #commit(edit: () => void): void {
    this.#committing = true;
    try {
      edit();
    } finally {
      this.#committing = false;
    }
  }

  #gestureChanged(gesture: Gesture | undefined): void {
    this.#hovering.leave(gesture?.cursor ?? (this.#input.holds("Space") ? "grab" : "default"));
    this.#redraw();
  }

  /** What the pointer is over, or was before it left the canvas for a menu or the palette. */
  get hovered(): Hit | undefined {
    return this.#hovering.hit;
  }

  #doubleClicked(hit: Hit, pointer: Pointer): void {
    const desk = this.#desk;
    if (hit.kind === "canvas" || hit.kind === "link") desk.ui.addNodeAt(pointer.graph, pointer.screen);
    else if (hit.kind === "group") desk.ui.renameGroup?.(hit.id, pointer.screen);
    else if (hit.kind === "node") {
      const type = this.model.nodes.get(hit.id)?.node.type ?? "";
      if (type !== ROOT && this.editor.document.state.graphs.has(type)) this.editor.enter(type);
    }
  }

  #menu(hit: Hit, pointer: Pointer): void {
    const target = menuTarget(hit, pointer.graph, this.model);
    if (target.kind === "node" && !this.editor.selection.has(target.id)) this.editor.select([target.id]);
    this.#desk.ui.contextMenu(target, pointer.screen);
  }

  #changed(touched: Touched): void {
    // Typing into a prompt draws nothing: the node's own component shows the text.
    if (touched.quiet) {
      this.layer.follow(touched.nodes);
      return;
    }
    this.layer.refresh(touched.all ? this.model.nodes.keys() : touched.nodes);
    const alive = [...this.editor.selection].filter((id) => this.model.nodes.has(id));
    if (alive.length < this.editor.selection.size) this.editor.select(alive);
    this.#marksChanged();
  }

  /** Selection, problems or links are no longer what the scene and the map show. */
  #marksChanged(): void {
    this.#emphasis.selectionChanged();
    this.#minimap.invalidate();
    this.#repaint();
  }

  #entered(): void {
    this.#input.cancel();
    this.#cameras.set(this.#shown, this.editor.camera);
    this.#shown = this.editor.graph;
    this.layer.clear();
    this.model.rebuild();
    this.#running.clear();
    for (const id of this.model.nodes.keys()) if (this.editor.shownRun(id).state === "running") this.#running.add(id);
    this.#emphasis.readProblems();
    const known = this.#cameras.get(this.#shown);
    if (known === undefined) this.fit(undefined, false);
    else this.#pilot.look(known);
    this.#marksChanged();
  }

  #ran(runId: NodeId | null): void {
    this.#minimap.invalidate();
    if (runId === null) {
      this.#running.clear();
      this.#repaint();
      return;
    }
    const id = this.editor.shownId(runId);
    if (id === undefined) return;
    if (this.editor.run(runId).state === "running") this.#running.add(id);
    else if (this.#running.delete(id)) this.#overlayStale = true;
    this.#scene.patch(id);
    this.#frames.request();
  }

  #rethemed(): void {
    const theme = readTheme(this.host);
    this.#scene.theme = theme;
    this.#overlay.theme = theme;
    this.#minimap.theme = theme;
    this.#minimap.invalidate();
    this.#repaint();
  }

  #resize(viewport: Size): void {
    if (viewport[0] < 1 || viewport[1] < 1) return;
    this.#pilot.viewport = viewport;
    this.#scene.resize(viewport, devicePixelRatio);
    this.#overlay.resize(viewport, devicePixelRatio);
    this.layer.resample();
    if (this.#fitWanted) {
      this.#fitWanted = false;
      const { camera } = this.editor;
      if (camera.x === 0 && camera.y === 0 && camera.zoom === 1) this.fit(undefined, false);
    }
    // Sizing a canvas clears it: it is drawn at once, so that it never blinks.
    this.#draw(performance.now());
  }

  #focused(event: FocusEvent): void {
    const id = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("[data-node]")?.dataset["node"] : undefined;
    if (id === undefined) return;
    this.layer.force(id);
    if (event.target instanceof HTMLElement && event.target.matches(":focus-visible")) this.reveal(id);
  }

  #cameraMoved(): void {
    this.#hovering.leave();
    this.#pilot.moved();
    if (this.#input.gesture?.paint !== undefined) this.#overlayStale = true;
    this.#frames.request();
  }

  #repaint(): void {
    this.#scene.invalidate();
    this.#redraw();
  }

  #redraw(): void {
    this.#overlayStale = true;
    this.#frames.request();
  }

  #draw(now: number): void {
    this.#pilot.advance(now);
    if (this.#input.drift(this.viewport)) this.#frames.request();
    const { camera } = this.editor;
    const still = this.#pilot.rest;
    const moving = still < SETTLE_MS;
    const waits = this.#scene.show(camera, now, moving);
    this.layer.place(camera, moving);
    const again = this.layer.update(camera, this.viewport, now);
    this.#drawOverlay(camera, now);
    const map = this.#minimap.show(camera, this.viewport, now);
    if (moving || waits) this.#frames.wake(SETTLE_MS - still + 1);
    if (again !== undefined) this.#frames.wake(again);
    if (map !== undefined) this.#frames.wake(map);
  }

  #drawOverlay(camera: Camera, now: number): void {
    const flows = this.#running.size > 0 && !this.#calm.matches;
    if (!this.#overlayStale && !flows) return;
    this.#overlayStale = false;
    const gesture = this.#input.gesture;
    const paint = gesture?.paint === undefined ? undefined : gesture.paint.bind(gesture);
    this.#overlay.show(camera, paint, flows ? this.#running : new Set(), now);
    if (flows) this.#frames.wake(FLOW_MS);
  }
}
