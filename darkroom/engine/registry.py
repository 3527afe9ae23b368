"""Every node type that is known, by id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from darkroom.engine.defining.errors import DefinitionError
from darkroom.engine.nearest import nearest
from darkroom.engine.object_info import object_info, spec_from_object_info
from darkroom.engine.spec import NodeSpec

__all__ = ["Registry", "object_info", "spec_from_object_info"]


class Registry:
    """Node types by id, in the order they were added."""

    def __init__(self, specs: Iterable[NodeSpec] = ()) -> None:
        self._specs: dict[str, NodeSpec] = {}
        for spec in specs:
            self.add(spec)

    @classmethod
    def from_functions(cls, *functions: Callable[..., Any]) -> Registry:
        """A registry of functions that carry a spec, as `define.node` leaves them."""
        return cls(function.spec for function in functions)  # type: ignore[attr-defined]

    def add(self, spec: NodeSpec) -> None:
        """Raises DefinitionError where the id is taken: files name a node by it, so it can mean one thing only."""
        other = self._specs.get(spec.id)
        if other is not None:
            first = f" in {other.where}" if other.where else ""
            raise DefinitionError([f'the node id "{spec.id}" is defined already{first}'], spec.where or spec.module)
        self._specs[spec.id] = spec

    def get(self, type: str) -> NodeSpec | None:
        return self._specs.get(type)

    def __contains__(self, type: object) -> bool:
        return type in self._specs

    def __iter__(self) -> Iterator[NodeSpec]:
        return iter(self._specs.values())

    def __len__(self) -> int:
        return len(self._specs)

    def nearest(self, type: str, count: int = 3) -> list[str]:
        """Ids of the node types that a wrong one was most likely meant to be; display names count too."""
        ids: dict[str, str] = {}
        for spec in self:
            ids[spec.id] = spec.id
            if spec.display_name:
                ids.setdefault(spec.display_name, spec.id)
        found = nearest(type, ids, 2 * count)
        return list(dict.fromkeys(ids[name] for name in found))[:count]
