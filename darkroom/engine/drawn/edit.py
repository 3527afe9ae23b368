"""Changing one setting of a drawn document from outside its editor, by node and name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, NoReturn

from darkroom.engine.drawn.drawing import SUBGRAPH_INPUT, Drawing, DrawnNode, LinkKey, Subgraph
from darkroom.engine.drawn.reading import Parts
from darkroom.engine.drawn.scopes import NESTING, Definitions, proxy_widgets
from darkroom.engine.drawn.widgets import MISSING, Known
from darkroom.engine.graph import Graph, Node
from darkroom.engine.nearest import nearest
from darkroom.engine.problems import Problem, WorkflowError
from darkroom.engine.running.describe import shown
from darkroom.engine.spec import Specs

Document = Mapping[str, Any]
ONE_VALUE = {"PrimitiveNode": "value", "Note": "text", "MarkdownNote": "text"}


class Place(NamedTuple):
    """A node, the canvas it stands on, and the instances on the way to it, outermost first."""

    node: DrawnNode
    drawing: Drawing
    way: tuple[tuple[DrawnNode, Subgraph], ...]


def found_nodes(parts: Parts, wanted: str) -> list[str]:
    """Ids of the nodes of this id, else of this title, else of this type."""
    if place_of(parts, wanted) is not None:
        return [wanted]
    titles: list[str] = []
    types: list[str] = []
    seen: set[str] = set()
    pending = [("", parts.drawing, 0)]
    while pending:
        prefix, drawing, depth = pending.pop()
        for node in drawing.nodes.values():
            if wanted == node.title:
                titles.append(prefix + node.id)
            elif wanted == node.type:
                types.append(prefix + node.id)
            subgraph = parts.subgraphs.get(node.type)
            # Through its first instance each definition is met once; a file can unfold to billions of nodes.
            if subgraph is not None and subgraph.id not in seen and depth < NESTING:
                seen.add(subgraph.id)
                pending.append((f"{prefix}{node.id}:", subgraph.drawing, depth + 1))
    return titles or types


def place_of(parts: Parts, id: str) -> Place | None:
    """The node of an id such as "7" or "5:7"."""
    drawing = parts.drawing
    way: list[tuple[DrawnNode, Subgraph]] = []
    rest = id
    while True:
        node = drawing.nodes.get(rest)
        if node is not None:
            return Place(node, drawing, tuple(way))
        outer, colon, rest = rest.partition(":")
        instance = drawing.nodes.get(outer)
        subgraph = parts.subgraphs.get(instance.type) if instance is not None else None
        if not colon or instance is None or subgraph is None:
            return None
        way.append((instance, subgraph))
        drawing = subgraph.drawing


def with_value(
    document: Document, parts: Parts, specs: Specs, source: str, wanted: str, name: str, value: Any
) -> Document:
    """The document with one setting changed. Raises WorkflowError where there is no such node or setting."""
    definitions = Definitions(document, parts.subgraphs, Known(specs))
    ids = found_nodes(parts, wanted)
    if not ids and ":" in wanted:
        grouped = _of_group(parts, definitions, wanted, name)
        if grouped is not None:
            (wanted, name), ids = grouped, [grouped[0]]
    if len(ids) != 1:
        nodes = parts.drawing.nodes.values()
        _refuse_node(source, wanted, name, ids, (each for node in nodes for each in (node.id, node.title or node.type)))
    place = place_of(parts, ids[0])
    assert place is not None
    place, name = _holder_of(place, name, parts)
    index = _position(place.node, definitions, name)
    if index is None:
        _refuse_setting(definitions, place.node, source, ids[0], name)
    changed = _node_with(place.node, definitions, index, name, value)
    link = next((slot.link for slot in place.node.inputs if slot.name == name), None)
    return _replaced(document, place, changed, link)


def _of_group(parts: Parts, definitions: Definitions, wanted: str, name: str) -> tuple[str, str] | None:
    """Settings inside a group node are settings of the group node."""
    outer, _, inner = wanted.rpartition(":")
    place = place_of(parts, outer)
    subgraph = definitions.get(place.node.type) if place is not None else None
    for shown_as, id, setting in subgraph.settings if subgraph is not None else ():
        if id == inner and setting == name:
            return outer, shown_as
    return None


def _holder_of(place: Place, name: str, parts: Parts) -> tuple[Place, str]:
    """The node and setting whose value counts: an instance shows inner settings, and gives values to inner nodes."""
    for _ in range(NESTING):
        subgraph = parts.subgraphs.get(place.node.type)
        inner = None
        for id, widget in proxy_widgets(place.node) if subgraph is not None else ():
            if id != "-1" and name in (widget, f"{id}.{widget}") and subgraph is not None:
                inner = subgraph.drawing.nodes.get(id)
                if inner is not None:
                    place = Place(inner, subgraph.drawing, (*place.way, (place.node, subgraph)))
                    name = widget
                    break
        if inner is None:
            break
    for _ in range(len(place.way)):
        outer = _shown_outside(place, name)
        if outer is None:
            break
        place, name = outer
    return place, name


def _shown_outside(place: Place, name: str) -> tuple[Place, str] | None:
    """The instance and its setting that give a node inside its value, where they do."""
    if not place.way:
        return None
    slot = next((each for each in place.node.inputs if each.name == name), None)
    link = place.drawing.links.get(slot.link) if slot is not None and slot.link is not None else None
    instance, subgraph = place.way[-1]
    if link is None or link.origin != SUBGRAPH_INPUT or not 0 <= link.origin_slot < len(subgraph.inputs):
        return None
    way = place.way[:-1]
    if not way:
        return Place(instance, _ROOT, way), subgraph.inputs[link.origin_slot].name
    return Place(instance, way[-1][1].drawing, way), subgraph.inputs[link.origin_slot].name


_ROOT = Drawing({}, {})


def _position(node: DrawnNode, definitions: Definitions, name: str) -> int | str | None:
    """Where in `widgets_values` a setting stands, or comes to stand; None: the node has no such setting."""
    if isinstance(node.values, Mapping):
        widgets = definitions.known.widgets_at(node)
        known = widgets is None or any(each.name == name for each in widgets)
        return name if known or name in node.values else None
    if node.type in ONE_VALUE:
        return 0 if name == ONE_VALUE[node.type] else None
    names = definitions.value_names(node)
    if name in names:
        return names.index(name)
    full = _full_names(node, definitions)
    return full.index(name) if name in full else None


def _full_names(node: DrawnNode, definitions: Definitions) -> list[str]:
    subgraph = definitions.get(node.type)
    if subgraph is not None:
        return definitions.instance_names(node, subgraph)
    return [each.name for each in definitions.known.widgets_at(node) or () if each.stored]


def _node_with(node: DrawnNode, definitions: Definitions, index: int | str, name: str, value: Any) -> dict[str, Any]:
    raw = dict(node.raw)
    if isinstance(node.values, Mapping):
        raw["widgets_values"] = {**node.values, name: value}
        return raw
    assert isinstance(index, int)
    values = list(node.values)
    names = definitions.value_names(node)
    if index >= len(values) or (names and names[index : index + 1] != [name] and node.type not in ONE_VALUE):
        # The file lacks the value: all values are written anew, in the order of the definition.
        by_name = dict(zip(names, values, strict=False))
        widgets = {each.name: each.default for each in definitions.known.widgets_at(node) or ()}
        names = _full_names(node, definitions) or [name]
        values = [by_name.get(each, widgets.get(each)) for each in names]
        values = [None if each is MISSING else each for each in values]
        if "widget_names" in node.properties:
            raw["properties"] = {**node.properties, "widget_names": names}
    values[index] = value
    raw["widgets_values"] = values
    return raw


def _replaced(document: Document, place: Place, changed: Mapping[str, Any], link: LinkKey | None) -> Document:
    """The document with a node's JSON in the place of its old one and, if it had a wire there, without that wire."""
    if not place.way:
        return _holder_with(document, place.node, changed, link)
    subgraph = place.way[-1][1]
    definitions = document["definitions"]
    subgraphs = [
        _holder_with(each, place.node, changed, link) if _is(each, subgraph) else each
        for each in definitions["subgraphs"]
    ]
    return {**document, "definitions": {**definitions, "subgraphs": subgraphs}}


