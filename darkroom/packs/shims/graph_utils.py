"""`comfy_execution.graph_utils`: building the graph that a node expands into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from darkroom.engine.results import Blocked as ExecutionBlocker
from darkroom.packs import current
from darkroom.packs.lacking import lacking

__all__ = ["ExecutionBlocker", "GraphBuilder", "Node", "add_graph_prefix", "is_link"]


def is_link(obj: Any) -> bool:
    """Whether a value is `["node id", output number]`."""
    return isinstance(obj, list) and len(obj) == 2 and isinstance(obj[0], str) and type(obj[1]) in (int, float)


class GraphBuilder:
    """Nodes by id, which get a prefix that no other graph of this job has."""

    def __init__(self, prefix: str | None = None) -> None:
        self.prefix = GraphBuilder.alloc_prefix() if prefix is None else prefix
        self.nodes: dict[str, Node] = {}
        self.id_gen = 1

    @classmethod
    def set_default_prefix(cls, prefix_root: str, call_index: int, graph_index: int = 0) -> None:
        """What prefixes are made of from now on in this call of a node."""
        here = current.call()
        if here is not None:
            here.prefix = (prefix_root, call_index, graph_index)

    @classmethod
    def alloc_prefix(
        cls, root: str | None = None, call_index: int | None = None, graph_index: int | None = None
    ) -> str:
        """A prefix `<node>.<call>.<graph>.`, by default of the node that is called now; each graph gets the next."""
        here = current.call()
        node, call, graph = ("", 0, 0) if here is None else here.prefix
        if here is not None:
            here.prefix = (node, call, graph + 1)
        chosen = (
            node if root is None else root,
            call if call_index is None else call_index,
            graph if graph_index is None else graph_index,
        )
        return f"{chosen[0]}.{chosen[1]}.{chosen[2]}."

    def node(self, class_type: str, id: Any = None, **kwargs: Any) -> Node:
        """Add a node; of an id that is there already, the node that has it. kwargs: its inputs"""
        if id is None:
            id = str(self.id_gen)
            self.id_gen += 1
        full = f"{self.prefix}{id}"
        if full not in self.nodes:
            self.nodes[full] = Node(full, class_type, kwargs)
        return self.nodes[full]

    def lookup_node(self, id: Any) -> Node | None:
        return self.nodes.get(f"{self.prefix}{id}")

    def finalize(self) -> dict[str, Any]:
        """The graph in API JSON."""
        return {id: node.serialize() for id, node in self.nodes.items()}

    def replace_node_output(self, node_id: Any, index: int, new_value: Any) -> None:
        """Give every reader of an output something else; None removes the input."""
        old = [f"{self.prefix}{node_id}", index]
        for node in self.nodes.values():
            for name in [name for name, value in node.inputs.items() if is_link(value) and value == old]:
                if new_value is None:
                    del node.inputs[name]
                else:
                    node.inputs[name] = new_value

    def remove_node(self, id: Any) -> None:
        del self.nodes[f"{self.prefix}{id}"]


class Node:
    """A node of a graph that is being built."""

    def __init__(self, id: str, class_type: str, inputs: Mapping[str, Any]) -> None:
        self.id = id
        self.class_type = class_type
        self.inputs = dict(inputs)
        self.override_display_id: str | None = None

    def out(self, index: int) -> list[Any]:
        """A link to an output."""
        return [self.id, index]

    def set_input(self, key: str, value: Any) -> None:
        """None removes the input."""
        if value is None:
            self.inputs.pop(key, None)
        else:
            self.inputs[key] = value

    def get_input(self, key: str) -> Any:
        return self.inputs.get(key)

    def set_override_display_id(self, override_display_id: str) -> None:
        """Show what this node does on that one."""
        self.override_display_id = override_display_id

    def serialize(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"class_type": self.class_type, "inputs": self.inputs}
        if self.override_display_id is not None:
            entry["override_display_id"] = self.override_display_id
        return entry


def add_graph_prefix(graph: Mapping[str, Any], outputs: Any, prefix: str) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """A graph in API JSON with all its ids, and the links in it and in `outputs`, behind a prefix."""

    def moved(value: Any) -> Any:
        return [f"{prefix}{value[0]}", value[1]] if is_link(value) and value[0] in graph else value

    renamed = {
        f"{prefix}{id}": {**entry, "inputs": {name: moved(each) for name, each in entry.get("inputs", {}).items()}}
        for id, entry in graph.items()
    }
    return renamed, tuple(moved(each) for each in outputs)


__getattr__ = lacking("comfy_execution.graph_utils")
