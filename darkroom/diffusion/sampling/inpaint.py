"""A mask around `denoise`: outside it the latent stays what it was."""

from __future__ import annotations

from torch import Tensor

from darkroom.diffusion.masks import at_size
from darkroom.diffusion.resize import repeated
from darkroom.diffusion.sampling.model_sampling import ModelSampling
from darkroom.diffusion.sampling.samplers import Denoise


def latent_mask(noise_mask: Tensor, latent: Tensor) -> Tensor:
    """A noise mask at the latent's size, soft values kept: (batch, 1, height, width) on the latent's device.

    noise_mask: (height, width), (b, height, width) or (b, 1, height, width), in pixels or latent pixels; 1 = draw here
    """
    mask = at_size(noise_mask, latent.shape[3], latent.shape[2])
    return repeated(mask.to(latent.device, latent.dtype), len(latent))


def masked(denoise: Denoise, sampling: ModelSampling, latent: Tensor, noise: Tensor, mask: Tensor) -> Denoise:
    """Denoise inside the mask; outside, show the model the latent under the same noise, and answer the latent.

    latent, noise: (batch, channels, height, width); mask: (batch, 1, height, width), 1 = draw here
    """
    keep = 1 - mask
    kept = latent * keep

    def masked_denoise(x: Tensor, sigma: Tensor) -> Tensor:
        around = sampling.noise_start(noise, latent, sigma)
        return denoise(x * mask + around * keep, sigma) * mask + kept

    return masked_denoise
