"""Conditionings on wires: a list of [tensor (batch, tokens, width), dict]; never changed, always copied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from darkroom.diffusion.sizes import LATENT_FACTOR

Conditioning = list[list[Any]]


def with_values(conditioning: Conditioning, values: Mapping[str, Any]) -> Conditioning:
    """The same with these entries in each part's dict."""
    return [[tensor, {**extra, **values}] for tensor, extra in conditioning]


def combine(first: Conditioning, second: Conditioning) -> Conditioning:
    """Both side by side: the sampler asks the network about each and averages."""
    return [[tensor, dict(extra)] for tensor, extra in [*first, *second]]


def concat(to: Conditioning, source: Conditioning) -> Conditioning:
    """The tokens of `source`'s first part behind those of each part of `to`."""
    behind: Tensor = source[0][0]
    return [[torch.cat((tensor, behind), 1), dict(extra)] for tensor, extra in to]


def average(to: Conditioning, source: Conditioning, strength: float) -> Conditioning:
    """Mix each part of `to` with `source`'s first part: strength 1 is all `to`.

    Tokens that `source` has too few of are zeros, too many are left out. Pooled vectors are mixed alike.
    """
    other: Tensor = source[0][0]
    other_pooled = source[0][1].get("pooled_output")
    mixed: Conditioning = []
    for tensor, extra in to:
        fitted = pad(other[:, : tensor.shape[1]], (0, 0, 0, max(0, tensor.shape[1] - other.shape[1])))
        parts = dict(extra)
        pooled = extra.get("pooled_output")
        if other_pooled is not None:
            parts["pooled_output"] = (
                other_pooled if pooled is None else pooled * strength + other_pooled * (1 - strength)
            )
        mixed.append([tensor * strength + fitted * (1.0 - strength), parts])
    return mixed


def set_area(conditioning: Conditioning, width: int, height: int, x: int, y: int, strength: float) -> Conditioning:
    """Let it act in a rectangle only. All in pixels; the dict holds (height, width, y, x) in latent pixels."""
    area = tuple(side // LATENT_FACTOR for side in (height, width, y, x))
    return with_values(conditioning, {"area": area, "strength": strength, "set_area_to_bounds": False})


def set_mask(conditioning: Conditioning, mask: Tensor, strength: float, to_bounds: bool) -> Conditioning:
    """Let it act where the mask is; `to_bounds` shows the network only the rectangle around the mask."""
    values = {
        "mask": mask if mask.dim() >= 3 else mask[None],
        "set_area_to_bounds": to_bounds,
        "mask_strength": strength,
    }
    return with_values(conditioning, values)
