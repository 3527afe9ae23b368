"""What sampling asks of a model and of a ControlNet; `model.py`, `control.py` and the toys in tests give it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from darkroom.diffusion.families.table import Colours
    from darkroom.diffusion.sampling.model_sampling import ModelSampling

Residuals = tuple[tuple["Tensor", ...], "Tensor"]
"""What a ControlNet adds to the U-Net: to each skip connection, and to the middle."""


class Network(Protocol):
    """The weights, on their device, for the length of a run."""

    def __call__(self, x: Tensor, timestep: Tensor, context: Tensor, control: Residuals | None = None) -> Tensor:
        """The raw answer, (rows, channels, height, width) float32, on the device where it was computed.

        x: (rows, channels, height, width), scaled; timestep: (rows,) or a single number; context: (rows, tokens, width)
        """
        ...


class ControlNetwork(Protocol):
    """A ControlNet's weights, on their device, for the length of a run."""

    def __call__(self, x: Tensor, timestep: Tensor, context: Tensor, hint: Tensor) -> Residuals:
        """As a Network; hint: (rows, 3, height * 8, width * 8) float32, 0..1."""
        ...


class ControlNet(Protocol):
    def bind(self) -> AbstractContextManager[ControlNetwork]: ...


class ControlLink(Protocol):
    """A ControlNet with its picture, as a conditioning's `control` option holds it; links of a chain add up."""

    @property
    def net(self) -> ControlNet: ...
    @property
    def image(self) -> Tensor:
        """(batch, height, width, channels), 0..1"""
        ...

    @property
    def strength(self) -> float: ...
    @property
    def start_percent(self) -> float: ...
    @property
    def end_percent(self) -> float: ...
    @property
    def previous(self) -> ControlLink | None: ...


class Family(Protocol):
    @property
    def colours(self) -> Colours: ...
    @property
    def latent_channels(self) -> int: ...
    @property
    def latent_scale(self) -> float: ...
    @property
    def latent_shift(self) -> float: ...


class Model(Protocol):
    @property
    def family(self) -> Family: ...
    @property
    def sampling(self) -> ModelSampling: ...
    @property
    def device(self) -> torch.device: ...
    def bind(self) -> AbstractContextManager[Network]: ...


class Progress(Protocol):
    """The part of `engine.run.Run` that sampling uses."""

    def progress(self, value: float, maximum: float, preview: Callable[[], Any] | None = None) -> None: ...
    def raise_if_cancelled(self) -> None: ...
