"""The denoising network as a value: frozen weights, and the patches that one branch of a graph adds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn
from torch.func import functional_call

from darkroom.diffusion import patches as changes
from darkroom.diffusion.devices import Placement
from darkroom.diffusion.families.table import Family
from darkroom.diffusion.sampling.contracts import Network, Residuals
from darkroom.diffusion.sampling.model_sampling import ModelSampling
from darkroom.diffusion.weights import fill, nbytes


@dataclass(frozen=True, eq=False)
class Model:
    """A denoising network with all that sampling must know of it.

    sampling: its noise levels and what its answer means
    patches: changes to its weights; `network` itself never changes
    source: the file it comes from, for messages
    """

    network: nn.Module
    family: Family
    placement: Placement
    sampling: ModelSampling
    context_width: int
    source: Path
    patches: changes.Patches = field(default_factory=dict)

    @property
    def prediction(self) -> str:
        """What the network predicts: "eps" or "v"."""
        return self.sampling.prediction

    @property
    def latent_channels(self) -> int:
        return self.family.latent_channels

    @property
    def latent_scale(self) -> float:
        return self.family.latent_scale

    @property
    def device(self) -> torch.device:
        return self.placement.device

    @property
    def nbytes(self) -> int:
        """Bytes of the weights, and of the patches."""
        return sum(size for _, size in self.shared_parts())

    def shared_parts(self) -> tuple[tuple[int, int], ...]:
        """(identity, bytes) of what this value keeps alive: patched copies share the base, and each other's patches."""
        return shared_parts(self.network, self.patches)

    def with_patches(self, added: Mapping[str, changes.Change], strength: float) -> Model:
        """A new model whose weights differ by strength * change; keys are parameter names of `network`."""
        return replace(self, patches=changes.added(self.patches, added, strength))

    @contextmanager
    def bind(self) -> Iterator[Network]:
        """The network with its patches summed up, for the length of a run.

        Patched weights live until the end of the `with`; the base weights are never written to.
        Calls of models that share a base must not overlap in time: a call puts its own weights in place and takes them
        out again.
        """
        yield bound(self.network, changes.patched(self.network, self.patches), self.placement)


def bound(network: nn.Module, overrides: dict[str, Tensor], placement: Placement) -> Network:
    """A function that runs a diffusers U-Net with some of its parameters replaced."""
    place = placement.place

    @torch.no_grad()
    def call(x: Tensor, timestep: Tensor, context: Tensor, control: Residuals | None = None) -> Tensor:
        arguments: dict[str, Any] = {"return_dict": False}
        if control is not None:
            skips, middle = control
            arguments["down_block_additional_residuals"] = tuple(place(skip) for skip in skips)
            arguments["mid_block_additional_residual"] = place(middle)
        inputs = (place(x), timestep.to(placement.device), place(context))
        answer: Tensor = run(network, overrides, inputs, arguments)[0]
        return answer.to(torch.float32, memory_format=torch.contiguous_format)

    return call


def run(network: nn.Module, overrides: dict[str, Tensor], inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Call a network with some of its parameters replaced, for this call only."""
    if not overrides:
        return network(*inputs, **named)
    return functional_call(network, overrides, inputs, named)


def shared_parts(network: nn.Module, patches: changes.Patches) -> tuple[tuple[int, int], ...]:
    """(identity, bytes) of a network and of each change to it."""
    seen = {id(change): change.nbytes for layers in patches.values() for _, change in layers}
    return ((id(network), nbytes(network)), *seen.items())


def build_unet(tensors: Mapping[str, Tensor], config: Mapping[str, Any], place: Placement, path: Path) -> nn.Module:
    """Stable Diffusion 1's U-Net from tensors with diffusers names. Raises BadWeights."""
    make: Callable[[], Any] = lambda: UNet2DConditionModel.from_config(dict(config))
    network: nn.Module = fill(make, tensors, place, path, "Stable Diffusion 1 U-Net")
    return network
