"""`comfy.sample`: the start of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from darkroom.diffusion.sampling.noise import start_noise
from darkroom.packs.lacking import lacking


def prepare_noise(latent_image: Tensor, seed: int, noise_inds: Sequence[int] | None = None) -> Tensor:
    """Unit noise of a latent's shape, from a seed, on the CPU. noise_inds: see `batch_index`"""
    return start_noise(latent_image, seed, noise_inds)


def fix_empty_latent_channels(model: Any, latent_image: Tensor, *args: Any) -> Tensor:
    """An empty latent with the number of channels that the model has."""
    channels = model.latent_channels
    if latent_image.shape[1] == channels or latent_image.count_nonzero() > 0:
        return latent_image
    return latent_image.new_zeros((len(latent_image), channels, *latent_image.shape[2:]))


__getattr__ = lacking("comfy.sample", "sampling is done by the node KSampler and nodes.common_ksampler here")
