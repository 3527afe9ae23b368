"""Node types as data, for a process that does not have their code: what `/object_info` says, and what it leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from darkroom.engine.object_info import object_info, spec_from_object_info
from darkroom.engine.run import Files
from darkroom.engine.spec import NodeSpec

FLAGS = ("input_is_list", "any_input", "any_link", "fills_defaults", "cached", "per_node", "digest", "where")


def described(spec: NodeSpec, files: Files | None = None) -> dict[str, Any]:
    """A definition that `spec_of` reads. judged: it has a validator of its own, so only a worker can check it fully."""
    return {
        "id": spec.id,
        "info": object_info(spec, files),
        "judged": spec.validate is not None,
        "flags": {name: getattr(spec, name) for name in FLAGS},
    }


def spec_of(definition: Mapping[str, Any]) -> NodeSpec:
    """The spec of a described node type: it can be drawn, converted and checked here, and run elsewhere."""
    return replace(spec_from_object_info(definition["id"], definition["info"]), **definition["flags"])