def _is(raw: Any, subgraph: Subgraph) -> bool:
    return isinstance(raw, dict) and raw.get("id") == subgraph.id


def _holder_with(
    holder: Mapping[str, Any], node: DrawnNode, changed: Mapping[str, Any], link: LinkKey | None
) -> dict[str, Any]:
    if link is not None:
        changed = {**changed, "inputs": [_unlinked(each, link) for each in changed["inputs"]]}
    nodes = [changed if each is node.raw else each for each in holder["nodes"]]
    if link is None:
        return {**holder, "nodes": nodes}
    nodes = [_without_output(each, link) for each in nodes]
    links = [each for each in holder["links"] if _id_of(each) != link]
    inputs = [_without_wire(each, "linkIds", link) for each in holder.get("inputs", ())]
    return {**holder, "nodes": nodes, "links": links, **({"inputs": inputs} if "inputs" in holder else {})}


def _id_of(link: Any) -> Any:
    return link[0] if isinstance(link, list) and link else link.get("id") if isinstance(link, dict) else None


def _unlinked(slot: Any, link: LinkKey) -> Any:
    return {**slot, "link": None} if isinstance(slot, dict) and slot.get("link") == link else slot


def _without_wire(port: Any, key: str, link: LinkKey) -> Any:
    links = port.get(key) if isinstance(port, dict) else None
    if not isinstance(links, list) or link not in links:
        return port
    return {**port, key: [each for each in links if each != link]}


