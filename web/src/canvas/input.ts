/** From the browser's events to presses, moves and releases of one gesture at a time. */

import type { Point, Size } from "../core/types";
import { panning } from "./tools/panning";
import { distanceOf, pinchedCamera } from "./tools/pinching";
import { READABLE_ZOOM, toGraph, zoomed, panned } from "./camera";
import type { Hit } from "./picking";
import { GESTURES } from "./tools/table";
import { CLICK_PIXELS, type Desk, type Gesture, type Pointer, type Press } from "./tools/tool";
import { WheelReader } from "./wheel";

const LONG_PRESS_MS = 500;
/** What keeps its own pointer events. A component marks others with data-own-pointer. */
const OWN = "input,textarea,select,button,a,summary,[contenteditable],[role=slider],[role=spinbutton],[role=combobox],[data-own-pointer]";
const TYPING = "input,textarea,select,[contenteditable],[role=combobox],[role=spinbutton]";

const EDGE_PIXELS = 28;
const DRIFT_PIXELS = 14;

/** How far the desk moves in a frame for a pointer at this place between the edges. */
function push(at: number, length: number): number {
  if (at < EDGE_PIXELS) return DRIFT_PIXELS * Math.min(1, (EDGE_PIXELS - at) / EDGE_PIXELS);
  if (at > length - EDGE_PIXELS) return -DRIFT_PIXELS * Math.min(1, (at - length + EDGE_PIXELS) / EDGE_PIXELS);
  return 0;
}

export interface InputHost {
  readonly desk: Desk;
  /** The gesture has begun, changed or ended: cursor and overlay follow. */
  gestureChanged(gesture: Gesture | undefined): void;
  hovered(hit: Hit | undefined, pointer: Pointer | undefined): void;
  doubleClicked(hit: Hit, pointer: Pointer): void;
  menu(hit: Hit, pointer: Pointer): void;
  moving(): void;
}

export class Input {
  #gesture: Gesture | undefined;
  /** Pushing the desk while another gesture waits for its second click. */
  #aside: Gesture | undefined;
  #press: Press | undefined;
  #pointerId: number | undefined;
  #travelled = 0;
  #origin: Point = [0, 0];
  #last: Pointer | undefined;
  #longPress: ReturnType<typeof setTimeout> | undefined;
  #menuTaken = false;
  readonly #fingers = new Map<number, Point>();
  readonly #keys = new Set<string>();
  readonly #wheel = new WheelReader();
  readonly #stop = new AbortController();

