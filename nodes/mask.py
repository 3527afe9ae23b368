"""Masks: where to act, white = here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from darkroom import diffusion
from darkroom.engine.define import Choice, FileChoice, Int, Toggle, node
from darkroom.engine.facts import Facts
from nodes.image import loaded_facts, picture_troubles
from nodes.known import Given, facts, passed, value
from nodes.wires import LARGEST_SIDE, Fraction, Image, Mask, PixelSide

MaskFile = Annotated[Path, FileChoice("input", upload=True)]
FileChannel = Annotated[str, Choice(["alpha", "red", "green", "blue"])]
Channel = Annotated[str, Choice(["red", "green", "blue", "alpha"], old_combo=False, multiselect=False)]
Expansion = Annotated[int, Int(min=-LARGEST_SIDE, max=LARGEST_SIDE, step=1)]
Corners = Annotated[bool, Toggle()]


def channel_facts(given: Given) -> tuple[Facts, ...]:
    known, _ = loaded_facts(given)
    return (Facts("MASK", width=known.width, height=known.height, batch=1 if known.batch else None),)


@node(
    "LoadImageMask",
    category="mask",
    display_name="Load Image (as Mask)",
    facts=channel_facts,
    troubles=picture_troubles,
)
def load_mask(*, image: MaskFile, channel: FileChannel = "alpha") -> Mask:
    """Load one channel of a picture in the input folder as a mask.

    channel: "alpha" gives 1 where the picture is transparent, a colour gives 1 where it is bright
    """
    mask: Mask = diffusion.masks.load(image, channel)
    return mask


def drawn(given: Given) -> tuple[Facts, ...]:
    known = facts(given, "mask")
    return (Facts("IMAGE", width=known.width, height=known.height, batch=known.batch),)


@node("MaskToImage", category="mask", display_name="Convert Mask to Image", facts=drawn)
def mask_to_image(mask: Mask) -> Image:
    """Make a grey picture of a mask: black 0, white 1."""
    return diffusion.masks.to_image(mask)


def taken(given: Given) -> tuple[Facts, ...]:
    known = facts(given, "image")
    return (Facts("MASK", width=known.width, height=known.height, batch=known.batch),)


@node("ImageToMask", category="mask", display_name="Convert Image to Mask", facts=taken)
def image_to_mask(image: Image, *, channel: Channel) -> Mask:
    """Take one channel of a picture as a mask."""
    return diffusion.masks.from_image(image, channel)


@node("InvertMask", category="mask", facts=passed("mask"))
def invert_mask(mask: Mask) -> Mask:
    """Select what was not selected."""
    return diffusion.masks.invert(mask)


def made(given: Given) -> tuple[Facts, ...]:
    return (Facts("MASK", width=value(given, "width"), height=value(given, "height"), batch=1),)


@node("SolidMask", category="mask", facts=made)
def solid_mask(*, value: Fraction = 1.0, width: PixelSide = 512, height: PixelSide = 512) -> Mask:
    """Make a mask of one value.

    value: 1 selects everything, 0 nothing
    """
    return diffusion.masks.solid(value, width, height)


@node("GrowMask", category="mask", display_name="Grow Mask", facts=passed("mask"))
def grow_mask(mask: Mask, *, expand: Expansion = 0, tapered_corners: Corners = True) -> Mask:
    """Widen a mask, or narrow it.

    expand: pixels; negative narrows
    tapered_corners: grow less across corners, so that they become slanted
    """
    return diffusion.masks.grow(mask, expand, tapered_corners)
