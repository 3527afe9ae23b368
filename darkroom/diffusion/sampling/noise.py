"""Where randomness comes from: a seed, and for the start of a run always the CPU, so that a seed keeps its picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from darkroom.diffusion.sampling.samplers import NoiseSource

SEEDS = 2**64


def start_noise(latent: Tensor, seed: int, batch_index: Sequence[int] | None = None) -> Tensor:
    """Unit noise of the latent's shape and dtype, drawn on the CPU.

    batch_index: for each image which one of a larger batch it was; the noise is that image's. Images are then drawn one
        by one, so image i gets the same noise whichever others are listed.
    Raises ValueError when batch_index does not fit the batch.
    """
    generator = torch.Generator().manual_seed(seed % SEEDS)
    if batch_index is None:
        return torch.randn(latent.shape, generator=generator, dtype=latent.dtype)
    if len(batch_index) != len(latent) or min(batch_index, default=0) < 0:
        raise ValueError(
            f"batch_index is {list(batch_index)}, but the latent holds {len(latent)} images; "
            "give one number, 0 or more, for each image."
        )
    wanted = set(batch_index)
    drawn: dict[int, Tensor] = {}
    for index in range(max(batch_index, default=-1) + 1):
        image = torch.randn((1, *latent.shape[1:]), generator=generator, dtype=latent.dtype)
        if index in wanted:  # the others are drawn only to move the generator on
            drawn[index] = image
    return torch.cat([drawn[index] for index in batch_index])


def independent(x: Tensor, sigmas: Tensor, seed: int) -> NoiseSource:
    """Fresh unit noise at every step, from a generator on x's own device.

    On the CPU the seed is moved on by one: the start noise comes from a CPU generator with the very same seed, and a
    sampler that added that noise a second time would draw its own pattern into the picture.
    """
    moved = seed + (x.device.type == "cpu")
    generator = torch.Generator(x.device).manual_seed(moved % SEEDS)
    return lambda sigma, next_sigma: torch.randn(x.shape, generator=generator, dtype=x.dtype, device=x.device)


NOISES: dict[str, Callable[[Tensor, Tensor, int], NoiseSource]] = {"independent": independent}
"""Kinds of noise a sampler can ask for: `(x, sigmas, seed) -> source`."""
