/** Tags of hidden links: a stub of the wire in its colour, and where it goes on. */

import { grown, overlaps } from "../rect";
import { TAG_TEXT, TAG_ZOOM, type Tag } from "../tags";
import { inGraph, type Brush } from "./brush";
import { clipped, widthOf } from "./text";

/** Draws the tags that can be seen; far away a dash of the wire is all there is. */
export function paintTags(brush: Brush): void {
  const { model, look } = brush;
  if (model.linksShown === "none") return;
  for (const tag of model.tags) {
    if (look.hiddenNodes.has(tag.node) || look.hiddenLinks.has(tag.link) || !overlaps(grown(tag.rect, 16), brush.rect)) continue;
    paintTag(brush, tag);
  }
}

function paintTag(brush: Brush, { rect, socket, atSource, text, type, link }: Tag): void {
  const { ctx, theme, zoom, look } = brush;
  const colour = theme.socket(type);
  const lit = look.litLinks?.has(link) ?? false;
  const far = zoom < TAG_ZOOM;
  inGraph(brush);
  ctx.strokeStyle = colour;
  ctx.lineWidth = far ? 1.5 / zoom : 2;
  ctx.globalAlpha = far ? 0.7 : 1;
  ctx.beginPath();
  ctx.moveTo(socket[0], socket[1]);
  ctx.lineTo(atSource ? rect.x : rect.x + rect.width, socket[1]);
  ctx.stroke();
  ctx.globalAlpha = 1;
  if (far) return;
  ctx.beginPath();
  ctx.roundRect(rect.x, rect.y, rect.width, rect.height, rect.height / 2);
  ctx.fillStyle = theme.raised;
  ctx.fill();
  ctx.lineWidth = lit ? 2 : 1;
  ctx.stroke();
  ctx.font = `500 ${TAG_TEXT}px ${theme.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = theme.text;
  ctx.fillText(text === "→" ? text : clipped(text, rect.width - 8, (each) => widthOf(ctx, each)), rect.x + rect.width / 2, rect.y + rect.height / 2 + 0.5);
}
