"""A drawing for a graph that has none: API JSON, as pictures without a workflow carry it, opens in the editor too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from darkroom.engine.drawn.drawing import tag
from darkroom.engine.drawn.widgets import MISSING, Known, Widget, is_widget
from darkroom.engine.drawn.workflow import Workflow, read_workflow
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.spec import NodeSpec, Specs

WIDTH, ROW, HEAD, TEXT, GAP = 300, 26, 50, 120, 60
"""Pixels: of a node's width, of one of its rows, its title, a field for long text, and the space between nodes."""

LARGEST_NUMBER = 2**53 - 1
"""Browsers hold larger whole numbers only as text."""

JsonObject = dict[str, Any]


def drawn(graph: Graph, registry: Specs) -> Workflow:
    """A workflow that converts back to the graph: nodes in columns, each to the right of all that it needs."""
    known = Known(registry)
    used: dict[str, int] = defaultdict(int)
    for node in graph:
        for _, link in node.links():
            used[link.source] = max(used[link.source], link.slot + 1)
    nodes = {node.id: _node(node, known, used[node.id]) for node in graph}
    links = _connect(graph, nodes)
    _place(graph, nodes)
    numbers = [raw["id"] for raw in nodes.values() if isinstance(raw["id"], int)]
    document = {
        "last_node_id": max(numbers, default=0),
        "last_link_id": len(links),
        "nodes": list(nodes.values()),
        "links": links,
        "groups": [],
        "config": {},
        "extra": {},
        "version": 0.4,
    }
    return read_workflow(document, graph.source).with_specs(registry)


def _number(id: str) -> int | str:
    """The id as the editor's files have it, if it is one of their numbers."""
    number = int(id) if id.isascii() and id.isdigit() and len(id) < 17 else None
    return number if number is not None and number <= LARGEST_NUMBER and str(number) == id else id


def _node(node: Node, known: Known, outputs_used: int) -> JsonObject:
    spec = known.spec(node.type)
    widgets = known.widgets_by(node.type, lambda name, _: node.inputs.get(name)) or ()
    names, values = _values(node, widgets)
    inputs = _inputs(node, spec)
    outputs = [{"name": each.name, "type": tag(each.type), "links": []} for each in spec.outputs] if spec else []
    outputs += [{"name": f"output {slot}", "type": "*", "links": []} for slot in range(len(outputs), outputs_used)]
    texts = sum(bool(each.input and each.input.options.get("multiline")) for each in widgets)
    rows = max(len(inputs), len(outputs)) + len(names)
    raw: JsonObject = {
        "id": _number(node.id),
        "type": node.type,
        "pos": [0, 0],
        "size": [WIDTH, HEAD + rows * ROW + texts * TEXT],
        "flags": {},
        "order": 0,
        "mode": 0,
        "inputs": inputs,
        "outputs": outputs,
        "properties": {"Node name for S&R": node.type, "widget_names": names},
        "widgets_values": values,
    }
    if node.title and node.title not in (node.type, spec.display_name if spec else None):
        raw["title"] = node.title
    return raw


def _values(node: Node, widgets: tuple[Widget, ...]) -> tuple[list[str], list[Any]]:
    """Names and values of the settings in the order drawn, then the plain inputs that the definition does not have."""
    names, values = [], []
    for widget in widgets:
        if not widget.stored:
            continue
        value = node.inputs.get(widget.name, MISSING)
        if value is MISSING or isinstance(value, Link):
            value = "fixed" if widget.control else widget.default
        names.append(widget.name)
        values.append(None if value is MISSING else value)
    drawn_names = {widget.name for widget in widgets}
    for name, value in node.inputs.items():
        if name not in drawn_names and not isinstance(value, Link):
            names.append(name)
            values.append(value)
    return names, values


def _inputs(node: Node, spec: NodeSpec | None) -> list[JsonObject]:
    """A socket for each wire that the definition has, wired or not, and for each other input that is wired."""
    linked = dict(node.links())
    declared = [each for each in spec.inputs if each.kind != "hidden"] if spec else []
    found: list[JsonObject] = [
        {"name": each.name, "type": each.type, "link": None} for each in declared if not is_widget(each)
    ]
    found += [
        {"name": each.name, "type": each.type, "widget": {"name": each.name}, "link": None}
        for each in declared
        if is_widget(each) and each.name in linked
    ]
    names = {each["name"] for each in found}
    return found + [{"name": name, "type": "*", "link": None} for name in linked if name not in names]


def _connect(graph: Graph, nodes: Mapping[str, JsonObject]) -> list[list[Any]]:
    """Write every wire into its two ends; gives the list of links."""
    links: list[list[Any]] = []
    for node in graph:
        raw = nodes[node.id]
        for slot, each in enumerate(raw["inputs"]):
            link = node.inputs.get(each["name"])
            if not isinstance(link, Link) or link.source not in nodes:
                continue
            id = len(links) + 1
            output = nodes[link.source]["outputs"][link.slot]
            each["link"] = id
            output["links"].append(id)
            links.append([id, nodes[link.source]["id"], link.slot, raw["id"], slot, output["type"]])
    return links


def _place(graph: Graph, nodes: Mapping[str, JsonObject]) -> None:
    """Set positions and the order of execution; nodes in a circle of wires come last, in a column of their own."""
    needs = {node.id: {link.source for _, link in node.links() if link.source in nodes} for node in graph}
    readers: dict[str, list[str]] = defaultdict(list)
    for id, sources in needs.items():
        for source in sources:
            readers[source].append(id)
    waiting = {id: len(sources) for id, sources in needs.items()}
    column = dict.fromkeys(nodes, 0)
    order = [id for id, count in waiting.items() if not count]
    for id in order:
        for reader in readers[id]:
            column[reader] = max(column[reader], column[id] + 1)
            waiting[reader] -= 1
            if not waiting[reader]:
                order.append(reader)
    placed = set(order)
    last = 1 + max(column.values(), default=0)
    for id in nodes:
        if id not in placed:
            column[id] = last
            order.append(id)
    bottom: dict[int, float] = defaultdict(float)
    for index, id in enumerate(order):
        raw = nodes[id]
        raw["order"] = index
        raw["pos"] = [column[id] * (WIDTH + GAP), bottom[column[id]]]
        bottom[column[id]] += raw["size"][1] + GAP
