"""The runnable graph: what the executor, the check and the API JSON speak of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Link:
    """Output number `slot` of node `source`."""

    source: str
    slot: int


@dataclass(frozen=True, slots=True)
class Node:
    """One step to run. inputs: name to Link or literal value (a literal list is a plain list here)."""

    id: str
    type: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    title: str | None = None
    is_changed: Any = None
    """Carried by API JSON that a server wrote back; trusted where present, as people's clients expect."""

    def links(self) -> Iterator[tuple[str, Link]]:
        for name, value in self.inputs.items():
            if isinstance(value, Link):
                yield name, value


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes by id, in the order of the file. Parsed and well formed; not yet checked against any registry."""

    nodes: Mapping[str, Node]
    source: str = "workflow"
    """The file's name, for messages."""

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def __len__(self) -> int:
        return len(self.nodes)
