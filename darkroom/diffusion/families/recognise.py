"""Which family a file belongs to and what it holds, from tensor names and shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from darkroom.diffusion.families.shapes import Shapes
from darkroom.diffusion.families.table import FAMILIES
from darkroom.files.weights import read_header

KIND_NAMES = {
    "checkpoint": "checkpoint",
    "unet": "denoising network without VAE and text model",
    "vae": "VAE",
    "text": "text model",
    "lora": "LoRA",
    "controlnet": "ControlNet",
    "control_lora": "control LoRA",
    "t2i_adapter": "T2I adapter",
    "embedding": "textual inversion embedding",
}

UNET_PREFIXES = ("model.diffusion_model.", "control_model.", "")
VAE_PREFIXES = ("first_stage_model.", "vae.", "")
TEXT_PREFIXES = {
    "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight": "sd1",
    "cond_stage_model.transformer.embeddings.token_embedding.weight": "sd1",
    "cond_stage_model.model.token_embedding.weight": "sd2",
    "conditioner.embedders.1.model.token_embedding.weight": "sdxl",
    "conditioner.embedders.0.model.token_embedding.weight": "sdxl_refiner",
    "text_encoders.clip_l.transformer.text_model.embeddings.token_embedding.weight": None,
    "text_model.embeddings.token_embedding.weight": None,
    "embeddings.token_embedding.weight": None,
}
"""A tensor that every text model of a kind has, and the family whose checkpoints keep their text model there."""

LORA_MARKS = (
    *(".lora_up.", ".lora_down.", ".lora_A.", ".lora_B.", ".lora.up.", ".lora.down.", "_lora.up.", "_lora.down."),
    *(".lora_linear_layer.", ".hada_w1_a", ".lokr_w1", ".oft_blocks", ".diff_b"),
)
LORA_INPUT_ENDS = tuple(
    f"{end}.weight" for end in ("lora_down", "lora_A", "lora_A.default", "lora.down", "lora_linear_layer.down")
)
ADDED_WIDTHS = {2816: "sdxl", 2560: "sdxl_refiner"}
CONTEXT_FAMILIES = {768: "sd1", 1024: "sd2", 2048: "sdxl", 1280: "sdxl_refiner"}
PREDICTIONS = {"epsilon": "eps", "eps": "eps", "v": "v", "v_prediction": "v", "v-prediction": "v"}


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is; None means that its names and shapes do not tell.

    kind: a key of KIND_NAMES; layout: "original" or "diffusers"; parts: which of "unet", "vae", "text" it holds
    context_width: numbers per text token that its cross-attention takes (or that its text model gives)
    input_channels: of the network's first convolution (9: an inpainting model)
    prediction: "eps", "v" or "flow"
    """

    kind: str | None = None
    family: str | None = None
    layout: str | None = None
    parts: frozenset[str] = frozenset()
    context_width: int | None = None
    latent_channels: int | None = None
    input_channels: int | None = None
    prediction: str | None = None

    def __str__(self) -> str:
        if self.kind is None:
            return "a file of unknown kind"
        family = f"{FAMILIES[self.family].title} " if self.family else ""
        name = family + KIND_NAMES[self.kind]
        return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


def recognise_file(path: Path | str) -> Recognised:
    """What a .safetensors file is, from its header. Raises BadWeights."""
    header = read_header(path)
    return recognise(header.shapes, header.metadata)


def recognise(shapes: Shapes, metadata: Mapping[str, str] | None = None) -> Recognised:
    """What holds tensors of these names and shapes."""
    return (
        _as_lora(shapes)
        or _as_control(shapes)
        or _as_model(shapes, metadata or {})
        or _as_embedding(shapes)
        or Recognised()
    )


@dataclass(frozen=True, slots=True)
class _Network:
    family: str | None
    layout: str
    context_width: int | None
    input_channels: int | None
    latent_channels: int | None


def _network(shapes: Shapes, prefix: str) -> _Network | None:
    """The denoising network whose names start with `prefix`."""
    if (entry := shapes.get(f"{prefix}input_blocks.0.0.weight")) is not None:
        return _unet(shapes, prefix, "original", entry[1], f"{prefix}label_emb.0.0.weight")
    if (entry := shapes.get(f"{prefix}conv_in.weight")) and f"{prefix}time_embedding.linear_1.weight" in shapes:
        return _unet(shapes, prefix, "diffusers", entry[1], f"{prefix}add_embedding.linear_1.weight")
    for family, layout, mark in (
        ("sd3", "original", "joint_blocks.0.x_block.attn.qkv.weight"),
        ("flux", "original", "double_blocks.0.img_attn.qkv.weight"),
        ("flux", "diffusers", "single_transformer_blocks.0.proj_mlp.weight"),
        ("sd3", "diffusers", "transformer_blocks.0.attn.add_q_proj.weight"),
    ):
        if prefix + mark in shapes:
            return _Network(family, layout, None, None, FAMILIES[family].latent_channels)
    return None


def _unet(shapes: Shapes, prefix: str, layout: str, input_channels: int, added_name: str) -> _Network:
    middle = f"{prefix}middle_block.1" if layout == "original" else f"{prefix}mid_block.attentions.0"
    context = shapes.get(f"{middle}.transformer_blocks.0.attn2.to_k.weight")
    width = context[1] if context else None
    projection = shapes.get(f"{middle}.proj_in.weight", ())
    added = shapes.get(added_name)
    family = None
    if added is not None:
        family = ADDED_WIDTHS.get(added[1]) or ("sd2" if width == 1024 else "sdxl")
    elif len(projection) == 4:
        family = "sd1"
    elif len(projection) == 2:
        family = "sd2"
    out = shapes.get(f"{prefix}{'out.2' if layout == 'original' else 'conv_out'}.weight")
    return _Network(family, layout, width, input_channels, out[0] if out else 4)


