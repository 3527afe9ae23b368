"""LoRA files: small changes to the weights of a model and of its text model (arXiv:2106.09685)."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from darkroom.diffusion.families.names import unet_names
from darkroom.diffusion.families.recognise import Recognised
from darkroom.diffusion.families.shapes import unet_from_diffusers
from darkroom.diffusion.model import Model
from darkroom.diffusion.patches import Change, LowRank, Whole
from darkroom.diffusion.text import Clip
from darkroom.diffusion.weights import read_weights
from darkroom.files.weights import BadWeights

logger = logging.getLogger(__name__)

ENDINGS = {
    ".lora_up.weight": "up",
    ".lora_down.weight": "down",
    ".lora_mid.weight": "mid",
    ".lora_B.weight": "up",
    ".lora_A.weight": "down",
    ".lora_B.default.weight": "up",
    ".lora_A.default.weight": "down",
    ".lora.up.weight": "up",
    ".lora.down.weight": "down",
    "_lora.up.weight": "up",
    "_lora.down.weight": "down",
    ".lora_linear_layer.up.weight": "up",
    ".lora_linear_layer.down.weight": "down",
    ".alpha": "alpha",
    ".diff": "diff",
    ".diff_b": "diff_b",
}
"""How programs end the names of a LoRA's tensors, and what the tensor is; the start names the weight."""

TEXT_STARTS = (
    "text_encoder.text_model.",
    "text_encoder.",
    "text_encoders.clip_l.transformer.text_model.",
    "text_encoder.base_model.model.text_model.",
    "text_encoder.base_model.model.",
    "base_model.model.text_model.",
    "base_model.model.",
    "text_model.",
)
"""What stands before a module's name as transformers 5 has it; older versions put "text_model." before it."""

TEXT_STARTS_UNDERSCORED = ("lora_te_text_model_", "lora_te1_text_model_", "lycoris_te_text_model_")
OLD_TEXT_ENDS = {"q_proj": "to_q", "k_proj": "to_k", "v_proj": "to_v", "out_proj": "to_out"}
"""Diffusers used the U-Net's words for the text model's attention until 0.22."""


@dataclass(frozen=True, eq=False)
class Entry:
    """What a file says of one weight. names: of the tensors in the file, for messages"""

    weight: Change | None
    bias: Change | None
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Lora:
    """A LoRA file. entries: by the start of their names; unread: tensors of kinds that are not understood"""

    path: Path
    recognised: Recognised
    entries: Mapping[str, Entry]
    unread: tuple[str, ...]

    @property
    def nbytes(self) -> int:
        found = (change for entry in self.entries.values() for change in (entry.weight, entry.bias))
        return sum(change.nbytes for change in found if change is not None)


def load_lora(path: Path | str, *, allow_pickle: bool = False) -> Lora:
    """Read a LoRA with kohya's, diffusers' or PEFT's names. Raises BadWeights."""
    stored = read_weights(path, allow_pickle=allow_pickle)
    recognised = stored.recognised()
    groups: dict[str, dict[str, str]] = {}
    unread = []
    for name in stored.tensors:
        ending = next((ending for ending in ENDINGS if name.endswith(ending)), None)
        if ending is None:
            unread.append(name)
        else:
            groups.setdefault(name.removesuffix(ending), {})[ENDINGS[ending]] = name
    entries = {}
    with_magnitude = {name.removesuffix(".dora_scale") for name in unread}
    for start, roles in groups.items():
        entry = _entry({role: stored.tensors[name] for role, name in roles.items()}, tuple(roles.values()))
        if entry is None or start in with_magnitude:
            unread.extend(roles.values())
        else:
            entries[start] = entry
    if not entries:
        raise BadWeights(path, f"is {recognised} without any LoRA weights that can be read", "choose a LoRA file")
    return Lora(stored.path, recognised, entries, tuple(unread))


def _entry(roles: dict[str, Tensor], names: tuple[str, ...]) -> Entry | None:
    """The changes that a group of tensors stands for; None where the group is incomplete."""
    weight: Change | None = None
    if "up" in roles and "down" in roles:
        alpha = float(roles["alpha"]) if "alpha" in roles and roles["alpha"].numel() == 1 else None
        weight = LowRank(roles["up"], roles["down"], roles.get("mid"), alpha)
    elif "diff" in roles:
        weight = Whole(roles["diff"])
    bias = Whole(roles["diff_b"]) if "diff_b" in roles else None
    return Entry(weight, bias, names) if weight or bias else None


def apply_lora(
    model: Model, clip: Clip | None, lora: Lora, strength_model: float, strength_clip: float
) -> tuple[Model, Clip | None]:
    """The model and CLIP with weights W + strength * alpha / rank * up @ down; strength 0 changes nothing.

    clip: None leaves text weights aside. Tensors of the file that fit neither are logged as warnings, one each.
    Raises BadWeights where the shapes show that the LoRA is for another family.
    """
    if strength_model == 0 and (clip is None or strength_clip == 0):
        return model, clip
    match = match_lora(model, clip if strength_clip != 0 else None, lora)
    for name in match.unmatched:
        logger.warning("LoRA %s: nothing in the model is called %s; it was left out.", lora.path.name, name)
    if strength_model != 0 and match.model:
        model = model.with_patches(match.model, strength_model)
    if clip is not None and strength_clip != 0 and match.clip:
        clip = clip.with_patches(match.clip, strength_clip)
    return model, clip


