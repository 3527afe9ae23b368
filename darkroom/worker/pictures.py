"""Pictures for eyes: previews and thumbnails, encoded."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from darkroom import diffusion, files
from darkroom.diffusion.families.table import FAMILIES

PREVIEW_QUALITY = 95
FALLBACK_FAMILY = "sd1"
"""A latent on a wire does not say of which family it is; with four channels it most likely is of this one."""


def jpeg(picture: Image.Image, longest: int) -> bytes:
    """A JPEG file of a picture, shrunk so that neither side is longer than `longest` pixels."""
    file = io.BytesIO()
    shrunk(picture.convert("RGB"), longest).save(file, "JPEG", quality=PREVIEW_QUALITY)
    return file.getvalue()


def png(picture: Image.Image, longest: int | None = None) -> bytes:
    """A PNG file of a picture, shrunk if `longest` says so."""
    file = io.BytesIO()
    (picture if longest is None else shrunk(picture, longest)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def shrunk(picture: Image.Image, longest: int) -> Image.Image:
    """The picture, or a smaller one of the same proportions."""
    scale = longest / max(picture.size)
    if scale >= 1:
        return picture
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return picture.resize(size, Image.Resampling.BILINEAR)


def thumbnail(type: str, value: Any, longest: int) -> bytes:
    """A PNG file of the first picture in the value of a wire; empty where a value of its type is no picture.

    type: "IMAGE" (batch, height, width, channels), "MASK" ((batch,) height, width) or "LATENT"
    """
    if type == "LATENT":
        return png(_of_latent(value["samples"]), longest)
    if type == "IMAGE":
        pixels = value[0] if value.ndim == 4 else value
    elif type == "MASK":
        pixels = (value[0] if value.ndim == 3 else value)[..., None]
    else:
        return b""
    return png(files.save.to_picture(pixels.detach().cpu().float().numpy()), longest)


def _of_latent(samples: Any) -> Image.Image:
    family = FAMILIES[FALLBACK_FAMILY]
    return diffusion.preview.picture(samples.detach().float().cpu() * family.latent_scale, family.colours)
