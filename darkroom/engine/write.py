"""From the graph and the drawing back to JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from darkroom.engine.drawn.drawing import Drawing, DrawnNode
from darkroom.engine.drawn.scopes import Definitions
from darkroom.engine.drawn.widgets import Known
from darkroom.engine.drawn.workflow import Workflow
from darkroom.engine.graph import Graph, Link
from darkroom.engine.spec import Specs

JsonObject = dict[str, Any]


def to_ui(workflow: Workflow, registry: Specs) -> JsonObject:
    """The UI workflow JSON: everything the file had, and the names of `widgets_values` where they are known.

    The names stand in each node's `properties.widget_names`; read back, values go by name, so that a setting that
    was moved or added since shifts nothing.
    """
    known = Known(registry)
    definitions = Definitions(workflow.document, workflow.subgraphs, known)
    document = _named(workflow.document, workflow.drawing, definitions)
    raw = workflow.document.get("definitions")
    subgraphs = raw.get("subgraphs") if isinstance(raw, dict) else None
    if isinstance(subgraphs, list):
        written = [_named_subgraph(each, workflow, definitions) for each in subgraphs]
        document["definitions"] = {**workflow.document["definitions"], "subgraphs": written}
    return document


def _named_subgraph(raw: Any, workflow: Workflow, definitions: Definitions) -> Any:
    subgraph = workflow.subgraphs.get(raw["id"]) if isinstance(raw, dict) and isinstance(raw.get("id"), str) else None
    return raw if subgraph is None else _named(raw, subgraph.drawing, definitions)


def _named(holder: Mapping[str, Any], drawing: Drawing, definitions: Definitions) -> JsonObject:
    named = {id(node.raw): node for node in drawing.nodes.values()}
    nodes = [_with_names(raw, named.get(id(raw)), definitions) for raw in holder["nodes"]]
    return {**holder, "nodes": nodes}


def _with_names(raw: Any, node: DrawnNode | None, definitions: Definitions) -> Any:
    if node is None or isinstance(node.values, Mapping) or not node.values:
        return raw
    if definitions.get(node.type) is None and definitions.known.spec(node.type) is None:
        return raw
    names = definitions.value_names(node)
    if not any(names) or not isinstance(raw.get("properties", {}), dict):
        return raw
    return {**raw, "properties": {**node.properties, "widget_names": list(names)}}


def to_api(graph: Graph) -> JsonObject:
    """The API JSON of a graph; a list that is a value is wrapped, so that it is no link."""
    written: JsonObject = {}
    for node in graph:
        entry: JsonObject = {
            "inputs": {name: _written(value) for name, value in node.inputs.items()},
            "class_type": node.type,
        }
        if node.title is not None:
            entry["_meta"] = {"title": node.title}
        if node.is_changed is not None:
            entry["is_changed"] = node.is_changed
        written[node.id] = entry
    return written


def _written(value: Any) -> Any:
    if isinstance(value, Link):
        return [value.source, value.slot]
    if isinstance(value, list | tuple) or (isinstance(value, Mapping) and "__value__" in value):
        return {"__value__": list(value) if isinstance(value, tuple) else value}
    return value
