"""A mask around `denoise`: outside it the latent stays what it was."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import interpolate

from darkroom.diffusion.sampling.model_sampling import ModelSampling
from darkroom.diffusion.sampling.samplers import Denoise


def latent_mask(noise_mask: Tensor, latent: Tensor) -> Tensor:
    """A noise mask at the latent's size, soft values kept: (batch, 1, height, width) on the latent's device.

    noise_mask: (b, height, width) or (b, 1, height, width), in pixels or latent pixels; 1 = draw here
    """
    mask = noise_mask.reshape(-1, 1, *noise_mask.shape[-2:]).to(latent.device, latent.dtype)
    if mask.shape[-2:] != latent.shape[-2:]:
        mask = interpolate(mask, size=latent.shape[-2:], mode="bilinear")
    return repeated(mask, len(latent))


def repeated(x: Tensor, batch: int) -> Tensor:
    """Over the first dimension: cut, or over and over, to `batch` entries; no copy where one entry serves all."""
    if len(x) == 1:
        return x.expand(batch, *x.shape[1:])
    if len(x) >= batch:
        return x[:batch]
    return x.repeat(-(-batch // len(x)), *(1 for _ in x.shape[1:]))[:batch]


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
