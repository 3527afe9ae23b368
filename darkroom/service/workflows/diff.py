"""What changed between two workflows: nodes, their settings and their links, by the names that people see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from darkroom.engine.drawn.drawing import Drawing, DrawnNode
from darkroom.engine.drawn.widgets import Known, value_names
from darkroom.engine.drawn.workflow import read_workflow
from darkroom.engine.graph import Link
from darkroom.engine.read import kind_of
from darkroom.engine.read_api import parse_api
from darkroom.engine.spec import Specs

Wire: TypeAlias = tuple[str, str, str, str]
"""From node, from output, to node, to input."""

Json: TypeAlias = dict[str, Any]

MODES: Mapping[int, str] = {0: "on", 2: "muted", 4: "bypassed"}

ABSENT = object()


@dataclass(frozen=True, slots=True)
class Seen:
    """A node as people see it; where it stands and how large it is counts for nothing."""

    type: str
    title: str | None
    mode: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Comparable:
    """nodes: by id, inside a subgraph "name of the subgraph/id"."""

    nodes: dict[str, Seen] = field(default_factory=dict)
    wires: set[Wire] = field(default_factory=set)


def difference(before: Mapping[str, Any], after: Mapping[str, Any], specs: Specs) -> Json:
    """What changed from one workflow to the other, both drawn or API JSON.

    Gives {same, nodes: {added, removed, changed}, links: {added, removed}}; a changed node tells its former and its
    present type, title, mode and values where they differ.
    Raises WorkflowError where one of them is no workflow.
    """
    old, new = comparable(before, specs), comparable(after, specs)
    changed = []
    for id in old.nodes.keys() & new.nodes.keys():
        changes = node_changes(old.nodes[id], new.nodes[id])
        if changes:
            changed.append({**about(id, new.nodes[id]), **changes})
    nodes = {
        "added": [about(id, new.nodes[id]) for id in in_order(new.nodes.keys() - old.nodes.keys())],
        "removed": [about(id, old.nodes[id]) for id in in_order(old.nodes.keys() - new.nodes.keys())],
        "changed": sorted(changed, key=lambda each: order_of(each["id"])),
    }
    links = {
        "added": [wire_json(wire) for wire in sorted(new.wires - old.wires)],
        "removed": [wire_json(wire) for wire in sorted(old.wires - new.wires)],
    }
    return {"same": not any((*nodes.values(), *links.values())), "nodes": nodes, "links": links}


def comparable(document: Mapping[str, Any], specs: Specs) -> Comparable:
    if kind_of(document) == "api":
        return of_api(document)
    workflow = read_workflow(document)
    known = Known(specs)
    found = Comparable()
    add_drawing(found, workflow.drawing, "", known)
    names = [subgraph.name for subgraph in workflow.subgraphs.values()]
    for subgraph in workflow.subgraphs.values():
        name = subgraph.name if names.count(subgraph.name) == 1 else f"{subgraph.name} ({subgraph.id})"
        add_drawing(found, subgraph.drawing, f"{name}/", known)
    return found


def add_drawing(found: Comparable, drawing: Drawing, prefix: str, known: Known) -> None:
    for node in drawing.nodes.values():
        mode = MODES.get(node.mode, MODES[0])
        found.nodes[prefix + node.id] = Seen(node.type, node.title, mode, values_of(node, known))
    for link in drawing.links.values():
        origin, target = drawing.nodes.get(link.origin), drawing.nodes.get(link.target)
        outputs = [slot.name for slot in origin.outputs] if origin else []
        inputs = [slot.name for slot in target.inputs] if target else []
        start = prefix + link.origin, slot_name(outputs, link.origin_slot)
        found.wires.add((*start, prefix + link.target, slot_name(inputs, link.target_slot)))


def slot_name(names: list[str], slot: int) -> str:
    return names[slot] if 0 <= slot < len(names) else str(slot)


def values_of(node: DrawnNode, known: Known) -> dict[str, Any]:
    """The values by the names of their settings; those without a name by their place."""
    if isinstance(node.values, Mapping):
        return dict(node.values)
    found: dict[str, Any] = {}
    names = value_names(node, known)
    for place, value in enumerate(node.values):
        name = names[place] if place < len(names) else ""
        found[name if name and name not in found else f"value {place + 1}"] = value
    return found


def of_api(document: Mapping[str, Any]) -> Comparable:
    graph, _problems = parse_api(document)
    found = Comparable()
    for node in graph:
        values = {name: value for name, value in node.inputs.items() if not isinstance(value, Link)}
        found.nodes[node.id] = Seen(node.type, node.title, MODES[0], values)
        for name, value in node.inputs.items():
            if isinstance(value, Link):
                found.wires.add((value.source, str(value.slot), node.id, name))
    return found


def node_changes(old: Seen, new: Seen) -> Json:
    """What differs, each as {before, after}; a value that one of them lacks is left out there."""
    changes: Json = {}
    for fact in ("type", "title", "mode"):
        before, after = getattr(old, fact), getattr(new, fact)
        if before != after:
            changes[f"{fact}_change"] = {"before": before, "after": after}
    values = {}
    for name in dict.fromkeys((*old.values, *new.values)):
        before, after = old.values.get(name, ABSENT), new.values.get(name, ABSENT)
        if before != after or type(before) is not type(after):
            sides = {"before": before, "after": after}
            values[name] = {side: value for side, value in sides.items() if value is not ABSENT}
    return {**changes, "values": values} if values else changes


def about(id: str, node: Seen) -> Json:
    return {"id": id, "type": node.type, "title": node.title}


def wire_json(wire: Wire) -> Json:
    return {"from": {"node": wire[0], "output": wire[1]}, "to": {"node": wire[2], "input": wire[3]}}


def in_order(ids: set[str]) -> list[str]:
    return sorted(ids, key=order_of)


def order_of(id: str) -> tuple[str, int, str]:
    """Numbers by value, inside each subgraph."""
    scope, _, last = id.rpartition("/")
    return scope, int(last) if last.isascii() and last.isdecimal() and len(last) < 20 else 0, last
