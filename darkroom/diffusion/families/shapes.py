"""The structure of a network, read from tensor names and shapes.

"original" is the layout of the first Stable Diffusion checkpoints (input_blocks.1.0...), "diffusers" the library's own.
The readers raise KeyError with the name of a tensor that every such network has and this one lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class UnetShape:
    """A U-Net, or the encoder half of one (ControlNet).

    channels: of each level, finest first
    depths: transformer blocks after each residual block of a level; 0 is a level without attention
    res_blocks: residual blocks per level on the way down (one more on the way up)
    context_width: numbers per text token; None where nothing attends to text
    linear_projection: the transformers' outer projections are matrices (SD2, SDXL), not 1x1 convolutions (SD1)
    """

    in_channels: int
    out_channels: int
    channels: tuple[int, ...]
    depths: tuple[int, ...]
    middle_depth: int
    res_blocks: int
    context_width: int | None
    linear_projection: bool


@dataclass(frozen=True, slots=True)
class VaeShape:
    """A KL autoencoder. channels: of each level, finest first; res_blocks: per level of the encoder."""

    channels: tuple[int, ...]
    res_blocks: int
    latent_channels: int
    picture_channels: int


@dataclass(frozen=True, slots=True)
class TextShape:
    """A CLIP text transformer. width: numbers per token; inner: of the feed-forward layers."""

    width: int
    inner: int
    layers: int
    positions: int
    vocabulary: int


def counted(shapes: Shapes, pattern: str) -> int:
    """How many of pattern.format(0), pattern.format(1), ... are there before the first gap."""
    return next(i for i in count() if pattern.format(i) not in shapes)


def counted_levels(shapes: Shapes, pattern: str) -> int:
    """The same for what no network lacks: there is at least one. Raises KeyError."""
    found = counted(shapes, pattern)
    if not found:
        raise KeyError(pattern.format(0))
    return found


def unet_from_original(shapes: Shapes, prefix: str = "") -> UnetShape:
    """Read input_blocks.*, middle_block.* and out.* after `prefix`."""
    entry = shapes[f"{prefix}input_blocks.0.0.weight"]
    channels: list[int] = [entry[0]]
    depths: list[int] = [0]
    res_blocks: list[int] = [0]
    for i in count(1):
        block = f"{prefix}input_blocks.{i}"
        if f"{block}.0.op.weight" in shapes:
            channels.append(channels[-1])
            depths.append(0)
            res_blocks.append(0)
        elif f"{block}.0.out_layers.3.weight" in shapes:
            channels[-1] = shapes[f"{block}.0.out_layers.3.weight"][0]
            depths[-1] = counted(shapes, block + ".1.transformer_blocks.{}.norm1.weight")
            res_blocks[-1] += 1
        else:
            break
    middle = f"{prefix}middle_block.1"
    projection = shapes.get(f"{middle}.proj_in.weight", ())
    context = shapes.get(f"{middle}.transformer_blocks.0.attn2.to_k.weight")
    return UnetShape(
        in_channels=entry[1],
        out_channels=shapes.get(f"{prefix}out.2.weight", entry[1:])[0],
        channels=tuple(channels),
        depths=tuple(depths),
        middle_depth=counted(shapes, middle + ".transformer_blocks.{}.norm1.weight"),
        res_blocks=max(1, res_blocks[0]),
        context_width=context[1] if context else None,
        linear_projection=len(projection) == 2,
    )


def unet_from_diffusers(shapes: Shapes) -> UnetShape:
    """Read conv_in, down_blocks.*, mid_block.* and conv_out."""
    entry = shapes["conv_in.weight"]
    levels = counted_levels(shapes, "down_blocks.{}.resnets.0.conv1.weight")
    attention = "down_blocks.{}.attentions.0.transformer_blocks."
    middle = "mid_block.attentions.0"
    projection = shapes.get(f"{middle}.proj_in.weight", ())
    context = shapes.get(f"{middle}.transformer_blocks.0.attn2.to_k.weight")
    return UnetShape(
        in_channels=entry[1],
        out_channels=shapes.get("conv_out.weight", entry[1:])[0],
        channels=tuple(shapes[f"down_blocks.{level}.resnets.0.conv1.weight"][0] for level in range(levels)),
        depths=tuple(counted(shapes, attention.format(level) + "{}.norm1.weight") for level in range(levels)),
        middle_depth=counted(shapes, middle + ".transformer_blocks.{}.norm1.weight"),
        res_blocks=counted(shapes, "down_blocks.0.resnets.{}.conv1.weight"),
        context_width=context[1] if context else None,
        linear_projection=len(projection) == 2,
    )


def vae_from_original(shapes: Shapes, prefix: str = "") -> VaeShape:
    """Read encoder.down.* and the decoder's first and last convolution after `prefix`."""
    levels = counted_levels(shapes, prefix + "encoder.down.{}.block.0.conv1.weight")
    return VaeShape(
        channels=tuple(shapes[f"{prefix}encoder.down.{level}.block.0.conv1.weight"][0] for level in range(levels)),
        res_blocks=counted(shapes, prefix + "encoder.down.0.block.{}.conv1.weight"),
        latent_channels=shapes[f"{prefix}decoder.conv_in.weight"][1],
        picture_channels=shapes[f"{prefix}decoder.conv_out.weight"][0],
    )


def vae_from_diffusers(shapes: Shapes) -> VaeShape:
    """Read encoder.down_blocks.* and the decoder's first and last convolution."""
    levels = counted_levels(shapes, "encoder.down_blocks.{}.resnets.0.conv1.weight")
    return VaeShape(
        channels=tuple(shapes[f"encoder.down_blocks.{level}.resnets.0.conv1.weight"][0] for level in range(levels)),
        res_blocks=counted(shapes, "encoder.down_blocks.0.resnets.{}.conv1.weight"),
        latent_channels=shapes["decoder.conv_in.weight"][1],
        picture_channels=shapes["decoder.conv_out.weight"][0],
    )


def text_from(shapes: Shapes, prefix: str = "") -> TextShape:
    """Read a CLIP text model whose names start with `prefix` ("text_model." in older files, nothing in newer)."""
    vocabulary, width = shapes[f"{prefix}embeddings.token_embedding.weight"]
    return TextShape(
        width=width,
        inner=shapes[f"{prefix}encoder.layers.0.mlp.fc1.weight"][0],
        layers=counted(shapes, prefix + "encoder.layers.{}.mlp.fc1.weight"),
        positions=shapes[f"{prefix}embeddings.position_embedding.weight"][0],
        vocabulary=vocabulary,
    )
