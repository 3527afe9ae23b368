"""Pictures as latents: encode the drawn postcards once, and scale the autoencoder so that its latents are standard.

Stable Diffusion 1 hands latents * 0.18215 to the U-Net. Folding each channel's mean and spread into the two pointwise
convolutions around the latent makes those numbers have mean 0 and spread 1 without any setting beside the weights.
"""

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from starter.dataset import drawn, to_network
from starter.networks import LATENT_CHANNELS, LATENT_SCALE, new_autoencoder
from starter.postcards import EDITION
from starter.training import CACHE

SCALED = "autoencoder_scaled.pt"


@torch.no_grad()
def encoded(model: AutoencoderKL, pictures: npt.NDArray[np.uint8], batch: int = 32) -> Tensor:
    """Means of the latents, times 0.18215: (count, 4, height/8, width/8) in half precision."""
    device = next(model.parameters()).device
    parts = []
    for start in range(0, len(pictures), batch):
        moments = model.quant_conv(model.encoder(to_network(pictures[start : start + batch], device)))
        parts.append((moments[:, :LATENT_CHANNELS] * LATENT_SCALE).half().cpu())
    return torch.cat(parts)


@torch.no_grad()
def fold(model: AutoencoderKL, mean: Tensor, spread: Tensor) -> None:
    """Change the model in place so that latents z become (z - mean) / spread / 0.18215, and decode as before.

    mean, spread: (4,), of the unscaled latents
    """
    gain = 1 / (spread * LATENT_SCALE)
    into, out_of = model.quant_conv, model.post_quant_conv
    into.weight[:LATENT_CHANNELS] *= gain[:, None, None, None]
    into.bias[:LATENT_CHANNELS] = (into.bias[:LATENT_CHANNELS] - mean) * gain
    into.bias[LATENT_CHANNELS:] += 2 * gain.log()  # log variances
    out_of.bias += (out_of.weight[:, :, 0, 0] * mean).sum(dim=1)
    out_of.weight /= gain[None, :, None, None]


def save_scaled(model: AutoencoderKL, pictures: npt.NDArray[np.uint8], file: Path = CACHE / SCALED) -> None:
    """Write a copy of the model whose latents of these pictures are standard."""
    device = next(model.parameters()).device
    copy = new_autoencoder().eval().to(device)
    copy.load_state_dict(model.state_dict())
    sample = encoded(copy, pictures).float() / LATENT_SCALE
    fold(copy, sample.mean(dim=(0, 2, 3)).to(device), sample.std(dim=(0, 2, 3)).to(device))
    temporary = file.with_suffix(".tmp")
    torch.save({name: value.cpu() for name, value in copy.state_dict().items()}, temporary)
    temporary.replace(file)


def scaled_autoencoder(file: Path = CACHE / SCALED) -> AutoencoderKL:
    """What `save_scaled` wrote; FileNotFoundError says how to make it."""
    if not file.exists():
        raise FileNotFoundError(
            f"{file} is missing: run python -m starter.train_autoencoder, or begin --from a checkpoint"
        )
    model = new_autoencoder().eval()
    model.load_state_dict(torch.load(file, weights_only=True))
    return model


def latents_of(model: AutoencoderKL, pictures: int, folder: Path = CACHE) -> npt.NDArray[np.float16]:
    """The latents of the first `pictures` postcards, made once for each encoder and then read from `folder`."""
    digest = hashlib.sha256()
    for network in (model.encoder, model.quant_conv):
        for value in network.state_dict().values():
            digest.update(value.half().cpu().numpy().tobytes())
    file = folder / f"latents{EDITION}_{pictures}_{digest.hexdigest()[:12]}.npy"
    if not file.exists():
        temporary = file.with_suffix(".tmp.npy")
        np.save(temporary, encoded(model, drawn(pictures)).numpy())
        temporary.replace(file)
    latents: npt.NDArray[np.float16] = np.load(file)
    return latents