def _vae(shapes: Shapes) -> tuple[str, int] | None:
    """Layout and latent channels of the autoencoder in a file."""
    for prefix in VAE_PREFIXES:
        entry = shapes.get(f"{prefix}decoder.conv_in.weight")
        if entry is not None:
            original = f"{prefix}decoder.mid.block_1.conv1.weight" in shapes
            return ("original" if original else "diffusers"), entry[1]
    return None


def _as_model(shapes: Shapes, metadata: Mapping[str, str]) -> Recognised | None:
    """A checkpoint, or one of the parts of one."""
    network = next(filter(None, (_network(shapes, prefix) for prefix in ("model.diffusion_model.", ""))), None)
    vae = _vae(shapes)
    text = next((name for name in TEXT_PREFIXES if name in shapes), None)
    parts = {"unet": network, "vae": vae, "text": text}
    held = frozenset(part for part, found in parts.items() if found is not None)
    if network is not None:
        family = network.family
        return Recognised(
            kind="checkpoint" if len(held) > 1 else "unet",
            family=family,
            layout=network.layout,
            parts=held,
            context_width=network.context_width,
            latent_channels=network.latent_channels,
            input_channels=network.input_channels,
            prediction=_prediction(shapes, metadata, family),
        )
    if vae is not None and text is None:
        return Recognised(kind="vae", layout=vae[0], parts=held, latent_channels=vae[1])
    if text is not None:
        kind = "checkpoint" if vae else "text"
        return Recognised(kind=kind, family=TEXT_PREFIXES[text], parts=held, context_width=shapes[text][1])
    return None


def _prediction(shapes: Shapes, metadata: Mapping[str, str], family: str | None) -> str | None:
    """What the file says; else eps, except for families that come in both kinds."""
    if "v_pred" in shapes:
        return "v"
    said = PREDICTIONS.get(metadata.get("modelspec.prediction_type", "").lower())
    if said is not None:
        return said
    return FAMILIES[family].prediction if family else None


def _as_control(shapes: Shapes) -> Recognised | None:
    if "lora_controlnet" in shapes:
        return Recognised(kind="control_lora")
    if any(name in shapes for name in ("adapter.body.0.resnets.0.block1.weight", "body.0.block1.weight")):
        return Recognised(kind="t2i_adapter")
    marks = ("input_hint_block.0.weight", "controlnet_cond_embedding.conv_in.weight")
    for prefix in UNET_PREFIXES:
        if any(prefix + mark in shapes for mark in marks):
            network = _network(shapes, prefix)
            if network is None:
                return Recognised(kind="controlnet")
            return Recognised(
                kind="controlnet",
                family=network.family,
                layout=network.layout,
                context_width=network.context_width,
                latent_channels=network.latent_channels,
                input_channels=network.input_channels,
            )
    if "controlnet_blocks.0.weight" in shapes:
        return Recognised(kind="controlnet")
    return None


def _as_lora(shapes: Shapes) -> Recognised | None:
    names = [name for name in shapes if any(mark in name for mark in LORA_MARKS)]
    if not names or "lora_controlnet" in shapes:
        return None
    context = next((shapes[name] for name in names if _reads_context(name)), None)
    width = context[1] if context and len(context) > 1 else None
    return Recognised(kind="lora", family=_lora_family(names, shapes, width), context_width=width)


def _reads_context(name: str) -> bool:
    return "attn2" in name and ("to_k" in name or "to_v" in name) and name.endswith(LORA_INPUT_ENDS)


def _contains(names: Iterable[str], *marks: str) -> bool:
    return any(mark in name for name in names for mark in marks)


def _lora_family(names: list[str], shapes: Shapes, context_width: int | None) -> str | None:
    """The widths of the released models tell; else the structure does."""
    if _contains(names, "double_blocks", "single_blocks", "single_transformer_blocks"):
        return "flux"
    if _contains(names, "joint_blocks", "attn_add_k_proj", "attn.add_k_proj"):
        return "sd3"
    if context_width in CONTEXT_FAMILIES:
        return CONTEXT_FAMILIES[context_width]
    if _contains(names, "lora_te2_", "text_encoder_2.", "attentions_0_transformer_blocks_1_"):
        return "sdxl"
    if _contains(names, "attentions.0.transformer_blocks.1."):
        return "sdxl"
    projections = [shapes[name] for name in names if "proj_in" in name and name.endswith(LORA_INPUT_ENDS)]
    if projections and len(projections[0]) == 2:
        return "sd2"
    if _contains(names, "attn2", "down_blocks", "input_blocks"):
        return "sd1"
    texts = [shapes[name] for name in names if "self_attn" in name and name.endswith(LORA_INPUT_ENDS)]
    return CONTEXT_FAMILIES.get(texts[0][-1]) if texts else None


def _as_embedding(shapes: Shapes) -> Recognised | None:
    """A few vectors, all of two dimensions (number of vectors, width)."""
    if 0 < len(shapes) <= 4 and all(0 < len(shape) <= 2 for shape in shapes.values()):
        shape = next(iter(shapes.values()))
        return Recognised(kind="embedding", family=CONTEXT_FAMILIES.get(shape[-1]), context_width=shape[-1])
    return None
