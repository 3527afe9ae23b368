"""Stable Diffusion 1: its parts in a checkpoint, its networks' configurations, and the way back to the original layout.

Nothing here depends on the widths of the released models: a small model of the same structure takes the same road.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from darkroom.diffusion.families.names import unet_names, vae_names
from darkroom.diffusion.families.shapes import (
    TextShape,
    UnetShape,
    VaeShape,
    unet_from_diffusers,
    vae_from_diffusers,
)

UNET_PREFIX = "model.diffusion_model."
VAE_PREFIX = "first_stage_model."
TEXT_PREFIX = "cond_stage_model.transformer.text_model."

LATENT_CHANNELS = 4
LATENT_SCALE = 0.18215
UNET_HEADS = 8
TEXT_END = 49407


class Shaped(Protocol):
    """A tensor of any library."""

    @property
    def shape(self) -> Any: ...

    def reshape(self, *shape: Any) -> Any: ...


Tensor = TypeVar("Tensor", bound=Shaped)


def groups(base_channels: int) -> int:
    """GroupNorm groups of a network whose first level has `base_channels`: 32 in the released models."""
    return max(1, min(32, base_channels // 4))


def unet_config(shape: UnetShape) -> dict[str, Any]:
    """What diffusers' UNet2DConditionModel takes; it calls the number of heads "attention_head_dim"."""
    return {
        "in_channels": shape.in_channels,
        "out_channels": shape.out_channels,
        "block_out_channels": shape.channels,
        "down_block_types": tuple("CrossAttnDownBlock2D" if depth else "DownBlock2D" for depth in shape.depths),
        "up_block_types": tuple("CrossAttnUpBlock2D" if depth else "UpBlock2D" for depth in reversed(shape.depths)),
        "layers_per_block": shape.res_blocks,
        "attention_head_dim": UNET_HEADS,
        "cross_attention_dim": shape.context_width,
        "norm_num_groups": groups(shape.channels[0]),
    }


def controlnet_config(shape: UnetShape, hint_channels: tuple[int, ...]) -> dict[str, Any]:
    """What diffusers' ControlNetModel takes. hint_channels: of the hint's levels, finest first."""
    config = unet_config(shape)
    del config["out_channels"], config["up_block_types"]
    return {**config, "conditioning_embedding_out_channels": hint_channels}


def vae_config(shape: VaeShape) -> dict[str, Any]:
    """What diffusers' AutoencoderKL takes."""
    levels = len(shape.channels)
    return {
        "in_channels": shape.picture_channels,
        "out_channels": shape.picture_channels,
        "block_out_channels": shape.channels,
        "down_block_types": ("DownEncoderBlock2D",) * levels,
        "up_block_types": ("UpDecoderBlock2D",) * levels,
        "layers_per_block": shape.res_blocks,
        "latent_channels": shape.latent_channels,
        "norm_num_groups": groups(shape.channels[0]),
        "scaling_factor": LATENT_SCALE,
    }


def text_config(shape: TextShape) -> dict[str, Any]:
    """What transformers' CLIPTextConfig takes."""
    return {
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.width,
        "intermediate_size": shape.inner,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": max(1, shape.width // 64),
        "max_position_embeddings": shape.positions,
        "hidden_act": "quick_gelu",
        "bos_token_id": shape.vocabulary - 2,
        "eos_token_id": shape.vocabulary - 1,
        "pad_token_id": shape.vocabulary - 1,
    }


def original_unet(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A diffusers U-Net's tensors under their names in an original checkpoint."""
    names = unet_names(unet_from_diffusers({name: tuple(tensor.shape) for name, tensor in tensors.items()}))
    return {UNET_PREFIX + _known(names.to_original(name), name): tensor for name, tensor in tensors.items()}


def original_vae(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A diffusers autoencoder's tensors under their original names; its attention is of 1x1 convolutions there."""
    names = vae_names(vae_from_diffusers({name: tuple(tensor.shape) for name, tensor in tensors.items()}))
    renamed = {}
    for name, tensor in tensors.items():
        is_matrix = "mid_block.attentions" in name and len(tensor.shape) == 2
        renamed[VAE_PREFIX + _known(names.to_original(name), name)] = (
            tensor.reshape(*tensor.shape, 1, 1) if is_matrix else tensor
        )
    return renamed


def original_text(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A transformers CLIP text model's tensors under their original names."""
    return {TEXT_PREFIX + name.removeprefix("text_model."): tensor for name, tensor in tensors.items()}


def original_checkpoint(
    unet: Mapping[str, Tensor], vae: Mapping[str, Tensor], text: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """One checkpoint in the original layout, from the `state_dict()` of the three networks."""
    return {**original_unet(unet), **original_vae(vae), **original_text(text)}


def diffusers_unet(tensors: Mapping[str, Tensor], shape: UnetShape) -> dict[str, Tensor]:
    """Tensors named as in the original layout, without prefix, under their diffusers names; unknown names stay."""
    names = unet_names(shape)
    return {names.to_diffusers(name) or name: tensor for name, tensor in tensors.items()}


def diffusers_vae(tensors: Mapping[str, Tensor], shape: VaeShape) -> dict[str, Tensor]:
    """The same for an autoencoder; its attention is of matrices in diffusers."""
    names = vae_names(shape)
    renamed = {}
    for name, tensor in tensors.items():
        is_convolution = ".mid.attn_1." in name and len(tensor.shape) == 4
        renamed[names.to_diffusers(name) or name] = tensor.reshape(*tensor.shape[:2]) if is_convolution else tensor
    return renamed


def _known(renamed: str | None, name: str) -> str:
    if renamed is None:
        raise ValueError(f"tensor {name!r} has no name in the original Stable Diffusion 1 layout")
    return renamed
