/** A picture and its mask from the server, and the mask back to it. */

import { setValue } from "../../core/edits";
import { refOfName } from "../parts/pictures";
import { t } from "../texts";
import type { Pixels } from "./fill";
import { maskName, maskValue } from "./names";
import { blackPng } from "./png";
import type { Plane } from "./raster";
import type { PictureServices, Progress } from "./services";
import type { MaskChannel, MaskTarget } from "./work";

/** Pixels up to which masks are painted: a canvas, two covers and the undo of it must fit into a tab. */
const MOST_PIXELS = 36 * 2 ** 20;
const MEGA = 2 ** 20;

export interface Opened {
  /** Its colours, without transparency. */
  readonly picture: ImageBitmap;
  readonly pixels: Pixels;
  /** 255 where the node's mask is 1. */
  readonly mask: Plane;
}

/** Reads what a node's picture looks like and which mask it has now. */
export async function openMask(services: PictureServices | undefined, { value, channel }: MaskTarget): Promise<Opened> {
  if (!services) throw new Error(t("mask.noServer"));
  const ref = refOfName(value);
  const [colours, transparency] = await Promise.all([services.part(ref, "colours"), channel === "alpha" ? services.part(ref, "transparency") : undefined]);
  const picture = await decoded(colours);
  const pixels = pixelsOf(picture);
  const alpha = transparency && pixelsOf(await decoded(transparency));
  return { picture, pixels, mask: maskOf(alpha ?? pixels, channel) };
}

/** The mask in a picture: where it is transparent, or how bright one of its colours is. */
export function maskOf({ width, height, data }: Pixels, channel: MaskChannel): Plane {
  const at = ["red", "green", "blue", "alpha"].indexOf(channel);
  const mask = new Uint8Array(width * height);
  for (let index = 0; index < mask.length; index++) {
    const value = data[4 * index + at] ?? 0;
    mask[index] = channel === "alpha" ? 255 - value : value;
  }
  return { width, height, data: mask };
}

/** Keeps the mask beside the picture, which stays as it is; the text by which a node loads both. */
export async function saveMask(services: PictureServices | undefined, value: string, mask: Plane, progress?: Progress): Promise<string> {
  if (!services) throw new Error(t("mask.noServer"));
  const ref = refOfName(value);
  const png = await blackPng(mask.width, mask.height, mask.data.map((each) => 255 - each));
  return maskValue(await services.uploadMask(new Blob([png], { type: "image/png" }), ref, maskName(ref.filename), progress));
}

/** Gives the node the picture with its new mask, as one edit. */
export function useMask({ editor, graph, node, widget, channel }: MaskTarget, value: string): void {
  editor.document.transact(t("mask.savedLabel"), (change) => {
    setValue(change, graph, node, widget, value);
    // What was painted is in the transparency, wherever the mask was before.
    if (channel !== "alpha") setValue(change, graph, node, "channel", "alpha");
  });
}

async function decoded(file: Blob): Promise<ImageBitmap> {
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  } catch {
    throw new Error(t("mask.noPicture"));
  }
  const count = picture.width * picture.height;
  if (count > MOST_PIXELS) throw new Error(t("mask.tooLarge", { megapixels: Math.round(count / MEGA), most: MOST_PIXELS / MEGA }));
  return picture;
}

function pixelsOf(picture: ImageBitmap): Pixels {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error(t("mask.noPicture"));
  context.drawImage(picture, 0, 0);
  return context.getImageData(0, 0, picture.width, picture.height);
}
