"""Latents: the small, compressed form of pictures that models work on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from darkroom import diffusion
from darkroom.diffusion.sizes import LATENT_FACTOR, fit_latent, times, whole
from darkroom.engine.define import Int, node
from darkroom.engine.facts import Facts, Trouble
from nodes.known import Given, channel_troubles, facts, family_troubles, passed, size_troubles, value
from nodes.wires import (
    LARGEST_SIDE,
    BatchSize,
    Crop,
    Factor,
    Image,
    Latent,
    LatentMethod,
    LatentSide,
    Mask,
    Offset,
    Vae,
)

LATENT_CHANNELS = 4

UpscaledSide = Annotated[int, Int(min=0, max=LARGEST_SIDE, step=8)]
Growth = Annotated[int, Int(min=0, max=64, step=1)]


def in_latent(side: int | None) -> int | None:
    """Pixels, of those on a side, that a latent can hold."""
    return None if side is None else whole(side)


def emptied(given: Given) -> tuple[Facts, ...]:
    width, height = in_latent(value(given, "width")), in_latent(value(given, "height"))
    return (Facts("LATENT", channels=LATENT_CHANNELS, width=width, height=height, batch=value(given, "batch_size")),)


def odd_sides(given: Given) -> Iterator[Trouble]:
    for name in ("width", "height"):
        side = value(given, name)
        if side is not None and side % LATENT_FACTOR:
            yield Trouble(
                name,
                f"{side} is none",
                f"a multiple of {LATENT_FACTOR}",
                f"the picture will have {whole(side)}, so choose that or {side + -side % LATENT_FACTOR}",
                warning=True,
            )


@node("EmptyLatentImage", category="latent", display_name="Empty Latent Image", facts=emptied, troubles=odd_sides)
def empty_latent(*, width: LatentSide = 512, height: LatentSide = 512, batch_size: BatchSize = 1) -> Latent:
    """Begin with nothing: an empty latent for the sampler to fill.

    width, height: of the picture, in pixels
    batch_size: how many pictures to make at once
    """
    return diffusion.latents.empty(width, height, batch_size)


def decoded(given: Given) -> tuple[Facts, ...]:
    known = facts(given, "samples")
    return (Facts("IMAGE", width=known.width, height=known.height, batch=known.batch),)


def decoding_troubles(given: Given) -> Iterator[Trouble]:
    yield from channel_troubles(given, "samples", "vae")
    yield from family_troubles(given, "vae", "VAE", facts(given, "vae"), "samples", warning=True)


@node("VAEDecode", category="latent", display_name="VAE Decode", facts=decoded, troubles=decoding_troubles)
def decode(samples: Latent, vae: Vae) -> Image:
    """Turn a latent into a picture.

    vae: of the checkpoint that made the latent
    """
    return vae.decode(samples["samples"])


def encoded(given: Given) -> tuple[Facts, ...]:
    pixels, vae = facts(given, "pixels"), facts(given, "vae")
    return (
        Facts(
            "LATENT",
            family=vae.family,
            channels=vae.channels,
            width=in_latent(pixels.width),
            height=in_latent(pixels.height),
            batch=pixels.batch,
            source=vae.source,
        ),
    )


@node("VAEEncode", category="latent", display_name="VAE Encode", facts=encoded)
def encode(pixels: Image, vae: Vae) -> Latent:
    """Turn a picture into a latent, for the sampler to start from.

    vae: of the checkpoint that will sample it
    """
    return {"samples": vae.encode(pixels)}


@node(
    "VAEEncodeForInpaint",
    category="latent/inpaint",
    display_name="VAE Encode (for Inpainting)",
    facts=encoded,
    troubles=lambda given: size_troubles(given, "mask", "pixels"),
)
def encode_for_inpaint(pixels: Image, vae: Vae, mask: Mask, *, grow_mask_by: Growth = 6) -> Latent:
    """Turn a picture into a latent whose masked part is blank, for the sampler to fill anew.

    mask: 1 where the picture shall change
    grow_mask_by: pixels by which the changed part reaches beyond the mask, to hide the seam
    """
    return diffusion.latents.encode_for_inpaint(vae, pixels, mask, grow_mask_by)


@node(
    "SetLatentNoiseMask",
    category="latent/inpaint",
    display_name="Set Latent Noise Mask",
    facts=passed("samples"),
    troubles=lambda given: size_troubles(given, "mask", "samples"),
)
def set_noise_mask(samples: Latent, mask: Mask) -> Latent:
    """Let the sampler change a latent only where a mask is.

    mask: 1 where the picture shall change
    """
    return diffusion.latents.set_noise_mask(samples, mask)


def fitted(width: int, height: int, of: Facts) -> tuple[int | None, int | None]:
    """The size that a latent is scaled to, where it can be known."""
    if 0 in (width, height) and None in (of.width, of.height):
        return None, None
    return fit_latent(width, height, (of.width or 0, of.height or 0))


def upscaled(given: Given) -> tuple[Facts, ...]:
    known, width, height = facts(given, "samples"), value(given, "width"), value(given, "height")
    sides = (None, None) if width is None or height is None else fitted(width, height, known)
    return (replace(known, width=sides[0], height=sides[1]),)


@node("LatentUpscale", category="latent", display_name="Upscale Latent", facts=upscaled)
def upscale(
    samples: Latent,
    *,
    upscale_method: LatentMethod = "nearest-exact",
    width: UpscaledSide = 512,
    height: UpscaledSide = 512,
    crop: Crop = "disabled",
) -> Latent:
    """Resize a latent; sample it again with denoise below 1 to add detail.

    upscale_method: how new values are found between the old ones
    width, height: of the picture, in pixels; 0 keeps the aspect ratio
    crop: "center" cuts off what does not fit, "disabled" stretches
    """
    return diffusion.latents.upscale(samples, upscale_method, width, height, crop)


def upscaled_by(given: Given) -> tuple[Facts, ...]:
    known, factor = facts(given, "samples"), value(given, "scale_by", (int, float))
    if factor is None or known.width is None or known.height is None:
        return (replace(known, width=None, height=None),)
    width, height = (times(side // LATENT_FACTOR, factor) * LATENT_FACTOR for side in (known.width, known.height))
    return (replace(known, width=width, height=height),)


@node("LatentUpscaleBy", category="latent", display_name="Upscale Latent By", facts=upscaled_by)
def upscale_by(samples: Latent, *, upscale_method: LatentMethod = "nearest-exact", scale_by: Factor = 1.5) -> Latent:
    """Resize a latent by a factor; sample it again with denoise below 1 to add detail.

    upscale_method: how new values are found between the old ones
    """
    return diffusion.latents.upscale_by(samples, upscale_method, scale_by)


def composite_troubles(given: Given) -> Iterator[Trouble]:
    below, above = facts(given, "samples_to"), facts(given, "samples_from")
    if below.channels is not None and above.channels is not None and below.channels != above.channels:
        yield Trouble(
            "samples_from",
            f"this latent has {above.channels} channels",
            f"{below.channels}, as samples_to has",
            "take both from models of one family",
        )


@node(
    "LatentComposite",
    category="latent",
    display_name="Latent Composite",
    order="samples_to samples_from x y feather",
    facts=passed("samples_to"),
    troubles=composite_troubles,
)
def composite(samples_to: Latent, samples_from: Latent, *, x: Offset = 0, y: Offset = 0, feather: Offset = 0) -> Latent:
    """Lay one latent over another.

    samples_to: the lower one
    samples_from: the upper one
    x, y: of its upper left corner, in pixels
    feather: pixels over which its edges fade
    """
    return diffusion.latents.composite(samples_to, samples_from, x, y, feather)
