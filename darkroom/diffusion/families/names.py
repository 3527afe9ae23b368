"""Key maps between the original and the diffusers layout, made from the structure of a network.

A map pairs modules ("input_blocks.1.0.in_layers.2" with "down_blocks.0.resnets.0.conv1"); a tensor's last part (weight,
bias) is the same in both layouts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from darkroom.diffusion.families.shapes import UnetShape, VaeShape

Pair = tuple[str, str]

UNET_RESIDUAL = (
    ("in_layers.0", "norm1"),
    ("in_layers.2", "conv1"),
    ("emb_layers.1", "time_emb_proj"),
    ("out_layers.0", "norm2"),
    ("out_layers.3", "conv2"),
    ("skip_connection", "conv_shortcut"),
)
VAE_RESIDUAL = (
    ("norm1", "norm1"),
    ("conv1", "conv1"),
    ("norm2", "norm2"),
    ("conv2", "conv2"),
    ("nin_shortcut", "conv_shortcut"),
)
VAE_ATTENTION = (
    ("norm", "group_norm"),
    ("q", "to_q"),
    ("k", "to_k"),
    ("v", "to_v"),
    ("proj_out", "to_out.0"),
)
OLD_VAE_ATTENTION = (("query", "to_q"), ("key", "to_k"), ("value", "to_v"), ("proj_attn", "to_out.0"))
"""What diffusers itself called them before 0.18."""

TRANSFORMER_OUTER = ("norm", "proj_in", "proj_out")
TRANSFORMER_BLOCK = (
    *("norm1", "norm2", "norm3", "ff.net.0.proj", "ff.net.2"),
    *(f"{attention}.{part}" for attention in ("attn1", "attn2") for part in ("to_q", "to_k", "to_v", "to_out.0")),
)


class KeyMap:
    """A one-to-one map of module names, original layout <-> diffusers layout."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self.original_to_diffusers = dict(pairs)
        self.diffusers_to_original = {diffusers: original for original, diffusers in self.original_to_diffusers.items()}

    def to_diffusers(self, name: str) -> str | None:
        """The diffusers name of a tensor of the original layout; None where this network has no such tensor."""
        return _renamed(self.original_to_diffusers, name)

    def to_original(self, name: str) -> str | None:
        """The original name of a tensor of the diffusers layout; None where this network has no such tensor."""
        return _renamed(self.diffusers_to_original, name)


def _renamed(modules: dict[str, str], name: str) -> str | None:
    module, _, leaf = name.rpartition(".")
    renamed = modules.get(module)
    return None if renamed is None else f"{renamed}.{leaf}"


def unet_names(shape: UnetShape) -> KeyMap:
    """The map of a whole U-Net."""
    return KeyMap([*_encoder_half(shape), *_decoder_half(shape), ("out.0", "conv_norm_out"), ("out.2", "conv_out")])


def controlnet_names(shape: UnetShape, hint_convolutions: int = 6) -> KeyMap:
    """The map of a ControlNet: a U-Net's encoder half, the hint's convolutions, and one 1x1 convolution per output.

    hint_convolutions: those between the first and the last
    """
    hints = ["conv_in", *(f"blocks.{i}" for i in range(hint_convolutions)), "conv_out"]
    outputs = 1 + len(shape.channels) * (shape.res_blocks + 1) - 1
    return KeyMap(
        [
            *_encoder_half(shape),
            *((f"input_hint_block.{2 * i}", f"controlnet_cond_embedding.{hint}") for i, hint in enumerate(hints)),
            *((f"zero_convs.{i}.0", f"controlnet_down_blocks.{i}") for i in range(outputs)),
            ("middle_block_out.0", "controlnet_mid_block"),
        ]
    )


