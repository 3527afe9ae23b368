"""From API JSON to the runnable graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from darkroom.engine.drawn.drawing import node_key
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.problems import Problem, WorkflowError
from darkroom.engine.running.describe import shown


def read_api(document: Mapping[str, Any], source: str = "workflow") -> Graph:
    """The runnable graph that API JSON describes. Raises WorkflowError with every problem at once."""
    graph, problems = parse_api(document, source)
    if problems:
        raise WorkflowError(problems, source)
    return graph


def parse_api(document: Mapping[str, Any], source: str = "workflow") -> tuple[Graph, list[Problem]]:
    """The well-formed part of API JSON, and what is wrong with the rest of it, with ComfyUI's error types."""
    problems: list[Problem] = []
    nodes: dict[str, Node] = {}
    for id, raw in document.items():
        node = _node(str(id), raw, document, problems)
        if node is not None:
            nodes[node.id] = node
    return Graph(nodes, source), problems


def _node(id: str, raw: Any, document: Mapping[str, Any], problems: list[Problem]) -> Node | None:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("class_type"), str):
        came = shown(raw.get("class_type")) if isinstance(raw, Mapping) else shown(raw)
        problems.append(
            Problem(
                "missing_node_type",
                f"it has {came}" if isinstance(raw, Mapping) else f"it is {came}",
                'an object with the name of a node type in "class_type"',
                "export the workflow again in API format",
                node=id,
            )
        )
        return None
    type = raw["class_type"]
    meta = raw.get("_meta")
    title = meta.get("title") if isinstance(meta, Mapping) else None
    given = raw.get("inputs", {})
    if not isinstance(given, Mapping):
        problems.append(
            Problem(
                "wrong_type",
                f'"inputs" is {shown(given)}',
                "an object",
                "export the workflow again in API format",
                node=id,
                node_type=type,
            )
        )
        given = {}
    inputs: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, list):
            link = _link(value)
            if link is None or not _exists(link, value, document):
                problems.append(_bad_link(id, type, name, value, link))
                continue
            inputs[name] = link
        elif isinstance(value, Mapping) and "__value__" in value:
            inputs[name] = value["__value__"]
        else:
            inputs[name] = value
    return Node(id, type, inputs, title if isinstance(title, str) else None, raw.get("is_changed"))


def _link(value: list[Any]) -> Link | None:
    """Scripts write ids as numbers and slots as floats; both are meant as links."""
    if len(value) != 2 or isinstance(value[1], bool) or not isinstance(value[1], int | float):
        return None
    source = node_key(value[0])
    slot = value[1]
    if source is None or slot < 0 or not float(slot).is_integer():
        return None
    return Link(source, int(slot))


def _exists(link: Link, value: list[Any], document: Mapping[str, Any]) -> bool:
    return link.source in document or value[0] in document


def _bad_link(id: str, type: str, name: str, value: Any, link: Link | None) -> Problem:
    if link is not None:
        return Problem(
            "dangling_link",
            f"it is linked to node {shown(link.source)}, which does not exist",
            "a node of this file",
            "connect it again, or give a value",
            node=id,
            node_type=type,
            input=name,
            extra={"input_name": name, "received_value": value},
        )
    return Problem(
        "bad_linked_input",
        f"it is {shown(value)}",
        'a link [node id, output number], or a list as {"__value__": [...]}',
        "write the list in that form",
        node=id,
        node_type=type,
        input=name,
        extra={"input_name": name, "received_value": value},
    )
