"""`comfy_execution.validation`: which type fits which."""

from __future__ import annotations

from darkroom.engine.links import fits
from darkroom.packs.lacking import lacking
from darkroom.packs.types import tag_of

__all__ = ["validate_node_input"]


def validate_node_input(received_type: str, input_type: str, strict: bool = False) -> bool:
    """Whether an output of one type may feed an input of another. strict: of a union, all must be wanted"""
    return fits(tag_of(received_type), tag_of(input_type), strict=strict)


__getattr__ = lacking("comfy_execution.validation")