def vae_names(shape: VaeShape) -> KeyMap:
    """The map of an autoencoder. Decoder levels count from the finest originally, from the coarsest in diffusers."""
    levels = len(shape.channels)
    pairs: list[Pair] = [("quant_conv", "quant_conv"), ("post_quant_conv", "post_quant_conv")]
    for half in ("encoder", "decoder"):
        pairs += [(f"{half}.conv_in", f"{half}.conv_in"), (f"{half}.conv_out", f"{half}.conv_out")]
        pairs.append((f"{half}.norm_out", f"{half}.conv_norm_out"))
        for i in range(2):
            pairs += _joined(f"{half}.mid.block_{i + 1}", f"{half}.mid_block.resnets.{i}", VAE_RESIDUAL)
        pairs += _joined(f"{half}.mid.attn_1", f"{half}.mid_block.attentions.0", VAE_ATTENTION)
    for level in range(levels):
        up = levels - 1 - level
        for i in range(shape.res_blocks):
            pairs += _joined(
                f"encoder.down.{level}.block.{i}", f"encoder.down_blocks.{level}.resnets.{i}", VAE_RESIDUAL
            )
        for i in range(shape.res_blocks + 1):
            pairs += _joined(f"decoder.up.{level}.block.{i}", f"decoder.up_blocks.{up}.resnets.{i}", VAE_RESIDUAL)
        pairs.append((f"encoder.down.{level}.downsample.conv", f"encoder.down_blocks.{level}.downsamplers.0.conv"))
        pairs.append((f"decoder.up.{level}.upsample.conv", f"decoder.up_blocks.{up}.upsamplers.0.conv"))
    return KeyMap(pairs)


def _joined(original: str, diffusers: str, parts: Iterable[Pair]) -> Iterator[Pair]:
    return ((f"{original}.{ours}", f"{diffusers}.{theirs}") for ours, theirs in parts)


def _transformer(original: str, diffusers: str, depth: int) -> Iterator[Pair]:
    """Inside a transformer both layouts have the same names."""
    if depth:
        parts = [*TRANSFORMER_OUTER]
        parts += [f"transformer_blocks.{i}.{part}" for i in range(depth) for part in TRANSFORMER_BLOCK]
        yield from _joined(original, diffusers, zip(parts, parts, strict=True))


def _encoder_half(shape: UnetShape) -> Iterator[Pair]:
    yield from (("time_embed.0", "time_embedding.linear_1"), ("time_embed.2", "time_embedding.linear_2"))
    yield "input_blocks.0.0", "conv_in"
    last = len(shape.channels) - 1
    block = 1
    for level, depth in enumerate(shape.depths):
        for i in range(shape.res_blocks):
            yield from _joined(f"input_blocks.{block}.0", f"down_blocks.{level}.resnets.{i}", UNET_RESIDUAL)
            yield from _transformer(f"input_blocks.{block}.1", f"down_blocks.{level}.attentions.{i}", depth)
            block += 1
        if level != last:
            yield f"input_blocks.{block}.0.op", f"down_blocks.{level}.downsamplers.0.conv"
            block += 1
    yield from _joined("middle_block.0", "mid_block.resnets.0", UNET_RESIDUAL)
    yield from _transformer("middle_block.1", "mid_block.attentions.0", shape.middle_depth)
    yield from _joined("middle_block.2", "mid_block.resnets.1", UNET_RESIDUAL)


def _decoder_half(shape: UnetShape) -> Iterator[Pair]:
    block = 0
    last = len(shape.channels) - 1
    for level, depth in enumerate(reversed(shape.depths)):
        for i in range(shape.res_blocks + 1):
            yield from _joined(f"output_blocks.{block}.0", f"up_blocks.{level}.resnets.{i}", UNET_RESIDUAL)
            yield from _transformer(f"output_blocks.{block}.1", f"up_blocks.{level}.attentions.{i}", depth)
            if i == shape.res_blocks and level != last:
                upsampler = f"output_blocks.{block}.{2 if depth else 1}.conv"
                yield upsampler, f"up_blocks.{level}.upsamplers.0.conv"
            block += 1
