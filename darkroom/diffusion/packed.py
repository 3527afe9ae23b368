"""Tensors as the bytes of one safetensors file, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

LENGTH_BYTES = 8


def to_bytes(tensors: Mapping[str, Tensor], texts: Mapping[str, str]) -> bytes:
    """A file's contents. Raises ValueError for tensors that share memory."""
    try:
        data: bytes = save(dict(tensors), dict(texts))
    except RuntimeError as error:
        raise ValueError(str(error)) from error
    return data


def from_bytes(data: bytes) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors and texts of a file's contents. Raises ValueError where they are damaged."""
    try:
        tensors: dict[str, Tensor] = load(data)
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    length = int.from_bytes(data[:LENGTH_BYTES], "little")
    texts: dict[str, str] = json.loads(data[LENGTH_BYTES : LENGTH_BYTES + length]).get("__metadata__", {})
    return tensors, texts
