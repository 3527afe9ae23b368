/** Where the picture is on the screen. */

import type { Extent, Rect, Spot } from "./raster";

/** screen = picture * scale + (x, y) */
export interface Look {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

const LEAST = 0.02;
const MOST = 32;
/** Around a picture that fits. */
const MARGIN = 24;
/** So much of the picture stays in sight. */
const KEPT = 48;

/** As large as the window takes, in its middle. */
export function fitted(picture: Extent, room: Extent): Look {
  const scale = bounded(Math.min((room.width - 2 * MARGIN) / picture.width, (room.height - 2 * MARGIN) / picture.height, 8));
  return centred(picture, room, scale);
}

export function centred(picture: Extent, room: Extent, scale: number): Look {
  return { scale, x: Math.round((room.width - picture.width * scale) / 2), y: Math.round((room.height - picture.height * scale) / 2) };
}

/** Larger or smaller, with the point of the screen staying over the same pixel. */
export function zoomed(look: Look, factor: number, at: Spot): Look {
  const scale = bounded(look.scale * factor);
  const ratio = scale / look.scale;
  return { scale, x: at.x - (at.x - look.x) * ratio, y: at.y - (at.y - look.y) * ratio };
}

/** Moved, but never out of sight. */
export function moved(look: Look, dx: number, dy: number, picture: Extent, room: Extent): Look {
  const x = between(look.x + dx, KEPT - picture.width * look.scale, room.width - KEPT);
  const y = between(look.y + dy, KEPT - picture.height * look.scale, room.height - KEPT);
  return { ...look, x, y };
}

export function toPicture(look: Look, at: Spot): Spot {
  return { x: (at.x - look.x) / look.scale, y: (at.y - look.y) / look.scale };
}

export function toScreen(look: Look, at: Spot): Spot {
  return { x: at.x * look.scale + look.x, y: at.y * look.scale + look.y };
}

/** The part of the screen that shows a rectangle of the picture, in whole pixels and with one around. */
export function screenRect(look: Look, rect: Rect): Rect {
  const x = Math.floor(rect.x * look.scale + look.x) - 1;
  const y = Math.floor(rect.y * look.scale + look.y) - 1;
  const right = Math.ceil((rect.x + rect.width) * look.scale + look.x) + 1;
  const bottom = Math.ceil((rect.y + rect.height) * look.scale + look.y) + 1;
  return { x, y, width: right - x, height: bottom - y };
}

function bounded(scale: number): number {
  return between(scale, LEAST, MOST);
}

function between(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, Math.min(least, most)), Math.max(least, most));
}
