"""Latents on wires: a dict whose `samples` are (batch, channels, height / 8, width / 8) in the VAE's own space.

Every function gives a new dict; other entries (noise_mask, batch_index) travel on unless said otherwise.
"""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor

from darkroom.diffusion.masks import at_size, flat, grow_for_inpaint
from darkroom.diffusion.resize import repeated, resize
from darkroom.diffusion.sizes import LATENT_FACTOR, fit_latent, times

Latent = dict[str, Any]


def empty(width: int, height: int, batch_size: int, channels: int = 4) -> Latent:
    """Zeros for a picture of width x height pixels."""
    return {"samples": torch.zeros((batch_size, channels, height // LATENT_FACTOR, width // LATENT_FACTOR))}


def set_noise_mask(latent: Latent, mask: Tensor) -> Latent:
    """Let the sampler change the latent only where the mask is 1. mask: (batch, height, width), any size"""
    return {**latent, "noise_mask": flat(mask)[:, None].clone()}


def upscale(latent: Latent, method: str, width: int, height: int, crop: str) -> Latent:
    """Resample to a size in pixels; a side of 0 follows from the other one, both 0 leave it as it is."""
    samples: Tensor = latent["samples"]
    if width == 0 and height == 0:
        return latent
    width, height = fit_latent(width, height, (samples.shape[-1] * LATENT_FACTOR, samples.shape[-2] * LATENT_FACTOR))
    return {**latent, "samples": resize(samples, width // LATENT_FACTOR, height // LATENT_FACTOR, method, crop)}


def upscale_by(latent: Latent, method: str, factor: float) -> Latent:
    samples: Tensor = latent["samples"]
    width, height = (times(side, factor) for side in (samples.shape[-1], samples.shape[-2]))
    return {**latent, "samples": resize(samples, width, height, method)}


def composite(to: Latent, source: Latent, x: int, y: int, feather: int) -> Latent:
    """Lay one latent over another; x, y, feather in pixels.

    Feathering fades linearly over the edges of the upper one that do not lie on an edge of the lower one.
    """
    x, y, feather = (pixels // LATENT_FACTOR for pixels in (x, y, feather))
    below: Tensor = to["samples"]
    above: Tensor = source["samples"]
    height = min(above.shape[2], below.shape[2] - y)
    width = min(above.shape[3], below.shape[3] - x)
    if height <= 0 or width <= 0:
        return {**to, "samples": below.clone()}
    above = repeated(above[:, :, :height, :width], below.shape[0])
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


class Encoder(Protocol):
    """What encoding asks of a VAE. factor: pixels per latent cell, along each side."""

    @property
    def factor(self) -> int: ...
    def encode(self, pixels: Tensor) -> Tensor: ...


def encode_for_inpaint(vae: Encoder, pixels: Tensor, mask: Tensor, grow_mask_by: int) -> Latent:
    """Encode pictures whose masked part is blanked to grey, with the widened mask as noise mask.

    pixels: (batch, height, width, channels), cut in the middle to multiples of the VAE's factor
    mask: (any batch, height, width), any size
    """
    height, width = pixels.shape[1:3]
    hole = repeated(at_size(mask, width, height), len(pixels))
    kept_height, kept_width = (side // vae.factor * vae.factor for side in (height, width))
    top, left = (height - kept_height) // 2, (width - kept_width) // 2
    pixels = pixels[:, top : top + kept_height, left : left + kept_width, :3]
    hole = hole[:, :, top : top + kept_height, left : left + kept_width]
    keep = 1.0 - hole.round().movedim(1, -1)
    blanked = (pixels - 0.5) * keep + 0.5
    return {"samples": vae.encode(blanked), "noise_mask": grow_for_inpaint(hole, grow_mask_by)}