def _without_output(node: Any, link: LinkKey) -> Any:
    outputs = node.get("outputs") if isinstance(node, dict) else None
    if not isinstance(outputs, list):
        return node
    fresh = [_without_wire(each, "links", link) for each in outputs]
    same = all(new is old for new, old in zip(fresh, outputs, strict=True))
    return node if same else {**node, "outputs": fresh}


def _refuse_node(source: str, wanted: str, name: str, ids: list[str], known: Iterable[str]) -> NoReturn:
    """Raise what to say of a name that no node has, or several have."""
    if ids:
        came, remedy = f"{shown(wanted)} is the name of nodes {', '.join(ids[:10])}", "use one of these ids"
    else:
        near = ", ".join(nearest(wanted, dict.fromkeys(known)))
        came, remedy = f"no node has the id or title {shown(wanted)}", f"use one of: {near}" if near else "use an id"
    raise WorkflowError([Problem("unknown_node", f"{came} (input {name})", "", remedy)], source)


def _refuse_setting(definitions: Definitions, node: DrawnNode, source: str, id: str, name: str) -> NoReturn:
    names = _full_names(node, definitions) or [each for each in definitions.value_names(node) if each]
    remedy = f"it has {', '.join(names)}" if names else "its settings are not known here"
    came = f"it has no setting {shown(name)}"
    raise WorkflowError(
        [Problem("unknown_input", came, "", remedy, node=id, node_type=node.type, title=node.title)], source
    )


def with_graph_value(graph: Graph, wanted: str, name: str, value: Any) -> Graph:
    """The runnable graph with one input of one node set; node: an id, or a title or type that one node has.

    Raises WorkflowError where no node, or more than one, is meant.
    """
    ids = [wanted] if wanted in graph.nodes else [each.id for each in graph if each.title == wanted]
    ids = ids or [each.id for each in graph if each.type == wanted]
    if len(ids) != 1:
        known = [*graph.nodes, *(each.title or each.type for each in graph)]
        _refuse_node(graph.source, wanted, name, ids, known)
    node = graph.nodes[ids[0]]
    changed = Node(node.id, node.type, {**node.inputs, name: value}, node.title, node.is_changed)
    return Graph({**graph.nodes, node.id: changed}, graph.source)
