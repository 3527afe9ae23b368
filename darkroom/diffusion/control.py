"""ControlNets: a second encoder that sees a picture and steers the U-Net (arXiv:2302.05543)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import ControlNetModel
from torch import Tensor, nn

from darkroom.diffusion.devices import AUTO, Placement, Precision, placement
from darkroom.diffusion.families import sd1
from darkroom.diffusion.families.names import controlnet_names
from darkroom.diffusion.families.recognise import UNET_PREFIXES
from darkroom.diffusion.families.shapes import Shapes, counted, unet_from_diffusers, unet_from_original
from darkroom.diffusion.families.table import FAMILIES, Family, loadable
from darkroom.diffusion.model import run, shared_parts
from darkroom.diffusion.sampling.contracts import ControlNetwork, Residuals
from darkroom.diffusion.weights import Stored, fill, lacking, read_weights
from darkroom.files.weights import BadWeights


@dataclass(frozen=True, eq=False)
class ControlNet:
    """A ControlNet's weights."""

    network: nn.Module
    family: Family
    placement: Placement
    context_width: int
    source: Path

    @property
    def nbytes(self) -> int:
        return sum(size for _, size in self.shared_parts())

    def shared_parts(self) -> tuple[tuple[int, int], ...]:
        """(identity, bytes) of what this value keeps alive."""
        return shared_parts(self.network, {})

    @contextmanager
    def bind(self) -> Iterator[ControlNetwork]:
        """The network, for the length of a run."""
        place = self.placement.place

        @torch.no_grad()
        def call(x: Tensor, timestep: Tensor, context: Tensor, hint: Tensor) -> Residuals:
            inputs = (place(x), timestep.to(self.placement.device), place(context), place(hint))
            skips, middle = run(self.network, {}, inputs, {"return_dict": False})
            return tuple(skips), middle

        yield call


@dataclass(frozen=True, eq=False)
class ControlLink:
    """A ControlNet with its picture, as a conditioning's "control" holds it; the links of a chain add up.

    image: (batch, height, width, channels), 0..1
    start_percent, end_percent: the part of the run in which it acts, 0..1
    """

    net: ControlNet
    image: Tensor
    strength: float
    start_percent: float = 0.0
    end_percent: float = 1.0
    previous: ControlLink | None = None


def apply_control(
    conditioning: Sequence[Sequence[Any]],
    net: ControlNet,
    image: Tensor,
    strength: float,
    start: float = 0.0,
    end: float = 1.0,
    to_uncond: bool = False,
) -> list[list[Any]]:
    """The conditioning with a ControlNet added to each entry, after those it has already.

    image: (batch, height, width, channels), 0..1; start, end: shares of the run; to_uncond: steer the other
    conditioning of the sampler too. At strength 0 the entries are those that came.
    """
    if strength == 0:
        return [list(entry) for entry in conditioning]
    steered = []
    for tensor, options in conditioning:
        link = ControlLink(net, image, strength, start, end, options.get("control"))
        steered.append([tensor, {**options, "control": link, "control_apply_to_uncond": to_uncond}])
    return steered


def load_controlnet(path: Path | str, *, allow_pickle: bool = False, precision: Precision = AUTO) -> ControlNet:
    """A ControlNet in the original or the diffusers layout. Raises BadWeights.

    One whose name ends in "_shuffle" (or "_shuffle_fp16") steers the picture as a whole, not place by place: its
    answers are averaged over all places. Nothing inside such a file tells.
    """
    stored = read_weights(path, allow_pickle=allow_pickle)
    recognised = stored.recognised()
    if recognised.kind != "controlnet":
        raise BadWeights(path, f"is {recognised}, not a ControlNet", "choose a ControlNet file")
    if recognised.family is None or not FAMILIES[recognised.family].loads:
        raise BadWeights(path, f"is {recognised}, which this version cannot load", f"choose one for {loadable()}")
    try:
        tensors, config = _read(stored, recognised.layout == "original")
    except KeyError as error:
        raise lacking(path, "ControlNet", error) from error
    config["global_pool_conditions"] = stored.path.stem.removesuffix("_fp16").endswith("_shuffle")
    place = placement("control", precision)
    make: Callable[[], Any] = lambda: ControlNetModel.from_config(config)
    network = fill(make, tensors, place, stored.path, "Stable Diffusion 1 ControlNet")
    family = FAMILIES[recognised.family]
    return ControlNet(network, family, place, config["cross_attention_dim"] or 0, stored.path)


def _read(stored: Stored, original: bool) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors with diffusers names, and what ControlNetModel takes."""
    if not original:
        tensors = dict(stored.tensors)
        shape = unet_from_diffusers(stored.shapes)
    else:
        mark = "input_hint_block.0.weight"
        prefix = next(prefix for prefix in UNET_PREFIXES if prefix + mark in stored.tensors)
        old = stored.part(prefix)
        shapes = {name: tuple(tensor.shape) for name, tensor in old.items()}
        shape = unet_from_original(shapes)
        convolutions = sum(name.startswith("input_hint_block.") and name.endswith(".weight") for name in old)
        names = controlnet_names(shape, hint_convolutions=convolutions - 2)
        tensors = {names.to_diffusers(name) or name: tensor for name, tensor in old.items()}
    hints = _hint_channels({name: tuple(tensor.shape) for name, tensor in tensors.items()})
    return tensors, sd1.controlnet_config(shape, hints)


def _hint_channels(shapes: Shapes) -> tuple[int, ...]:
    """Channels of each level that the hint passes; each level but the last has two convolutions after it."""
    block = "controlnet_cond_embedding.blocks.{}.weight"
    first = shapes["controlnet_cond_embedding.conv_in.weight"][0]
    return (first, *(shapes[block.format(i)][0] for i in range(1, counted(shapes, block), 2)))
