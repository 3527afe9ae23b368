"""Every node of ours, gathered from the files of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType, ModuleType

from darkroom.engine.registry import Registry
from darkroom.engine.spec import NodeSpec
from nodes import animation, conditioning, control, image, image_scale, latent, loaders, mask, primitives, sampling

MODULES = (loaders, conditioning, sampling, latent, image, image_scale, animation, mask, control, primitives)
"""The menu groups, in the order in which they are listed. A new file is one name here."""


def library() -> Registry:
    """A registry of all nodes, in the order of the files and of the definitions in them."""
    return Registry(spec for module in MODULES for spec in specs_of(module))


def specs_of(module: ModuleType) -> Iterator[NodeSpec]:
    for function in vars(module).values():
        spec = getattr(function, "spec", None) if isinstance(function, FunctionType) else None
        if isinstance(spec, NodeSpec):
            yield spec
