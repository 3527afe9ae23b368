"""What a node may return besides its plain outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Shown:
    """Something for the user to see, beside the outputs.

    ui: key to list of items, as the `executed` message carries it
    """

    ui: Mapping[str, Sequence[Any]]
    result: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Expand:
    """A graph to run in place of this node. graph: API JSON shape; result: values or Links into that graph."""

    graph: Mapping[str, Any]
    result: tuple[Any, ...] = ()
    ui: Mapping[str, Sequence[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Blocked:
    """An output that shall not be used: consumers do not run. message: None is silent."""

    message: str | None = None
