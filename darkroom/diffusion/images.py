"""Pictures on wires: float32 (batch, height, width, channels), 0..1."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import pad

from darkroom.diffusion.resize import resize
from darkroom.diffusion.sizes import fit, times
from darkroom.files.pictures import open_picture

GREY = 0.5
"""What new borders are filled with: it pulls the sampler to neither side."""


def load(path: Path) -> tuple[Tensor, Tensor]:
    """A picture file as image (batch, height, width, 3) and mask (batch, height, width). Raises BadPicture."""
    picture = open_picture(path)
    return torch.from_numpy(picture.pixels), torch.from_numpy(picture.mask)


def scale(image: Tensor, width: int, height: int, method: str, crop: str = "disabled") -> Tensor:
    """Resample pictures; a side of 0 follows from the other one, both 0 leave them as they are."""
    if width == 0 and height == 0:
        return image
    width, height = fit(width, height, (image.shape[2], image.shape[1]))
    return resize(image.movedim(-1, 1), width, height, method, crop).movedim(1, -1)


def scale_by(image: Tensor, factor: float, method: str) -> Tensor:
    """Resample both sides by the same factor; at least one pixel stays."""
    width, height = times(image.shape[2], factor), times(image.shape[1], factor)
    return resize(image.movedim(-1, 1), width, height, method).movedim(1, -1)


def invert(image: Tensor) -> Tensor:
    return 1.0 - image


def batch(first: Tensor, second: Tensor) -> Tensor:
    """One batch of both; the second is brought to the size of the first, and a missing alpha is opaque."""
    channels = max(first.shape[-1], second.shape[-1])
    first, second = (pad(each, (0, channels - each.shape[-1]), value=1.0) for each in (first, second))
    if first.shape[1:3] != second.shape[1:3]:
        second = scale(second, first.shape[2], first.shape[1], "bilinear", "center")
    return torch.cat((first, second))


def empty(width: int, height: int, batch_size: int, color: int) -> Tensor:
    """Pictures of one colour. color: 0xRRGGBB"""
    rgb = torch.tensor([color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF], dtype=torch.float32) / 255
    return rgb.repeat(batch_size, height, width, 1)


def pad_for_outpaint(
    image: Tensor, left: int, top: int, right: int, bottom: int, feathering: int
) -> tuple[Tensor, Tensor]:
    """Add grey borders, and a mask that is 1 there and falls to 0 over `feathering` pixels inside the old picture."""
    count, height, width, channels = image.shape
    grown = torch.full((count, top + height + bottom, left + width + right, channels), GREY, dtype=torch.float32)
    grown[:, top : top + height, left : left + width] = image
    mask = torch.ones((1, top + height + bottom, left + width + right), dtype=torch.float32)
    mask[:, top : top + height, left : left + width] = feather(width, height, (left, top, right, bottom), feathering)
    return grown, mask


def feather(width: int, height: int, added: tuple[int, int, int, int], feathering: int) -> Tensor:
    """(height, width): 1 at a side that something was added to (left, top, right, bottom), 0 from `feathering` inwards.

    A picture of at most twice the feathering is not feathered at all.
    """
    if feathering <= 0 or 2 * feathering >= min(width, height):
        return torch.zeros((height, width))
    left, top, right, bottom = (bool(each) for each in added)
    x, y = torch.arange(width).float(), torch.arange(height).float()
    far = float(max(width, height))
    across = torch.minimum(x if left else torch.full_like(x, far), width - x if right else torch.full_like(x, far))
    down = torch.minimum(y if top else torch.full_like(y, far), height - y if bottom else torch.full_like(y, far))
    distance = torch.minimum(across[None, :], down[:, None])
    return ((feathering - distance) / feathering).clamp(min=0) ** 2
