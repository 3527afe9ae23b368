/** Zoom and place of a picture in a window: fitting, zooming to a point, and never out of sight. Pure. */

export type Pair = readonly [x: number, y: number];

/** zoom: pixels of the screen per pixel of the picture, undefined while it fits the window; shift: from the middle */
export interface Stand {
  readonly zoom: number | undefined;
  readonly shift: Pair;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export const FITTED: Stand = { zoom: undefined, shift: [0, 0] };
export const LEAST = 0.02;
export const MOST = 64;
/** So much of a picture stays in the window. */
const KEPT = 48;
/** From this zoom on pixels are shown as squares. */
export const SHARP = 2;

/** The zoom at which a picture just fits; small ones are not blown up beyond a whole factor of 8. */
export function fitZoom(window: Pair, picture: Pair): number {
  if (picture[0] <= 0 || picture[1] <= 0 || window[0] <= 0 || window[1] <= 0) return 1;
  const most = Math.min(window[0] / picture[0], window[1] / picture[1]);
  return Math.min(8, most);
}

export function zoomOf(stand: Stand, window: Pair, picture: Pair): number {
  return stand.zoom ?? fitZoom(window, picture);
}

/** Where the picture is in the window. */
export function boxOf(stand: Stand, window: Pair, picture: Pair): Box {
  const zoom = zoomOf(stand, window, picture);
  const [width, height] = [picture[0] * zoom, picture[1] * zoom];
  return { left: (window[0] - width) / 2 + stand.shift[0], top: (window[1] - height) / 2 + stand.shift[1], width, height };
}

/** Zooms by a factor; the point of the picture at `at` (from the window's corner) stays there. */
export function zoomedAt(stand: Stand, factor: number, at: Pair, window: Pair, picture: Pair): Stand {
  const before = zoomOf(stand, window, picture);
  const zoom = Math.min(MOST, Math.max(LEAST, before * factor));
  const ratio = zoom / before;
  const [x, y] = [at[0] - window[0] / 2, at[1] - window[1] / 2];
  return kept({ zoom, shift: [x - (x - stand.shift[0]) * ratio, y - (y - stand.shift[1]) * ratio] }, window, picture);
}

/** Moves the picture. */
export function moved(stand: Stand, by: Pair, window: Pair, picture: Pair): Stand {
  const zoom = zoomOf(stand, window, picture);
  return kept({ zoom: stand.zoom ?? zoom, shift: [stand.shift[0] + by[0], stand.shift[1] + by[1]] }, window, picture);
}

function kept({ zoom, shift }: Stand, window: Pair, picture: Pair): Stand {
  const clamp = (value: number, room: number, size: number): number => {
    const most = Math.max(0, (room + size * (zoom ?? 1)) / 2 - KEPT);
    return Math.min(most, Math.max(-most, value));
  };
  return { zoom, shift: [clamp(shift[0], window[0], picture[0]), clamp(shift[1], window[1], picture[1])] };
}

/** Two fingers: how far they spread, and where their middle is. */
export function spread(a: Pair, b: Pair): { readonly distance: number; readonly middle: Pair } {
  return { distance: Math.hypot(a[0] - b[0], a[1] - b[1]), middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] };
}
