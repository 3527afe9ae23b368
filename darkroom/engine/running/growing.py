"""Graph expansion: the nodes that a running node asks to be run in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from darkroom.engine.graph import Graph, Link, Node


class ExpansionError(Exception):
    """A node gave a graph that cannot run."""


class GrowingGraph(Mapping[str, Node]):
    """The nodes of a job: those of its graph, and those that came by expansion.

    A node that came by expansion has a parent (the node that gave it), a display node (the drawn node that shows what
    it does) and a real node (the drawn node that it came from).
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._nodes = graph.nodes
        self._added: dict[str, Node] = {}
        self._parents: dict[str, str] = {}
        self._displays: dict[str, str] = {}
        self._reals: dict[str, str] = {}

    def __getitem__(self, id: str) -> Node:
        found = self._nodes.get(id)
        return self._added[id] if found is None else found

    def __iter__(self) -> Iterator[str]:
        yield from self._nodes
        yield from self._added

    def __len__(self) -> int:
        return len(self._nodes) + len(self._added)

    def __contains__(self, id: object) -> bool:
        return id in self._nodes or id in self._added

    def parent(self, id: str) -> str | None:
        return self._parents.get(id)

    def display(self, id: str) -> str:
        return self._displays.get(id, id)

    def real(self, id: str) -> str:
        return self._reals.get(id, id)

    @property
    def added(self) -> Mapping[str, Node]:
        return self._added

    def add(self, node: Node, parent: str, display: str | None) -> None:
        """Add a node that `parent` gave. display: the node that shows it, by default what shows the parent."""
        if node.id in self:
            raise ExpansionError(f"the graph it expands into has a node {node.id!r}, but there already is one")
        self._added[node.id] = node
        self._parents[node.id] = parent
        self._displays[node.id] = self.display(parent if display is None else display)
        self._reals[node.id] = self.real(parent)


def grow(nodes: GrowingGraph, parent: str, call: int, graph: Mapping[str, Any]) -> dict[str, str]:
    """Add the graph that a call of `parent` gave, and say under which ids its nodes now stand.

    graph: API JSON. Ids that do not start with the parent's id are put under `parent.call.0.`; links may lead to nodes
    that were there before. Raises ExpansionError where the graph is not well formed.
    """
    if not isinstance(graph, Mapping):
        raise ExpansionError(f"the graph it expands into is a {type(graph).__name__}, not a dict of nodes")
    names = {id: id if id.startswith(f"{parent}.") else f"{parent}.{call}.0.{id}" for id in map(str, graph)}
    for id, entry in graph.items():
        if not isinstance(entry, Mapping) or not isinstance(entry.get("class_type"), str):
            raise ExpansionError(f"node {id} of the graph it expands into has no class_type")
        given, meta = entry.get("inputs") or {}, entry.get("_meta")
        if not isinstance(given, Mapping):
            raise ExpansionError(
                f"inputs of node {id} of the graph it expands into are a {type(given).__name__}, not a dict"
            )
        inputs = {name: _value(value, names, nodes, id) for name, value in given.items()}
        title = meta.get("title") if isinstance(meta, Mapping) else None
        node = Node(names[str(id)], entry["class_type"], inputs, title, entry.get("is_changed"))
        nodes.add(node, parent, entry.get("override_display_id"))
    return names


def _value(value: Any, names: Mapping[str, str], nodes: GrowingGraph, id: str) -> Any:
    if isinstance(value, Mapping) and set(value) == {"__value__"}:
        return value["__value__"]
    if isinstance(value, (list, tuple)) and len(value) == 2:
        source, slot = value
        if isinstance(source, str) and isinstance(slot, (int, float)) and not isinstance(slot, bool):
            value = Link(source, int(slot))
    if isinstance(value, Link):
        target = names.get(value.source, value.source)
        if value.source not in names and target not in nodes:
            raise ExpansionError(
                f"node {id} of the graph it expands into is linked to {value.source}, which does not exist"
            )
        return Link(target, value.slot)
    return value
