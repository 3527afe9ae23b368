"""`node_helpers`: small helpers of node authors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PIL import ImageFile

from darkroom.packs.lacking import lacking

__all__ = ["conditioning_set_values", "image_alpha_fix", "pillow"]


def conditioning_set_values(
    conditioning: list[Any], values: Mapping[str, Any] | None = None, append: bool = False
) -> list[Any]:
    """A conditioning with more entries in each of its dicts, which are copied. append: add to lists that are there"""
    made = []
    for tensor, options, *rest in conditioning:
        known = dict(options)
        for name, value in (values or {}).items():
            known[name] = known[name] + value if append and known.get(name) is not None else value
        made.append([tensor, known, *rest])
    return made


def pillow(fn: Callable[..., Any], arg: Any) -> Any:
    """Call a function of Pillow on a file; if it fails, again with files that are cut short taken as they are."""
    try:
        return fn(arg)
    except (OSError, ValueError, SyntaxError):
        before = ImageFile.LOAD_TRUNCATED_IMAGES
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            return fn(arg)
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def image_alpha_fix(destination: Any, source: Any) -> tuple[Any, Any]:
    """Two IMAGE batches with equally many channels: the source is cut, or gets channels full of ones."""
    have, come = destination.shape[-1], source.shape[-1]
    if have < come:
        source = source[..., :have]
    elif have > come:
        source = source.new_ones((*source.shape[:-1], have)).index_copy_(
            -1, source.new_tensor(range(come)).long(), source
        )
    return destination, source


__getattr__ = lacking("node_helpers")
