"""Inputs of nodes, made from the descriptions in golden/nodes.json; and a Run for calling nodes directly."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from darkroom.files.folders import Folders


def wave(shape: list[int], phase: float) -> Tensor:
    return ((torch.sin(0.37 * torch.arange(math.prod(shape)).float() + phase) + 1) / 2).reshape(shape)


def make(given: Any) -> Any:
    """`{"make": kind, "shape": ..., "phase": ...}` becomes the value, anything else stays."""
    if not isinstance(given, Mapping) or "make" not in given:
        return given
    kind, shape, phase = given["make"], given["shape"], given["phase"]
    if kind in ("image", "mask"):
        return wave(shape, phase)
    if kind == "latent":
        latent = {"samples": wave(shape, phase) * 4 - 2}
        if "noise_mask" in given:
            latent["noise_mask"] = wave(given["noise_mask"], phase + 1)
        return latent
    assert kind == "cond", kind
    extra = {"pooled_output": wave([shape[0], shape[2]], phase + 0.5)} if given.get("pooled") else {}
    return [[wave(shape, phase) * 2 - 1, extra]]


def image(*shape: int, phase: float = 0.0) -> Tensor:
    return wave(list(shape or (1, 16, 24, 3)), phase)


def mask(*shape: int, phase: float = 0.0) -> Tensor:
    return wave(list(shape or (1, 16, 24)), phase)


def latent(*shape: int, phase: float = 0.0) -> dict[str, Any]:
    return {"samples": wave(list(shape or (1, 4, 8, 8)), phase) * 4 - 2, "batch_index": [3]}


def conditioning(tokens: int = 4, width: int = 6, phase: float = 0.0) -> list[list[Any]]:
    return [[wave([1, tokens, width], phase), {"pooled_output": wave([1, width], phase), "strength": 1.0}]]


class HandRun:
    """What a node is handed when a test calls it."""

    node_id = "1"

    def __init__(self, base: Path, prompt: Mapping[str, Any] | None = None, extra: Mapping[str, Any] | None = None):
        self.files = Folders(base)
        self.prompt = prompt or {}
        self.extra_pnginfo = extra or {}
        self.steps: list[float] = []
        self.pictures: list[Any] = []

    def progress(self, value: float, maximum: float, preview: Callable[[], Any] | None = None) -> None:
        self.steps.append(value)

    def show(self, picture: Callable[[], Any]) -> None:
        self.pictures.append(picture())

    def text(self, text: str) -> None:
        raise AssertionError(text)

    def raise_if_cancelled(self) -> None:
        return
