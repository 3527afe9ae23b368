"""What packs brought along, whichever way they were loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from darkroom.engine.spec import NodeSpec


def pack_of(spec: NodeSpec) -> str:
    """The name of the pack that brought a node type."""
    return spec.module.removeprefix("custom_nodes.")


def nothing() -> None:
    """There is nothing to do."""


@dataclass(frozen=True, slots=True)
class Brought:
    """failures: {pack, where, message} of packs that failed. packs: {name, nodes, seconds} of each that was looked at
    web: pack name to its folder of browser files
    routes: (method, path) of what is served on `socket`. on_prompt: what packs do to each posted body
    forget: drops what packs keep between jobs; close: ends serving
    """

    specs: Sequence[NodeSpec] = ()
    failures: Sequence[Mapping[str, Any]] = ()
    packs: Sequence[Mapping[str, Any]] = ()
    web: Mapping[str, str] = field(default_factory=dict)
    routes: Sequence[Sequence[str]] = ()
    socket: str = ""
    on_prompt: Sequence[Callable[[Any], Any]] = ()
    forget: Callable[[], None] = nothing
    close: Callable[[], None] = nothing
