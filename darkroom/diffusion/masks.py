"""Masks: float32 (batch, height, width), 1 = act here."""

from __future__ import annotations

import math
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import conv2d, max_pool2d

from darkroom.diffusion.resize import resize
from darkroom.files.pictures import open_channel

CHANNELS = ("red", "green", "blue", "alpha")


def load(path: Path, channel: str) -> Tensor:
    """One channel of a picture file; alpha counts what is transparent. Raises BadPicture."""
    return torch.from_numpy(open_channel(path, channel))


def solid(value: float, width: int, height: int) -> Tensor:
    return torch.full((1, height, width), value, dtype=torch.float32)


def invert(mask: Tensor) -> Tensor:
    return 1.0 - mask


def flat(mask: Tensor) -> Tensor:
    """A mask in any of the shapes that packs hand over, as (batch, height, width)."""
    return mask.reshape(-1, mask.shape[-2], mask.shape[-1])


def to_image(mask: Tensor) -> Tensor:
    """A grey picture (batch, height, width, 3) of a mask."""
    return flat(mask)[..., None].repeat(1, 1, 1, 3)


def from_image(image: Tensor, channel: str) -> Tensor:
    """One channel of a picture (batch, height, width, channels). Raises ValueError for an alpha it does not have."""
    number = CHANNELS.index(channel)
    if number >= image.shape[-1]:
        raise ValueError(f"the picture has {image.shape[-1]} channels and no {channel}; choose red, green or blue")
    return image[..., number].clone()


def grow(mask: Tensor, expand: int, tapered_corners: bool) -> Tensor:
    """Let every pixel take the largest value within `expand` pixels; negative shrinks by the smallest.

    tapered_corners: distance is counted along rows and columns (a diamond), else also diagonally (a square)
    """
    values = flat(mask).float()[:, None]
    sign = 1.0 if expand >= 0 else -1.0
    values = sign * values
    rounds = min(abs(expand), values.shape[-1] + values.shape[-2])  # by then it has reached every corner
    for _ in range(rounds):
        if tapered_corners:
            row = max_pool2d(values, (1, 3), stride=1, padding=(0, 1))
            column = max_pool2d(values, (3, 1), stride=1, padding=(1, 0))
            values = torch.maximum(row, column)
        else:
            values = max_pool2d(values, 3, stride=1, padding=1)
    return (sign * values)[:, 0].contiguous() if rounds else flat(mask).clone()


def grow_for_inpaint(mask: Tensor, pixels: int) -> Tensor:
    """Round a mask and widen it by a square of `pixels` a side, as the noise mask of an inpainting latent.

    mask: (batch, 1, height, width)
    """
    hard = mask.round()
    if pixels == 0:
        return hard
    kernel = torch.ones((1, 1, pixels, pixels), dtype=mask.dtype, device=mask.device)
    wide = conv2d(hard, kernel, padding=math.ceil((pixels - 1) / 2)).clamp(0, 1)
    return wide[:, :, : mask.shape[2], : mask.shape[3]].round()


def at_size(mask: Tensor, width: int, height: int) -> Tensor:
    """The mask as (batch, 1, height, width), bilinear."""
    return resize(flat(mask).float()[:, None], width, height, "bilinear")
