"""Pictures of another size."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from darkroom import diffusion
from darkroom.diffusion.sizes import fit, times
from darkroom.engine.define import Int, node
from darkroom.engine.facts import Facts
from nodes.known import Given, facts, value
from nodes.wires import LARGEST_SIDE, Crop, Factor, Image, ImageMethod

ScaledSide = Annotated[int, Int(min=0, max=LARGEST_SIDE, step=1)]


def scaled(given: Given) -> tuple[Facts, ...]:
    known, width, height = facts(given, "image"), value(given, "width"), value(given, "height")
    if width is None or height is None:
        return (replace(known, width=None, height=None),)
    if 0 in (width, height) and None in (known.width, known.height):
        return (replace(known, width=width or None, height=height or None),)
    width, height = fit(width, height, (known.width or 0, known.height or 0))
    return (replace(known, width=width, height=height),)


@node("ImageScale", category="image/upscaling", display_name="Upscale Image", facts=scaled)
def scale(
    image: Image,
    *,
    upscale_method: ImageMethod = "nearest-exact",
    width: ScaledSide = 512,
    height: ScaledSide = 512,
    crop: Crop = "disabled",
) -> Image:
    """Resize a picture to a size in pixels.

    upscale_method: "lanczos" is sharpest, "area" best for making it much smaller
    width, height: 0 keeps the aspect ratio
    crop: "center" cuts off what does not fit, "disabled" stretches
    """
    return diffusion.images.scale(image, width, height, upscale_method, crop)


def scaled_by(given: Given) -> tuple[Facts, ...]:
    known, factor = facts(given, "image"), value(given, "scale_by", (int, float))
    if factor is None or known.width is None or known.height is None:
        return (replace(known, width=None, height=None),)
    return (replace(known, width=times(known.width, factor), height=times(known.height, factor)),)


@node("ImageScaleBy", category="image/upscaling", display_name="Upscale Image By", facts=scaled_by)
def scale_by(image: Image, *, upscale_method: ImageMethod = "nearest-exact", scale_by: Factor = 1.0) -> Image:
    """Resize a picture by a factor.

    upscale_method: "lanczos" is sharpest, "area" best for making it much smaller
    """
    return diffusion.images.scale_by(image, scale_by, upscale_method)
