"""Where and when each conditioning acts: areas, masks, strengths and ranges, made ready for a latent's size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from darkroom.diffusion.conditioning import Conditioning
from darkroom.diffusion.resize import repeated
from darkroom.diffusion.sampling.contracts import ControlLink
from darkroom.diffusion.sampling.inpaint import latent_mask
from darkroom.diffusion.sampling.model_sampling import ModelSampling
from darkroom.diffusion.sizes import LATENT_FACTOR

FEATHER = 8
"""How many latent pixels an area fades over at an edge inside the picture."""

SMALLEST_BOUNDS = 8
"""Latent pixels on a side of the smallest area that a mask's bounds give."""


@dataclass(frozen=True)
class Area:
    """A rectangle in latent pixels."""

    height: int
    width: int
    y: int
    x: int

    def of(self, x: Tensor) -> Tensor:
        """A view of that part of (..., height, width)."""
        return x[..., self.y : self.y + self.height, self.x : self.x + self.width]

    def holds(self, other: Area) -> bool:
        return (
            self.y <= other.y
            and self.x <= other.x
            and self.y + self.height >= other.y + other.height
            and self.x + self.width >= other.x + other.width
        )


@dataclass(frozen=True, eq=False)
class Cond:
    """One conditioning, ready for a latent of a known size.

    text: (batch, tokens, width)
    area: None is the whole picture
    weight: how much its answer counts where others answer too: a number, or (1 or batch, 1, height, width) of the area
    start, end: it acts where start >= sigma >= end
    control: the nets that steer it, with the sigmas between which each does
    """

    text: Tensor
    area: Area | None
    weight: float | Tensor
    start: float
    end: float
    control: tuple[tuple[ControlLink, float, float], ...]
    share_control: bool

    def acts_at(self, sigma: float) -> bool:
        return self.start >= sigma >= self.end

    def control_at(self, sigma: float) -> tuple[ControlLink, ...]:
        return tuple(link for link, start, end in self.control if start >= sigma >= end)


def ready(conditioning: Conditioning, sampling: ModelSampling, latent: Tensor) -> list[Cond]:
    """Every entry of a conditioning, for latents of that batch, size and device."""
    return [_ready(text, options, sampling, latent) for text, options in conditioning]


def _ready(text: Tensor, options: Mapping[str, Any], sampling: ModelSampling, latent: Tensor) -> Cond:
    size = (latent.shape[2], latent.shape[3])
    mask = None if options.get("mask") is None else latent_mask(options["mask"], latent)
    area = _area(options, mask, size)
    strength = float(options.get("strength", 1.0))
    weight: float | Tensor = strength
    if mask is not None:
        weight = (area.of(mask) if area else mask) * (strength * float(options.get("mask_strength", 1.0)))
    elif area is not None:
        weight = _feathered(area, size, latent.device) * strength
    return Cond(
        text=repeated(text.to(latent.device, torch.float32), len(latent)),
        area=area,
        weight=weight,
        start=sampling.percent_to_sigma(float(options.get("start_percent", 0.0))),
        end=sampling.percent_to_sigma(float(options.get("end_percent", 1.0))),
        control=tuple(
            (link, sampling.percent_to_sigma(link.start_percent), sampling.percent_to_sigma(link.end_percent))
            for link in _chain(options.get("control"))
        ),
        share_control=bool(options.get("control_apply_to_uncond", False)),
    )


def _chain(control: ControlLink | None) -> list[ControlLink]:
    links = []
    while control is not None:
        links.append(control)
        control = control.previous
    return links


def _area(options: Mapping[str, Any], mask: Tensor | None, size: tuple[int, int]) -> Area | None:
    if mask is not None and options.get("set_area_to_bounds"):
        return _clipped(_bounds(mask), size)
    given = options.get("area")
    if given is None:
        return None
    if given[0] == "percentage":
        height, width, y, x = (float(fraction) for fraction in given[1:])
        area = Area(
            max(1, round(height * size[0])), max(1, round(width * size[1])), round(y * size[0]), round(x * size[1])
        )
    else:
        area = Area(*(int(number) for number in given))
    return _clipped(area, size)


def _bounds(mask: Tensor) -> Area:
    """The smallest rectangle that holds all of the mask in all images."""
    used = mask.abs().amax(dim=(0, 1)) > 0
    rows, columns = used.any(dim=1).nonzero().flatten().tolist(), used.any(dim=0).nonzero().flatten().tolist()
    if not rows:
        return Area(SMALLEST_BOUNDS, SMALLEST_BOUNDS, 0, 0)
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    return Area(max(SMALLEST_BOUNDS, height), max(SMALLEST_BOUNDS, width), rows[0], columns[0])


def _clipped(area: Area, size: tuple[int, int]) -> Area:
    clipped = replace(area, height=min(area.height, size[0] - area.y), width=min(area.width, size[1] - area.x))
    if min(clipped.height, clipped.width) < 1 or min(area.y, area.x) < 0:
        numbers = (area.width, area.height, area.x, area.y, size[1], size[0])
        width, height, x, y, *picture = (number * LATENT_FACTOR for number in numbers)
        raise ValueError(
            f"A conditioning's area of {width} x {height} pixels starts at {x}, {y}, "
            f"but the picture is {picture[0]} x {picture[1]} pixels; move the area into the picture."
        )
    return clipped


def _feathered(area: Area, size: tuple[int, int], device: torch.device) -> Tensor:
    """Weights of an area, fading to each edge inside the picture: (1, 1, height, width)."""

    def ramp(length: int, start: int, whole: int) -> Tensor:
        fade = min(FEATHER, length // 4)
        rising = torch.arange(1, fade + 1, device=device) / max(fade, 1)
        weights = torch.ones(length, device=device)
        if start > 0:
            weights[:fade] *= rising
        if start + length < whole:
            weights[length - fade :] *= rising.flip(0)
        return weights

    down, across = ramp(area.height, area.y, size[0]), ramp(area.width, area.x, size[1])
    return (down[:, None] * across)[None, None]


def with_counterparts(lists: Sequence[Sequence[Cond]]) -> list[list[Cond]]:
    """The lists, each with an entry for every area of the others.

    Guidance compares answers about the same pixels: where one list says something about an area, the others answer
    there too, with the text of their smallest area around it, or of their first entry for the whole picture.
    """
    complete = [list(conds) for conds in lists]
    for own in complete:
        for cond in own:
            for other in complete:
                if other is not own and cond.area is not None:
                    _add_counterpart(other, cond, cond.area)
    return complete


def _add_counterpart(conds: list[Cond], cond: Cond, area: Area) -> None:
    around = [other for other in conds if other.area is not None and other.area.holds(area)]
    whole = [other for other in conds if other.area is None]
    source = min(around, key=lambda c: c.area.height * c.area.width if c.area else 0, default=None)
    if source is None and whole:
        source = whole[0]
    if source is not None and source.area != area:
        conds.append(replace(cond, text=source.text))


def with_shared_control(conds: Sequence[Cond], others: Sequence[Cond]) -> list[Cond]:
    """The others, steered by the nets of `conds` that ask for it (the old Apply ControlNet), unless they have nets."""
    shared = [cond.control for cond in conds if cond.area is None and cond.control and cond.share_control]
    whole = [i for i, other in enumerate(others) if other.area is None]
    steered = list(others)
    if shared and whole and not any(others[i].control for i in whole):
        for n, control in enumerate(shared):
            i = whole[n % len(whole)]
            steered[i] = replace(others[i], control=control)
    return steered
