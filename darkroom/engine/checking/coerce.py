"""Values of looser JSON types become what the input says, as ComfyUI's server does it: "20" is 20, 3.7 is 3."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.spec import Specs

COERCIONS: Mapping[str, Callable[[Any], Any]] = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}

UNFIT = (TypeError, ValueError, OverflowError)
"""What a coercion raises when the value has no such form."""


def coerced(graph: Graph, registry: Specs) -> Graph:
    """The graph with every literal in the type of its input; what has no such form stays, for the check to report."""
    types: dict[str, dict[str, str]] = {}
    nodes: dict[str, Node] = {}
    for node in graph:
        wanted = types.get(node.type)
        if wanted is None:
            spec = registry.get(node.type)
            inputs = spec.inputs if spec else ()
            wanted = types[node.type] = {each.name: each.type for each in inputs if each.type in COERCIONS}
        nodes[node.id] = _coerced_node(node, wanted)
    return dataclasses.replace(graph, nodes=nodes)


def _coerced_node(node: Node, wanted: Mapping[str, str]) -> Node:
    changed: dict[str, Any] = {}
    for name, value in node.inputs.items():
        type = wanted.get(name)
        if type is None or value.__class__ is COERCIONS[type] or isinstance(value, Link):
            continue
        try:
            changed[name] = COERCIONS[type](value)
        except UNFIT:
            continue
    return dataclasses.replace(node, inputs={**node.inputs, **changed}) if changed else node
