"""Small stand-ins for models and runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from darkroom.diffusion.families.table import Colours
from darkroom.diffusion.sampling.contracts import Residuals
from darkroom.diffusion.sampling.model_sampling import ModelSampling, discrete

WIDTH = 6


@dataclass(frozen=True)
class ToyFamily:
    colours: Colours = ()
    latent_channels: int = 4
    latent_scale: float = 1.0
    latent_shift: float = 0.0


def attend(x: Tensor, timestep: Tensor, context: Tensor, control: Residuals | None = None) -> Tensor:
    """A network with what matters here: neighbours, time, attention over tokens, and a place for a ControlNet's sum."""
    queries = torch.sin(torch.arange(4 * WIDTH, dtype=torch.float32).reshape(4, WIDTH))
    asked = torch.einsum("bchw,cd->bhwd", x, queries)
    scores = torch.einsum("bhwd,btd->bhwt", asked, context).softmax(dim=-1)
    heard = torch.einsum("bhwt,btd,cd->bchw", scores, context, queries)
    raw = 0.5 * x + 0.2 * torch.tanh(x.roll(1, dims=-1)) + 0.1 * heard + (timestep / 5000)[:, None, None, None]
    return raw if control is None else raw + control[1] + sum(control[0])


@dataclass
class ToyModel:
    """Records the rows and tokens of every network call."""

    network: Callable[..., Tensor] = attend
    sampling: ModelSampling = field(default_factory=discrete)
    family: ToyFamily = field(default_factory=ToyFamily)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    calls: list[tuple[int, int]] = field(default_factory=list)
    bound: int = 0

    @contextmanager
    def bind(self) -> Iterator[Callable[..., Tensor]]:
        def call(x: Tensor, timestep: Tensor, context: Tensor, control: Residuals | None = None) -> Tensor:
            assert len(x) == len(timestep) == len(context)
            self.calls.append((len(x), context.shape[1]))
            return self.network(x, timestep, context, control)

        self.bound += 1
        try:
            yield call
        finally:
            self.bound -= 1


@dataclass(frozen=True, eq=False)
class ToyControlNet:
    """Adds the hint's mean over each latent pixel, and remembers the hints it was shown."""

    hints: list[Tensor] = field(default_factory=list)

    @contextmanager
    def bind(self) -> Iterator[Callable[..., Residuals]]:
        def call(x: Tensor, timestep: Tensor, context: Tensor, hint: Tensor) -> Residuals:
            self.hints.append(hint)
            shown = torch.nn.functional.avg_pool2d(hint.mean(dim=1, keepdim=True), 8)
            return (0.1 * shown, 0.2 * shown), 0.3 * shown

        yield call


@dataclass(frozen=True, eq=False)
class ToyLink:
    net: ToyControlNet
    image: Tensor
    strength: float = 1.0
    start_percent: float = 0.0
    end_percent: float = 1.0
    previous: ToyLink | None = None


class Stopped(Exception):
    pass


@dataclass
class ToyRun:
    """Records progress; stops at a step if told."""

    stop_at: int | None = None
    seen: list[tuple[float, float]] = field(default_factory=list)
    previews: list[Any] = field(default_factory=list)

    def progress(self, value: float, maximum: float, preview: Callable[[], Any] | None = None) -> None:
        self.seen.append((value, maximum))
        if preview is not None:
            self.previews.append(preview())
        if value == self.stop_at:
            raise Stopped

    def raise_if_cancelled(self) -> None:
        if self.stop_at == 0:
            raise Stopped


def wave(*shape: int, phase: float = 0.0) -> Tensor:
    """Numbers in -1..1 that are no accident."""
    return torch.sin(torch.arange(torch.Size(shape).numel(), dtype=torch.float32) * 0.7 + phase).reshape(shape)


def text(phase: float = 0.0, tokens: int = 3, **options: Any) -> list[Any]:
    """One entry of a conditioning."""
    return [wave(1, tokens, WIDTH, phase=phase), options]
