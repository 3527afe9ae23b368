"""A value on a wire, in words and numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from darkroom import worker
from darkroom.engine.running.size import UnmeasurableError, size_of
from darkroom.worker.recent import Passed

TEXT_SHOWN = 10_000
PARTS_SHOWN = 8
LEVELS_SHOWN = 3
NUMBERS_LOOKED_AT = 64_000_000
"""A larger tensor is described without its extremes, which would take seconds."""


def description(passed: Passed, thumbnail: int) -> tuple[dict[str, Any], bytes]:
    """What the answer to "value" says of an output, and a PNG thumbnail of a picture (else empty).

    thumbnail: longest side in pixels; 0 makes none
    """
    values = passed.values
    found: dict[str, Any] = {"type": passed.type, "count": len(values), "size_bytes": bytes_of(values)}
    if not values:
        return {**found, "text": "an empty list"}, b""
    first = values[0]
    tensor = main_tensor(first)
    if tensor is not None:
        found |= numbers(tensor)
    found["text"] = in_words(first, LEVELS_SHOWN)
    return found, picture(passed.type, first, thumbnail) if thumbnail > 0 else b""


def bytes_of(values: list[Any]) -> int | None:
    try:
        return size_of(values).total
    except UnmeasurableError:
        return None


def picture(type: str, value: Any, longest: int) -> bytes:
    """A thumbnail, or nothing where a pack puts something of its own on such a wire."""
    is_picture = is_tensor(value) or (isinstance(value, Mapping) and is_tensor(value.get("samples")))
    try:
        return worker.pictures.thumbnail(type, value, longest) if is_picture else b""
    except (ValueError, TypeError, IndexError, RuntimeError):
        return b""


def main_tensor(value: Any) -> Any:
    """The tensor that a value is mostly about: itself, a latent's samples, a conditioning's first; or None."""
    if isinstance(value, Mapping):
        value = value.get("samples")
    while isinstance(value, list | tuple) and value:
        value = value[0]
    return value if is_tensor(value) else None


def is_tensor(value: Any) -> bool:
    return callable(getattr(value, "untyped_storage", None))


def numbers(tensor: Any) -> dict[str, Any]:
    """Shape, dtype, and over its finite numbers minimum, maximum and mean."""
    found: dict[str, Any] = {"shape": list(tensor.shape), "dtype": str(tensor.dtype).removeprefix("torch.")}
    if 0 < tensor.numel() <= NUMBERS_LOOKED_AT and not tensor.is_complex():
        plain = tensor.detach().float()
        finite = plain[plain.isfinite()]
        if finite.numel():
            extremes = {"minimum": finite.min(), "maximum": finite.max(), "mean": finite.mean()}
            found |= {name: float(each) for name, each in extremes.items()}
    return found


def in_words(value: Any, levels: int) -> str:
    """Text and numbers as they are, tensors by their numbers, containers by what they hold, objects by their type."""
    if isinstance(value, str):
        return value[:TEXT_SHOWN]
    if value is None or isinstance(value, bool | int | float):
        return str(value)
    if is_tensor(value):
        return tensor_in_words(value)
    if levels and isinstance(value, Mapping):
        parts = [f"{name}: {in_words(each, levels - 1)}" for name, each in list(value.items())[:PARTS_SHOWN]]
        return "{" + ", ".join(parts) + more(value) + "}"
    if levels and isinstance(value, list | tuple):
        return "[" + ", ".join(in_words(each, levels - 1) for each in value[:PARTS_SHOWN]) + more(value) + "]"
    return type(value).__name__


def more(container: Any) -> str:
    left = len(container) - PARTS_SHOWN
    return f", and {left} more" if left > 0 else ""


def tensor_in_words(tensor: Any) -> str:
    known = numbers(tensor)
    shape = " x ".join(map(str, known["shape"])) or "one number"
    low, high = known.get("minimum", math.nan), known.get("maximum", math.nan)
    span = "" if math.isnan(low) else f", {low:.4g} to {high:.4g}, mean {known['mean']:.4g}"
    return f"tensor {shape} {known['dtype']}{span}"
