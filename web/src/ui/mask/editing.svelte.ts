/** The state of an open mask editor: what is painted, with which tool, and which part of it is seen. */

import { t } from "../texts";
import type { MaskAct } from "./acts";
import { feather } from "./blur";
import { Hand, TOOLS, type Touch } from "./hand";
import { centred, fitted, moved, toPicture, toScreen, zoomed, type Look } from "./look";
import { grow, invert, shrink } from "./morph";
import type { Opened } from "./opening";
import { Painting } from "./painting";
import { wholeOf, type Extent, type Plane, type Rect, type Spot } from "./raster";
import type { Screen } from "./screen";
import { MaskSettings, VIEWS } from "./settings.svelte";

const ZOOM_STEP = 1.25;
/** Pixels of the screen within which a corner is met. */
const NEAR = 6;

export class MaskEditing {
  readonly opened: Opened;
  readonly settings = new MaskSettings().recall();
  readonly painting: Painting;
  readonly hand: Hand;
  look = $state.raw<Look>({ scale: 1, x: 0, y: 0 });
  room = $state.raw<Extent>({ width: 0, height: 0 });
  canUndo = $state(false);
  canRedo = $state(false);
  /** Goes up with every step that has come to an end. */
  steps = $state(0);
  /** For screen readers. */
  said = $state("");
  /** The cross of the keyboard, in pixels of the picture. */
  cursor = $state.raw<Spot | undefined>(undefined);
  #screen: Screen | undefined;
  #seen = false;

  constructor(opened: Opened) {
    this.opened = opened;
    this.painting = new Painting(opened.mask, (rect) => this.#screen?.soil(rect));
    this.hand = new Hand(this.painting, opened.pixels, () => this.settings);
  }

  get extent(): Extent {
    return this.opened.mask;
  }

  attach(screen: Screen): void {
    this.#screen = screen;
    screen.tooFine = () => (this.said = t("mask.saidTooFine"));
  }

  /** Follows the window: what fitted fits again, and anything else keeps its middle. */
  resize(room: Extent): void {
    const before = this.room;
    this.room = room;
    const fits = fitted(this.extent, before);
    if (!this.#seen || (fits.scale === this.look.scale && fits.x === this.look.x && fits.y === this.look.y)) {
      this.#seen = true;
      this.fit();
    } else this.look = moved(this.look, (room.width - before.width) / 2, (room.height - before.height) / 2, this.extent, room);
  }

  fit(): void {
    this.look = fitted(this.extent, this.room);
  }

  actual(): void {
    this.look = centred(this.extent, this.room, 1);
  }

  pan(dx: number, dy: number): void {
    this.look = moved(this.look, dx, dy, this.extent, this.room);
  }

  zoom(factor: number, at: Spot = { x: this.room.width / 2, y: this.room.height / 2 }): void {
    this.look = moved(zoomed(this.look, factor, at), 0, 0, this.extent, this.room);
  }

  toPicture(at: Spot): Spot {
    return toPicture(this.look, at);
  }

  toScreen(at: Spot): Spot {
    return toScreen(this.look, at);
  }

  press(at: Touch, straight = false): void {
    this.hand.press(at, { straight });
  }

  lift(): void {
    this.hand.release(NEAR / this.look.scale);
    this.settled();
  }

  /** A step has come to an end. */
  settled(): void {
    this.canUndo = this.painting.history.canUndo;
    this.canRedo = this.painting.history.canRedo;
    this.steps += 1;
    this.#screen?.settle();
  }

  change(work: (mask: Plane) => Rect | undefined): void {
    this.hand.cancel();
    this.painting.change(work);
    this.settled();
  }

  undo(): void {
    if (!this.hand.cancel()) this.painting.undo();
    this.said = t("mask.saidUndone");
    this.settled();
  }

  redo(): void {
    this.hand.cancel();
    this.painting.redo();
    this.said = t("mask.saidRedone");
    this.settled();
  }

  /** Does what keys and buttons ask for; false of what is not its own: saving and closing. */
  act(act: MaskAct): boolean {
    const { settings } = this;
    const tool = TOOLS.find((each) => each === act);
    if (tool) {
      if (tool !== settings.tool) this.hand.cancel();
      settings.tool = tool;
      this.said = t("mask.saidTool", { tool: t(`mask.${tool}`) });
      return true;
    }
    const done = this.#whole(act) || this.#seeing(act) || this.#setting(act);
    settings.remember();
    return done;
  }

  #whole(act: MaskAct): boolean {
    const { settings } = this;
    if (act === "undo") this.undo();
    else if (act === "redo") this.redo();
    else if (act === "invert") this.change(invert);
    else if (act === "all") this.change((mask) => filled(mask, 255));
    else if (act === "clear") this.change((mask) => filled(mask, 0));
    else if (act === "feather") this.change((mask) => feather(mask, settings.feather));
    else if (act === "grow") this.change((mask) => grow(mask, settings.growth));
    else if (act === "shrink") this.change((mask) => shrink(mask, settings.growth));
    else return false;
    return true;
  }

  #seeing(act: MaskAct): boolean {
    const { settings } = this;
    if (act === "fit") this.fit();
    else if (act === "actual") this.actual();
    else if (act === "zoomIn") this.zoom(ZOOM_STEP, this.cursor && this.toScreen(this.cursor));
    else if (act === "zoomOut") this.zoom(1 / ZOOM_STEP, this.cursor && this.toScreen(this.cursor));
    else if (act === "view") {
      settings.view = VIEWS[(VIEWS.indexOf(settings.view) + 1) % VIEWS.length] ?? "tint";
      this.said = t(`mask.${settings.view}`);
    } else return false;
    return true;
  }

  #setting(act: MaskAct): boolean {
    const { settings } = this;
    if (act === "smaller") settings.resize(-1);
    else if (act === "larger") settings.resize(1);
    else if (act === "softer") settings.harden(-0.1);
    else if (act === "harder") settings.harden(0.1);
    else if (act === "fainter") settings.strengthen(-0.1);
    else if (act === "stronger") settings.strengthen(0.1);
    else if (act === "pressure") settings.pressure = !settings.pressure;
    else if (act === "removes") settings.removes = !settings.removes;
    else return false;
    return true;
  }
}

function filled(mask: Plane, value: number): Rect {
  mask.data.fill(value);
  return wholeOf(mask);
}
