"""Latents on wires: a dict whose `samples` are (batch, channels, height / 8, width / 8) in the VAE's own space.

Every function gives a new dict; other entries (noise_mask, batch_index) travel on unless said otherwise.
"""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor

from darkroom.diffusion.masks import at_size, flat, grow_for_inpaint
from darkroom.diffusion.resize import fit, resize

Latent = dict[str, Any]

FACTOR = 8
"""Pixels per latent pixel, on each side."""

SMALLEST = 64
"""A size in pixels below this is raised to it when a latent is scaled to a given size."""


def empty(width: int, height: int, batch_size: int, channels: int = 4) -> Latent:
    """Zeros for a picture of width x height pixels."""
    return {"samples": torch.zeros((batch_size, channels, height // FACTOR, width // FACTOR))}


def set_noise_mask(latent: Latent, mask: Tensor) -> Latent:
    """Let the sampler change the latent only where the mask is 1. mask: (batch, height, width), any size"""
    return {**latent, "noise_mask": flat(mask)[:, None].clone()}


def upscaled_size(width: int, height: int, of: tuple[int, int]) -> tuple[int, int]:
    """Pixels that `upscale` makes of a latent standing for `of` (width, height) pixels."""
    if width == 0 and height == 0:
        return of
    width, height = (side and max(SMALLEST, side) for side in (width, height))
    width, height = fit(width, height, of)
    return max(SMALLEST, width) // FACTOR * FACTOR, max(SMALLEST, height) // FACTOR * FACTOR


def upscale(latent: Latent, method: str, width: int, height: int, crop: str) -> Latent:
    """Resample to a size in pixels; a side of 0 follows from the other one, both 0 leave it as it is."""
    samples: Tensor = latent["samples"]
    if width == 0 and height == 0:
        return latent
    width, height = upscaled_size(width, height, (samples.shape[-1] * FACTOR, samples.shape[-2] * FACTOR))
    return {**latent, "samples": resize(samples, width // FACTOR, height // FACTOR, method, crop)}


def upscale_by(latent: Latent, method: str, factor: float) -> Latent:
    samples: Tensor = latent["samples"]
    width, height = (max(1, round(side * factor)) for side in (samples.shape[-1], samples.shape[-2]))
    return {**latent, "samples": resize(samples, width, height, method)}


def composite(to: Latent, source: Latent, x: int, y: int, feather: int) -> Latent:
    """Lay one latent over another; x, y, feather in pixels.

    Feathering fades linearly over the edges of the upper one that do not lie on an edge of the lower one.
    """
    x, y, feather = x // FACTOR, y // FACTOR, feather // FACTOR
    below: Tensor = to["samples"]
    above: Tensor = source["samples"]
    height = min(above.shape[2], below.shape[2] - y)
    width = min(above.shape[3], below.shape[3] - x)
    if height <= 0 or width <= 0:
        return {**to, "samples": below.clone()}
    above = repeat_to(above[:, :, :height, :width], below.shape[0])
    inner = (..., slice(y, y + height), slice(x, x + width))
    weight = fade(height, y != 0, y + height < below.shape[2], feather)[:, None]
    weight = (weight * fade(width, x != 0, x + width < below.shape[3], feather)[None, :]).to(below)
    result = below.clone()
    result[inner] = above * weight + below[inner] * (1 - weight)
    return {**to, "samples": result}


def fade(length: int, at_start: bool, at_end: bool, feather: int) -> Tensor:
    """(length,): rises from 1 / feather to 1 at the start, and falls so at the end, where asked."""
    rise = ((torch.arange(length).float() + 1) / max(1, feather)).clamp(max=1)
    weight = torch.ones(length)
    if at_start:
        weight = weight * rise
    if at_end:
        weight = weight * rise.flip(0)
    return weight


def repeat_to(values: Tensor, batch: int) -> Tensor:
    """Repeat or cut a batch to the wanted length."""
    if values.shape[0] == batch:
        return values
    repeats = -(-batch // values.shape[0])
    return values.repeat(repeats, *[1] * (values.dim() - 1))[:batch]


class Encoder(Protocol):
    """What encoding asks of a VAE. factor: pixels per latent cell, along each side."""

    @property
    def factor(self) -> int: ...
    def encode(self, pixels: Tensor) -> Tensor: ...


def encode_for_inpaint(vae: Encoder, pixels: Tensor, mask: Tensor, grow_mask_by: int) -> Latent:
    """Encode pictures whose masked part is blanked to grey, with the widened mask as noise mask.

    pixels: (batch, height, width, channels), cut in the middle to multiples of the VAE's factor
    """
    height, width = pixels.shape[1:3]
    hole = at_size(mask, width, height)
    kept_height, kept_width = (side // vae.factor * vae.factor for side in (height, width))
    top, left = (height - kept_height) // 2, (width - kept_width) // 2
    pixels = pixels[:, top : top + kept_height, left : left + kept_width, :3]
    hole = hole[:, :, top : top + kept_height, left : left + kept_width]
    keep = 1.0 - hole.round().movedim(1, -1)
    blanked = (pixels - 0.5) * keep + 0.5
    return {"samples": vae.encode(blanked), "noise_mask": grow_for_inpaint(hole, grow_mask_by)}
