/** Who moves the camera: gestures at once, commands by a short flight, others through the editor. */

import type { Editor } from "../core/editor";
import type { Camera, NodeId, Size } from "../core/types";
import { centred, fitted, sameCamera, visible, zoomed } from "./camera";
import { Flight } from "./flight";
import type { GraphModel } from "./model";
import { around, covers, middle } from "./rect";

/** So long after the last change of the camera a movement counts as over. */
export const SETTLE_MS = 140;
/** A node is revealed at no less than this zoom, at which its text can be read. */
const REVEAL_ZOOM = 0.85;

export class Pilot {
  #flight: Flight | undefined;
  #flying = false;
  #movedAt = -Infinity;
  viewport: Size = [1, 1];

  /** jumped: the camera has come to rest somewhere else; request: a frame is needed */
  constructor(
    readonly editor: Editor,
    readonly model: GraphModel,
    readonly jumped: () => void,
    readonly request: () => void,
  ) {}

  /** Milliseconds since the camera last changed. */
  get rest(): number {
    return performance.now() - this.#movedAt;
  }

  /** Goes there at once. */
  look(camera: Camera): void {
    if (!sameCamera(camera, this.editor.camera)) this.editor.look(camera);
  }

  /** Someone has set the camera. Whoever that is means it: a flight on its way would fight it. */
  moved(): void {
    if (!this.#flying) this.stop();
    this.#movedAt = performance.now();
  }

  /** Gives a flight up where it is. */
  stop(): void {
    this.#flight = undefined;
  }

  fly(to: Camera, smooth: boolean): void {
    if (!smooth || this.viewport[0] <= 1) {
      this.stop();
      this.look(to);
      this.jumped();
      return;
    }
    this.#flight = new Flight(this.editor.camera, to);
    this.request();
  }

  /** One frame of a flight. */
  advance(now: number): void {
    const flight = this.#flight;
    if (flight === undefined) return;
    const { camera, arrived } = flight.at(now, this.viewport);
    this.#flying = true;
    this.look(camera);
    this.#flying = false;
    if (arrived) {
      this.#flight = undefined;
      this.jumped();
    } else this.request();
  }

  fit(ids: Iterable<NodeId> | undefined, smooth: boolean): void {
    const box = ids === undefined ? this.model.bounds : around([...ids].flatMap((id) => this.model.nodes.get(id)?.rect ?? []));
    if (box !== undefined) this.fly(fitted(box, this.viewport), smooth);
  }

  reveal(id: NodeId, smooth: boolean): void {
    const rect = this.model.nodes.get(id)?.rect;
    if (rect === undefined) return;
    const { camera } = this.editor;
    if (camera.zoom >= 0.5 && covers(visible(camera, this.viewport, -0.02), rect)) return;
    this.fly(centred(middle(rect), Math.max(camera.zoom, REVEAL_ZOOM), this.viewport), smooth);
  }

  zoomTo(zoom: number, smooth: boolean): void {
    this.fly(zoomed(this.editor.camera, zoom, [this.viewport[0] / 2, this.viewport[1] / 2]), smooth);
  }
}
