"""The autoencoder: pictures to latents and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn

from darkroom.diffusion.devices import AUTO, Placement, Precision, placement
from darkroom.diffusion.families import sd1
from darkroom.diffusion.families.names import OLD_VAE_ATTENTION
from darkroom.diffusion.families.recognise import VAE_PREFIXES
from darkroom.diffusion.families.shapes import VaeShape, vae_from_diffusers, vae_from_original
from darkroom.diffusion.weights import Stored, fill, lacking, nbytes, read_weights
from darkroom.files.weights import BadWeights

PIXELS_AT_ONCE = 768 * 768
"""Larger batches are worked off in pieces: the decoder's widest layer holds 2 kB per pixel in fp32."""

IGNORED = ("loss.", "model_ema.")
"""What training left in a checkpoint beside the autoencoder."""


@dataclass(frozen=True, eq=False)
class Vae:
    """A KL autoencoder. Latents here are unscaled: the factor between VAE and U-Net belongs to the model.

    factor: pixels per latent cell, along each side
    """

    network: nn.Module
    placement: Placement
    latent_channels: int
    factor: int
    source: Path

    @property
    def device(self) -> torch.device:
        return self.placement.device

    @property
    def nbytes(self) -> int:
        return nbytes(self.network)

    def shared_parts(self) -> tuple[tuple[int, int], ...]:
        """(identity, bytes) of what this value keeps alive."""
        return ((id(self.network), self.nbytes),)

    @torch.no_grad()
    def encode(self, pixels: Tensor) -> Tensor:
        """The most likely latent of each picture: (batch, channels, height / factor, width / factor), fp32, on the CPU.

        pixels: (batch, height, width, 3 or more), 0..1; sides are cut, evenly, to multiples of the factor
        """
        if pixels.ndim != 4 or pixels.shape[-1] < 3:
            raise ValueError(f"pictures are (batch, height, width, 3 channels), but these are {tuple(pixels.shape)}.")
        cropped = self._crop(pixels[..., :3])
        latents = [
            self._autoencoder.encode(self.placement.place(piece.movedim(-1, 1) * 2 - 1))
            .latent_dist.mode()
            .float()
            .cpu()
            for piece in torch.split(cropped, self._pictures_at_once(cropped.shape[1] * cropped.shape[2]))
        ]
        return torch.cat(latents)

    @torch.no_grad()
    def decode(self, latent: Tensor) -> Tensor:
        """Pictures (batch, height * factor, width * factor, 3) float32, 0..1, on the CPU.

        latent: (batch, latent_channels, height, width)
        """
        if latent.ndim != 4 or latent.shape[1] != self.latent_channels:
            raise ValueError(
                f"the VAE of {self.source.name} decodes latents of {self.latent_channels} channels, (batch, channels, "
                f"height, width), but this one is {tuple(latent.shape)}; use the VAE of the model that made it."
            )
        at_once = self._pictures_at_once(latent.shape[2] * latent.shape[3] * self.factor**2)
        pictures = [
            ((self._autoencoder.decode(self.placement.place(piece)).sample.float().cpu() + 1) / 2).clamp(0, 1)
            for piece in torch.split(latent, at_once)
        ]
        return torch.cat(pictures).movedim(1, -1).contiguous()

    @property
    def _autoencoder(self) -> Any:
        """The network with the methods that an AutoencoderKL has beyond those of a module."""
        return self.network

    def _crop(self, pixels: Tensor) -> Tensor:
        height, width = (side // self.factor * self.factor for side in pixels.shape[1:3])
        if min(height, width, pixels.shape[0]) == 0:
            raise ValueError(
                f"a picture must be at least {self.factor} x {self.factor} pixels for this VAE, but the batch is "
                f"{pixels.shape[0]} of {pixels.shape[2]} x {pixels.shape[1]}."
            )
        top, left = (pixels.shape[1] - height) // 2, (pixels.shape[2] - width) // 2
        return pixels[:, top : top + height, left : left + width]

    def _pictures_at_once(self, pixels: int) -> int:
        return max(1, PIXELS_AT_ONCE // max(1, pixels))


def load_vae(path: Path | str, *, allow_pickle: bool = False, precision: Precision = AUTO) -> Vae:
    """The autoencoder in a file: a VAE alone, in either layout, or the one of a checkpoint. Raises BadWeights."""
    return vae_of(read_weights(path, allow_pickle=allow_pickle), precision)


def vae_of(stored: Stored, precision: Precision = AUTO, config: Mapping[str, Any] | None = None) -> Vae:
    """The autoencoder among a file's tensors. Raises BadWeights.

    config: what a diffusers folder says beyond the tensors' shapes
    """
    prefix = next((prefix for prefix in VAE_PREFIXES if f"{prefix}decoder.conv_in.weight" in stored.tensors), None)
    if prefix is None:
        raise BadWeights(stored.path, f"is {stored.recognised()} and holds no VAE", "choose a VAE file")
    tensors = stored.part(prefix, IGNORED)
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    try:
        if "decoder.mid.block_1.conv1.weight" in tensors:
            shape = vae_from_original(shapes)
            tensors = sd1.diffusers_vae(tensors, shape)
        else:
            shape = vae_from_diffusers(shapes)
            tensors = with_new_attention_names(tensors)
    except KeyError as error:
        raise lacking(stored.path, "VAE", error) from error
    return _build(tensors, shape, {**sd1.vae_config(shape), **(config or {})}, placement("vae", precision), stored.path)


def with_new_attention_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A diffusers autoencoder's tensors, also those of old files, under the names that diffusers uses now."""
    renamed = {}
    for name, tensor in tensors.items():
        new, value = name, tensor
        if "mid_block.attentions.0." in name:
            for old, current in OLD_VAE_ATTENTION:
                new = new.replace(f".{old}.", f".{current}.")
            value = tensor.reshape(tensor.shape[:2]) if tensor.ndim == 4 else tensor
        renamed[new] = value
    return renamed


def _build(tensors: Mapping[str, Tensor], shape: VaeShape, config: dict[str, Any], place: Placement, path: Path) -> Vae:
    if shape.latent_channels != sd1.LATENT_CHANNELS:
        what = f"holds a VAE of {shape.latent_channels} latent channels"
        raise BadWeights(path, what, f"choose one of {sd1.LATENT_CHANNELS}, as Stable Diffusion 1 has")
    make: Callable[[], Any] = lambda: AutoencoderKL.from_config(config)
    network = fill(make, tensors, place, path, "VAE")
    return Vae(network, place, shape.latent_channels, 2 ** (len(shape.channels) - 1), path)