@dataclass(frozen=True, slots=True)
class Match:
    """Changes by parameter name of the networks; unmatched: tensor names of the file that fit neither."""

    model: Mapping[str, Change]
    clip: Mapping[str, Change]
    unmatched: tuple[str, ...]


def match_lora(model: Model, clip: Clip | None, lora: Lora) -> Match:
    """Which parameters each entry of a LoRA changes. Raises BadWeights where shapes do not fit."""
    targets = {start: module for module, starts in unet_starts(model.network) for start in starts}
    for_model: dict[str, Change] = {}
    left = {}
    for start, entry in lora.entries.items():
        if start in targets:
            for_model.update(_changes(entry, targets[start], model.network, lora, model.source))
        else:
            left[start] = entry
    texts = {} if clip is None else {start: module for module, starts in text_starts(clip.network) for start in starts}
    for_clip: dict[str, Change] = {}
    unmatched = list(lora.unread)
    for start, entry in left.items():
        if clip is not None and start in texts:
            for_clip.update(_changes(entry, texts[start], clip.network, lora, clip.source))
        elif clip is not None or not is_text(start):
            unmatched.extend(entry.names)
    return Match(for_model, for_clip, tuple(unmatched))


def is_text(start: str) -> bool:
    """Whether a name belongs to a text model, also to one that this model does not have."""
    return start.startswith(("text_encoder", "text_model.", "lora_te", "lycoris_te_")) or ".encoder.layers." in start


def unet_starts(network: nn.Module) -> Iterator[tuple[str, list[str]]]:
    """For each module of a U-Net with weights, all the ways in which LoRA files name it."""
    shapes = {name: tuple(parameter.shape) for name, parameter in network.named_parameters()}
    originals = unet_names(unet_from_diffusers(shapes)).diffusers_to_original
    for module in _modules(shapes):
        original = originals.get(module, module)
        starts = [
            f"{start}{name.replace('.', '_')}" for start in ("lora_unet_", "lycoris_") for name in (module, original)
        ]
        starts += [f"{start}{module}" for start in ("unet.", "base_model.model.", "unet.base_model.model.", "")]
        starts += [f"{start}{original}" for start in ("diffusion_model.", "model.diffusion_model.", "")]
        attention, _, projection = module.removesuffix(".0").rpartition(".")
        if projection in ("to_q", "to_k", "to_v", "to_out"):
            starts += [f"{start}{attention}.processor.{projection}" for start in ("unet.", "")]
        yield module, starts


def text_starts(network: nn.Module) -> Iterator[tuple[str, list[str]]]:
    """For each module of a CLIP text model with weights, all the ways in which LoRA files name it."""
    for module in _modules(dict.fromkeys(name for name, _ in network.named_parameters())):
        starts = [f"{start}{module.replace('.', '_')}" for start in TEXT_STARTS_UNDERSCORED]
        starts += [f"{start}{module}" for start in TEXT_STARTS]
        parent, _, projection = module.rpartition(".")
        if projection in OLD_TEXT_ENDS:
            starts += [f"{start}{parent}.{OLD_TEXT_ENDS[projection]}" for start in TEXT_STARTS]
        yield module, starts


def _modules(parameters: Mapping[str, object]) -> list[str]:
    return list(dict.fromkeys(name.rpartition(".")[0] for name in parameters))


def _changes(entry: Entry, module: str, network: nn.Module, lora: Lora, source: Path) -> dict[str, Change]:
    parameters = dict(network.get_submodule(module).named_parameters())
    found: dict[str, Change] = {}
    for leaf, change in (("weight", entry.weight), ("bias", entry.bias)):
        if change is None or leaf not in parameters:
            continue
        shape = tuple(parameters[leaf].shape)
        if not _fits(change, shape):
            fault = f"{entry.names[0]} is for a weight of another shape than {shape}"
            what = f"is {lora.recognised} and does not fit {source.name}: {fault}"
            raise BadWeights(lora.path, what, "choose a LoRA made for the family of this model")
        found[f"{module}.{leaf}"] = change
    return found


def _fits(change: Change, shape: tuple[int, ...]) -> bool:
    if isinstance(change, LowRank):
        rows, columns = change.up.shape[0], math.prod(change.down.shape[1:])
        if change.up.flatten(1).shape[1] != change.down.shape[0]:
            return False
        if change.mid is not None:
            return len(shape) == 4 and (rows, columns, *change.mid.shape[2:]) == shape
        return rows == shape[0] and rows * columns == math.prod(shape)
    return isinstance(change, Whole) and change.tensor.numel() == math.prod(shape)
