"""Change the size of pictures, latents and batches."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

ANTIPARALLEL = 1 - 1e-5
"""Cosine beyond which two directions count as the same, or as opposite: slerp divides by the sine of the angle."""


def resize(images: Tensor, width: int, height: int, method: str, crop: str = "disabled") -> Tensor:
    """Resample to width x height.

    images: (batch, channels, height, width)
    method: "nearest-exact", "bilinear", "area", "bicubic", "lanczos" (pictures only, 8 bit) or "bislerp"
    crop: "center" keeps the aspect ratio and cuts off what is too much; "disabled" distorts
    """
    if crop == "center":
        images = crop_to_aspect(images, width, height)
    if method == "lanczos":
        return lanczos(images, width, height)
    if method == "bislerp":
        return bislerp(images, width, height)
    return interpolate(images, size=(height, width), mode=method)


def crop_to_aspect(images: Tensor, width: int, height: int) -> Tensor:
    """The largest middle part that has the aspect ratio of width to height, at least one pixel wide and high.

    images: (..., height, width)
    """
    old_height, old_width = images.shape[-2:]
    aspect, old_aspect = width / height, old_width / old_height
    left = top = 0
    if old_aspect > aspect:
        left = min(round((old_width - old_width * (aspect / old_aspect)) / 2), (old_width - 1) // 2)
    elif old_aspect < aspect:
        top = min(round((old_height - old_height * (old_aspect / aspect)) / 2), (old_height - 1) // 2)
    return images[..., top : old_height - top, left : old_width - left]


def repeated(x: Tensor, batch: int) -> Tensor:
    """Over the first dimension: cut, or over and over, to `batch` entries; no copy where one entry serves all."""
    if len(x) == 1:
        return x.expand(batch, *x.shape[1:])
    if len(x) >= batch:
        return x[:batch]
    return x.repeat(-(-batch // len(x)), *(1 for _ in x.shape[1:]))[:batch]


def lanczos(images: Tensor, width: int, height: int) -> Tensor:
    """Resample with a windowed sinc, in 8 bit as Pillow does.

    images: (batch, channels, height, width) with 1, 3 or 4 channels, 0..1
    """
    pictures = (255 * images.detach().cpu().float()).clamp(0, 255).to(torch.uint8).movedim(1, -1).numpy()
    results = []
    for picture in pictures:
        single = picture[:, :, 0] if picture.shape[2] == 1 else picture
        scaled = Image.fromarray(single).resize((width, height), Image.Resampling.LANCZOS)
        results.append(np.asarray(scaled).reshape(height, width, picture.shape[2]))
    return (torch.from_numpy(np.stack(results)).movedim(-1, 1).float() / 255).to(images.device, images.dtype)


def bislerp(images: Tensor, width: int, height: int) -> Tensor:
    """Resample like bilinear, but turn from one vector of channels to the next instead of cutting across.

    Directions are interpolated on the sphere, lengths linearly, so that latents do not lose contrast between pixels.
    images: (batch, channels, height, width)
    """
    values = images.float()
    values = slerp_along(values, width, 3)
    values = slerp_along(values, height, 2)
    return values.to(images.dtype)


def slerp_along(values: Tensor, length: int, dimension: int) -> Tensor:
    """Resample one dimension (2 or 3) of (batch, channels, height, width) to `length`."""
    old = values.shape[dimension]
    position = ((torch.arange(length, dtype=torch.float64) + 0.5) * (old / length) - 0.5).clamp(0, old - 1)
    before = position.floor().long()
    after = (before + 1).clamp(max=old - 1)
    shape = [1, 1, 1, 1]
    shape[dimension] = length
    ratio = (position - before).to(values.dtype).reshape(shape).to(values.device)
    first = values.index_select(dimension, before.to(values.device))
    second = values.index_select(dimension, after.to(values.device))
    return slerp(first, second, ratio)


def slerp(first: Tensor, second: Tensor, ratio: Tensor) -> Tensor:
    """Vectors between two vectors: direction on the great circle, length linear. Channels are dimension 1."""
    length1 = first.norm(dim=1, keepdim=True)
    length2 = second.norm(dim=1, keepdim=True)
    unit1 = torch.where(length1 == 0, torch.zeros_like(first), first / length1)
    unit2 = torch.where(length2 == 0, torch.zeros_like(second), second / length2)
    cosine = (unit1 * unit2).sum(dim=1, keepdim=True)
    angle = cosine.clamp(-1, 1).acos()
    direction = (((1 - ratio) * angle).sin() * unit1 + (ratio * angle).sin() * unit2) / angle.sin()
    turned = direction * (length1 * (1 - ratio) + length2 * ratio)
    straight = first * (1 - ratio) + second * ratio
    return torch.where(cosine > ANTIPARALLEL, first, torch.where(cosine < -ANTIPARALLEL, straight, turned))
