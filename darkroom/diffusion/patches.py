"""Changes to weights, kept beside them: a patched network is its base and a list of changes, summed up when used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn


class Change(Protocol):
    """A difference to one weight."""

    def add_to(self, weight: Tensor, strength: float) -> None:
        """Add strength times the difference to a contiguous fp32 weight, in place."""
        ...

    @property
    def nbytes(self) -> int: ...


Patches = Mapping[str, tuple[tuple[float, Change], ...]]
"""Parameter name to (strength, change), in the order in which they were added."""


@dataclass(frozen=True, eq=False)
class LowRank:
    """alpha / rank * up @ down (LoRA, arXiv:2106.09685, section 4.1), or up @ mid @ down for convolutions (LoCon).

    up: (out, rank, ...); down: (rank, in, height, width) or (rank, in); mid: (rank, rank, height, width)
    """

    up: Tensor
    down: Tensor
    mid: Tensor | None = None
    alpha: float | None = None

    def add_to(self, weight: Tensor, strength: float) -> None:
        up = self.up.to(weight.device, torch.float32).flatten(1)
        down = self.down.to(weight.device, torch.float32).flatten(1)
        factor = strength if self.alpha is None else strength * self.alpha / self.down.shape[0]
        if self.mid is None:
            weight.view(len(weight), -1).addmm_(up, down, alpha=factor)
        else:
            mid = self.mid.to(weight.device, torch.float32)
            weight.add_(torch.einsum("oa,abhw,bi->oihw", up, mid, down), alpha=factor)

    @property
    def nbytes(self) -> int:
        return sum(tensor.nbytes for tensor in (self.up, self.down, self.mid) if tensor is not None)


@dataclass(frozen=True, eq=False)
class Whole:
    """The difference itself."""

    tensor: Tensor

    def add_to(self, weight: Tensor, strength: float) -> None:
        weight.add_(self.tensor.to(weight.device, torch.float32).reshape(weight.shape), alpha=strength)

    @property
    def nbytes(self) -> int:
        return self.tensor.nbytes


def added(patches: Patches, changes: Mapping[str, Change], strength: float) -> Patches:
    """The patches with one more layer of changes."""
    return {
        **patches,
        **{name: (*patches.get(name, ()), (strength, change)) for name, change in changes.items()},
    }


def patched(network: nn.Module, patches: Patches) -> dict[str, Tensor]:
    """New values of the patched parameters; the network keeps its own.

    Summed in fp32 and rounded once, into the parameter's dtype and memory layout.
    """
    parameters = dict(network.named_parameters())
    values = {}
    for name, layers in patches.items():
        weight = parameters[name]
        total = torch.empty(weight.shape, dtype=torch.float32, device=weight.device).copy_(weight.detach())
        for strength, change in layers:
            change.add_to(total, strength)
        is_alike = total.stride() == weight.stride()
        values[name] = total.to(weight.dtype) if is_alike else torch.empty_like(weight).copy_(total)
    return values