  constructor(
    readonly root: HTMLElement,
    readonly host: InputHost,
  ) {
    const { signal } = this.#stop;
    const on = <K extends keyof HTMLElementEventMap>(kind: K, act: (event: HTMLElementEventMap[K]) => void, options: AddEventListenerOptions = {}): void =>
      root.addEventListener(kind, act, { signal, ...options });
    // In the capture phase: a socket beside a widget wins over the widget.
    on("pointerdown", (event) => this.#down(event), { capture: true });
    on("pointermove", (event) => this.#move(event));
    on("pointerup", (event) => this.#up(event));
    on("pointercancel", (event) => this.#cancelled(event));
    on("pointerenter", () => this.#locate());
    on("pointerleave", () => host.hovered(undefined, undefined));
    on("wheel", (event) => this.#turned(event), { passive: false });
    on("scroll", () => this.#scrolled());
    on("dblclick", (event) => this.#twice(event));
    on("contextmenu", (event) => this.#menu(event));
    window.addEventListener("keydown", (event) => this.#keyDown(event), { signal, capture: true });
    window.addEventListener("keyup", (event) => this.#keyUp(event), { signal, capture: true });
    window.addEventListener("blur", () => this.#blurred(), { signal });
    this.#locate();
  }

  get gesture(): Gesture | undefined {
    return this.#gesture;
  }

  /** Where the pointer was last, for what is put "at the pointer". */
  get last(): Pointer | undefined {
    return this.#last;
  }

  dispose(): void {
    this.cancel();
    this.#stop.abort();
  }

  /** Ends the gesture without a trace. */
  cancel(): void {
    const gesture = this.#gesture;
    this.#end();
    gesture?.cancel();
  }

  #end(): void {
    clearTimeout(this.#longPress);
    if (this.#pointerId !== undefined && this.root.hasPointerCapture(this.#pointerId)) this.root.releasePointerCapture(this.#pointerId);
    this.#pointerId = undefined;
    this.#press = undefined;
    this.#aside = undefined;
    if (this.#gesture === undefined) return;
    this.#gesture = undefined;
    this.host.gestureChanged(undefined);
  }

  #pointer(event: MouseEvent, touch: boolean): Pointer {
    const screen: Point = [event.clientX - this.#origin[0], event.clientY - this.#origin[1]];
    const pointer: Pointer = {
      screen,
      graph: toGraph(this.host.desk.camera, screen),
      shift: event.shiftKey,
      alt: event.altKey,
      mod: event.ctrlKey || event.metaKey,
      touch,
      travelled: this.#travelled,
      time: event.timeStamp,
    };
    this.#last = pointer;
    return pointer;
  }

  /** Reads where the canvas is: at presses and when the pointer comes in, never while something moves. */
  #locate(): void {
    const { left, top } = this.root.getBoundingClientRect();
    this.#origin = [left, top];
  }

  #down(event: PointerEvent): void {
    this.#locate();
    const touch = event.pointerType === "touch";
    if (touch) this.#fingers.set(event.pointerId, [event.clientX - this.#origin[0], event.clientY - this.#origin[1]]);
    if (touch && this.#fingers.size > 1) {
      this.cancel();
      event.preventDefault();
      return;
    }
    if (this.#gesture !== undefined) return this.#downAgain(event);
    this.#travelled = 0;
    const pointer = this.#pointer(event, touch);
    const hit = this.host.desk.pick(pointer.graph, touch);
    if (this.#isOwn(event) && hit.kind !== "socket" && event.button !== 1 && !this.#keys.has("Space")) return;
    const press: Press = { ...pointer, button: event.button, hit, keys: new Set(this.#keys) };
    this.#menuTaken = false;
    const kind = GESTURES.find((each) => each.wants(press, this.host.desk));
    if (kind === undefined) return;
    // The middle button would start the browser's own scrolling.
    const covers = hit.kind === "socket" || (this.#isField(event) && !this.#isOwn(event));
    if (event.button !== 0 || covers) event.preventDefault();
    if (covers) event.stopPropagation();
    if (document.activeElement instanceof HTMLElement && document.activeElement.matches(TYPING)) document.activeElement.blur();
    this.#press = press;
    this.#pointerId = event.pointerId;
    this.root.setPointerCapture(event.pointerId);
    this.#gesture = kind.begin(press, this.host.desk);
    this.host.gestureChanged(this.#gesture);
    if (touch) this.#longPress = setTimeout(() => this.#pressedLong(press), LONG_PRESS_MS);
  }

  /** The second press of click–click: the gesture goes on until this one is released. */
  #downAgain(event: PointerEvent): void {
    event.preventDefault();
    event.stopPropagation();
    const pointer = this.#pointer(event, event.pointerType === "touch");
    const hit = this.host.desk.pick(pointer.graph, pointer.touch);
    const pushes = event.button === 1 || this.#keys.has("Space") || (pointer.touch && hit.kind === "canvas");
    if (event.button !== 0 && !pushes) {
      this.cancel();
      this.#menuTaken = true;
      return;
    }
    this.#travelled = 0;
    if (pushes) this.#aside = panning.begin({ ...pointer, travelled: 0, touch: false, button: event.button, hit, keys: new Set(this.#keys) }, this.host.desk);
    this.#press = { ...pointer, button: event.button, hit, keys: new Set(this.#keys) };
    this.#pointerId = event.pointerId;
    this.root.setPointerCapture(event.pointerId);
  }

  /** Whether an event is for a field or a button; where those cannot be read, they are but a picture of the node. */
  #isOwn(event: Event): boolean {
    return this.host.desk.camera.zoom >= READABLE_ZOOM && this.#isField(event);
  }

  #isField(event: Event): boolean {
    return event.target instanceof Element && event.target !== this.root && event.target.closest(OWN) !== null;
  }

  /** One frame of a gesture at the edge: the desk moves on, and the gesture with it. True when it goes on. */
  drift(viewport: Size): boolean {
    const last = this.#last;
    const gesture = this.#gesture;
    if (gesture?.drifts !== true || last === undefined || this.#travelled < EDGE_PIXELS || this.#pointerId === undefined) return false;
    const [dx, dy] = [push(last.screen[0], viewport[0]), push(last.screen[1], viewport[1])];
    if (dx === 0 && dy === 0) return false;
    const { desk } = this.host;
    desk.look(panned(desk.camera, dx, dy));
    this.#last = { ...last, graph: toGraph(desk.camera, last.screen) };
    gesture.move(this.#last);
    return true;
  }

  #move(event: PointerEvent): void {
    const touch = event.pointerType === "touch";
    if (touch && this.#fingers.size > 1) return this.#pinch(event);
    const gesture = this.#gesture;
    if (gesture === undefined) {
      if (!touch && !this.#isOwn(event)) {
        const pointer = this.#pointer(event, false);
        this.host.hovered(this.host.desk.pick(pointer.graph), pointer);
      }
      return;
    }
    if (this.#pointerId !== undefined && event.pointerId !== this.#pointerId) return;
    const [x, y] = this.#press?.screen ?? [0, 0];
    const away = Math.hypot(event.clientX - this.#origin[0] - x, event.clientY - this.#origin[1] - y);
    this.#travelled = Math.max(this.#travelled, away);
    if (this.#travelled >= CLICK_PIXELS * 2) clearTimeout(this.#longPress);
    if (this.#travelled >= CLICK_PIXELS) this.#menuTaken = true;
    this.#aside?.move(this.#pointer(event, touch));
    gesture.move(this.#pointer(event, touch));
    if (gesture.drifts === true) this.host.desk.redraw();
  }

  #up(event: PointerEvent): void {
    this.#fingers.delete(event.pointerId);
    const gesture = this.#gesture;
    if (gesture === undefined || event.pointerId !== this.#pointerId) return;
    clearTimeout(this.#longPress);
    const pointer = this.#pointer(event, event.pointerType === "touch");
    if (this.root.hasPointerCapture(event.pointerId)) this.root.releasePointerCapture(event.pointerId);
    this.#pointerId = undefined;
    const pushed = this.#aside !== undefined && !(pointer.touch && pointer.travelled < CLICK_PIXELS);
    this.#aside = undefined;
    if (pushed) return;
    // Ended before it acts: what it does to the document must not look like a change from outside.
    this.#gesture = undefined;
    if (gesture.release(pointer) === true) this.#gesture = gesture;
    else this.#press = undefined;
    this.host.gestureChanged(this.#gesture);
  }

  #cancelled(event: PointerEvent): void {
    this.#fingers.delete(event.pointerId);
    if (event.pointerId === this.#pointerId) this.cancel();
  }

  #pressedLong(press: Press): void {
    if (this.#travelled >= CLICK_PIXELS * 2) return;
    this.cancel();
    this.host.menu(press.hit, press);
  }

  #pinch(event: PointerEvent): void {
    const before = [...this.#fingers.values()];
    if (!this.#fingers.has(event.pointerId)) return;
    this.#fingers.set(event.pointerId, [event.clientX - this.#origin[0], event.clientY - this.#origin[1]]);
    const after = [...this.#fingers.values()];
    if (distanceOf(before) <= 0) return;
    this.host.moving();
    this.host.desk.look(pinchedCamera(this.host.desk.camera, before, after));
  }

  /** The browser scrolls to what takes the focus. Here that is a movement of the camera, or all that is drawn and picked would be beside it. */
  #scrolled(): void {
    const { scrollLeft, scrollTop } = this.root;
    if (scrollLeft === 0 && scrollTop === 0) return;
    this.root.scrollTo({ left: 0, top: 0, behavior: "instant" });
    const { desk } = this.host;
    desk.look(panned(desk.camera, -scrollLeft, -scrollTop));
  }

  #turned(event: WheelEvent): void {
    // A focused text field or number keeps the wheel; ctrl would zoom the page.
    const focused = event.target instanceof Element ? event.target.closest(TYPING) : null;
    if (event.defaultPrevented || (focused !== null && focused === document.activeElement && !event.ctrlKey)) return;
    event.preventDefault();
    const meaning = this.#wheel.read(event);
    const { desk } = this.host;
    this.host.moving();
    const at: Point = [event.clientX - this.#origin[0], event.clientY - this.#origin[1]];
    if (meaning.kind === "zoom") desk.look(zoomed(desk.camera, desk.camera.zoom * meaning.factor, at));
    else desk.look(panned(desk.camera, meaning.by[0], meaning.by[1]));
    if (this.#gesture !== undefined) this.#gesture.move(this.#pointer(event, false));
  }

  #twice(event: MouseEvent): void {
    if (this.#isOwn(event) || this.#gesture !== undefined) return;
    const pointer = this.#pointer(event, false);
    this.host.doubleClicked(this.host.desk.pick(pointer.graph), pointer);
  }

  #menu(event: MouseEvent): void {
    if (event.target instanceof Element && event.target.closest(TYPING) !== null) return;
    event.preventDefault();
    if (this.#menuTaken || this.#gesture !== undefined) return;
    this.#locate();
    const pointer = this.#pointer(event, false);
    this.host.menu(this.host.desk.pick(pointer.graph), pointer);
  }

  #keyDown(event: KeyboardEvent): void {
    if (event.code === "Escape" && this.#gesture !== undefined) {
      this.cancel();
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (event.target instanceof Element && event.target.closest(TYPING) !== null) return;
    if (this.#gesture?.key?.(event.code) === true) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    // With Ctrl or Meta held, letters are commands, and macOS tells no keyup for them.
    if (event.ctrlKey || event.metaKey) return;
    this.#keys.add(event.code);
    if (event.code === "Space" && (event.target === document.body || this.root.contains(event.target as Node)) && !this.#isOwn(event)) {
      event.preventDefault();
      this.host.gestureChanged(this.#gesture);
    }
  }

  #keyUp(event: KeyboardEvent): void {
    this.#keys.delete(event.code);
    if (event.code === "Space") this.host.gestureChanged(this.#gesture);
  }

  #blurred(): void {
    this.#keys.clear();
    this.#fingers.clear();
    this.cancel();
  }

  /** Whether a key is held, as `event.code`. */
  holds(code: string): boolean {
    return this.#keys.has(code);
  }
}
