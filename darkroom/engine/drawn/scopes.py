"""Where a drawn node stands: on the canvas itself or inside nested subgraphs, and what its settings are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from darkroom.engine.drawn.drawing import (
    SUBGRAPH_OUTPUT,
    Drawing,
    DrawnNode,
    InputSlot,
    LinkKey,
    Subgraph,
    node_key,
)
from darkroom.engine.drawn.groups import group_definition, group_name
from darkroom.engine.drawn.widgets import Known, given_names, named_values, value_names
from darkroom.engine.problems import Problem
from darkroom.engine.running.describe import shown

NESTING = 200
"""How deep subgraphs may stand in subgraphs."""

NODES = 1_000_000
"""How many nodes a workflow may have once its subgraphs are unfolded: ten definitions of ten can be ten billion."""

RENAMED = {
    "T2IAdapterLoader": "ControlNetLoader",
    "ConditioningAverage ": "ConditioningAverage",
    "SDV_img2vid_Conditioning": "SVD_img2vid_Conditioning",
}
"""Node types under the names that old files give them."""


@dataclass(eq=False, slots=True)
class Scope:
    """One unfolded canvas.

    prefix: stands before the ids of its nodes
    parent, instance, subgraph: the node that it is the inside of, where that stands, and its definition
    ends: links by the number of the output they end at, once asked for
    overrides: values that a group node gives to settings inside, by (inner id, setting)
    promoted: values that the instance has for its inputs, by name
    sockets: inputs of the instance by name
    """

    drawing: Drawing
    prefix: str = ""
    parent: Scope | None = None
    instance: DrawnNode | None = None
    subgraph: Subgraph | None = None
    children: dict[str, Scope] = field(default_factory=dict)
    ends: dict[int, LinkKey] | None = None
    overrides: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    promoted: Mapping[str, Any] = field(default_factory=dict)
    sockets: Mapping[str, InputSlot] = field(default_factory=dict)


class Definitions:
    """Subgraphs and group nodes by the node type that stands for them, and what their ports promote."""

    def __init__(self, document: Mapping[str, Any], subgraphs: Mapping[str, Subgraph], known: Known) -> None:
        self.document = document
        self.known = known
        self._found: dict[str, Subgraph | None] = dict(subgraphs)
        self._promoting: dict[tuple[str, int], bool] = {}
        self._ports: dict[str, dict[str, int]] = {}

    def get(self, type: str) -> Subgraph | None:
        """The definition that a node type stands for; None for an ordinary node."""
        if type in self._found:
            return self._found[type]
        found = None
        if group_name(type) is not None:
            found = group_definition(type, self.document, self.known)
        self._found[type] = found
        return found

    def missing(self, node: DrawnNode) -> Problem | None:
        """What is wrong with a node that looks like an instance but has no definition."""
        if self.known.spec(node.type) is not None:
            return None
        group = group_name(node.type)
        if group is not None:
            return Problem(
                "missing_group_node",
                f"the file has no group node {shown(group)}",
                "its definition in extra.groupNodes",
                "open the workflow where the group was made and save it again, or remove the node",
                node=node.id,
                node_type=node.type,
                title=node.title,
            )
        if _is_uuid(node.type):
            return Problem(
                "unknown_subgraph",
                f"the file has no subgraph {shown(node.type)}",
                "its definition in definitions.subgraphs",
                "open the workflow where the subgraph was made and save it again, or remove the node",
                node=node.id,
                node_type=node.type,
                title=node.title,
            )
        return None

    def promotes(self, subgraph: Subgraph, slot: int) -> bool:
        """Whether an input of a subgraph stands for a setting inside: then the instance has a value for it."""
        if (subgraph.id, slot) in self._promoting:
            return self._promoting[subgraph.id, slot]
        pending = [(subgraph, slot)]
        seen = set()
        while pending:
            here, index = pending.pop()
            if (here.id, index) in seen or not 0 <= index < len(here.inputs):
                continue
            seen.add((here.id, index))
            if self._promoting.get((here.id, index)):
                break
            for key in here.inputs[index].links:
                link = here.drawing.links.get(key)
                target = here.drawing.nodes.get(link.target) if link else None
                if link is None or target is None or not 0 <= link.target_slot < len(target.inputs):
                    continue
                given = target.inputs[link.target_slot]
                nested = self.get(target.type)
                if nested is not None:
                    port = self.port(nested, given.name)
                    if port is not None:
                        pending.append((nested, port))
                elif given.widget is not None or given.name in self.known.widget_names(target.type):
                    self._promoting[(subgraph.id, slot)] = True
                    return True
        else:
            self._promoting[(subgraph.id, slot)] = False
            return False
        self._promoting[(subgraph.id, slot)] = True
        return True

    def port(self, subgraph: Subgraph, name: str) -> int | None:
        """The number of a subgraph's input."""
        if subgraph.id not in self._ports:
            names = [port.name for port in subgraph.inputs]
            self._ports[subgraph.id] = {name: index for index, name in reversed(list(enumerate(names)))}
        return self._ports[subgraph.id].get(name)

    def value_names(self, node: DrawnNode) -> list[str]:
        """For each of a node's `widgets_values` its name, be the node an instance or not."""
        subgraph = self.get(node.type)
        if subgraph is None or isinstance(node.values, Mapping):
            return value_names(node, self.known)
        given = given_names(node)
        if given is not None:
            return given
        count = len(node.values)
        names = self.instance_names(node, subgraph)[:count]
        return names + [""] * (count - len(names))

    def instance_names(self, node: DrawnNode, subgraph: Subgraph) -> list[str]:
        """The settings of an instance, in the order of their values.

        Where `proxyWidgets` lists the instance's own settings (inner id -1) it gives the order; the rest of it shows
        settings of inner nodes, whose values those nodes hold.
        """
        if subgraph.settings:
            return [name for name, _, _ in subgraph.settings]
        own = [port.name for slot, port in enumerate(subgraph.inputs) if self.promotes(subgraph, slot)]
        proxies = proxy_widgets(node)
        if any(inner == "-1" for inner, _ in proxies):
            return [name if inner == "-1" else f"{inner}.{name}" for inner, name in proxies]
        # Shown from inside, a setting is not the instance's own, even if an input stands for it as well.
        shown_inside = {name for _, name in proxies}
        return [each for each in own if each not in shown_inside] + [f"{inner}.{name}" for inner, name in proxies]

    def instance_values(self, node: DrawnNode) -> dict[str, Any]:
        """Values of an instance by the name of the setting."""
        if isinstance(node.values, Mapping):
            return dict(node.values)
        names = self.value_names(node)
        return {name: value for name, value in zip(names, node.values, strict=False) if name and value is not None}

    def node_values(self, node: DrawnNode) -> dict[str, Any]:
        """Values of an ordinary node by the name of the setting."""
        return named_values(node, self.known)


def proxy_widgets(node: DrawnNode) -> list[tuple[str, str]]:
    """The inner settings an instance shows, as (inner node id, setting)."""
    given = node.properties.get("proxyWidgets")
    found = []
    for each in given if isinstance(given, list) else ():
        if isinstance(each, list) and len(each) >= 2 and isinstance(each[1], str):
            inner = node_key(each[0])
            if inner is not None:
                found.append((inner, each[1]))
    return found


def renamed(node_type: str, known: Known) -> str:
    """The name that a type has today."""
    new = RENAMED.get(node_type)
    return new if new is not None and known.spec(node_type) is None else node_type


def child_of(scope: Scope, node: DrawnNode, subgraph: Subgraph, definitions: Definitions) -> Scope:
    """The inside of an instance, with the values that the instance gives to it."""
    values = definitions.instance_values(node)
    overrides = {
        (inner, widget): values[name]
        for name, inner, widget in subgraph.settings
        if widget is not None and name in values
    }
    promoted = {} if subgraph.settings else values
    return Scope(
        subgraph.drawing,
        f"{scope.prefix}{node.id}:",
        scope,
        node,
        subgraph,
        overrides=overrides,
        promoted=promoted,
        sockets={each.name: each for each in reversed(node.inputs)},
    )


def end_link(scope: Scope, slot: int) -> LinkKey | None:
    """The link that ends at output number `slot` of the subgraph that the scope is the inside of."""
    assert scope.subgraph is not None
    if 0 <= slot < len(scope.subgraph.outputs):
        for key in scope.subgraph.outputs[slot].links:
            if key in scope.drawing.links:
                return key
    if scope.ends is None:
        scope.ends = {}
        for link in scope.drawing.links.values():
            if link.target == SUBGRAPH_OUTPUT:
                scope.ends.setdefault(link.target_slot, link.id)
    return scope.ends.get(slot)


def oversized(root: Drawing, definitions: Definitions, most: int = NODES) -> Problem | None:
    """Whether subgraphs contain themselves, stand too deep in each other, or unfold to more than `most` nodes."""
    totals: dict[str, tuple[int, int]] = {}
    stack: list[tuple[str, Drawing, Iterator[DrawnNode]]] = [("", root, iter(root.nodes.values()))]
    open_types = {""}
    while stack:
        type, drawing, nodes = stack[-1]
        for node in nodes:
            inner = definitions.get(node.type)
            if inner is None or node.type in totals:
                continue
            if node.type in open_types:
                return Problem(
                    "cyclic_subgraph",
                    f"subgraph {shown(inner.name)} contains itself",
                    "",
                    "remove its instance from its inside",
                    node=node.id,
                    node_type=node.type,
                    title=node.title,
                )
            open_types.add(node.type)
            stack.append((node.type, inner.drawing, iter(inner.drawing.nodes.values())))
            break
        else:
            stack.pop()
            open_types.discard(type)
            inside = [totals.get(node.type, (0, 0)) for node in drawing.nodes.values()]
            count = len(drawing.nodes) + sum(each for each, _ in inside)
            depth = 1 + max((each for _, each in inside), default=0)
            if count > most or depth > NESTING:
                came = f"it unfolds to {count} nodes" if count > most else "its subgraphs stand too deep in each other"
                return Problem(
                    "workflow_too_large", came, f"at most {most} nodes and {NESTING} levels", "make it smaller"
                )
            totals[type] = (count, depth)
    return None


def connects(first: str, second: str) -> bool:
    """Whether the editor lets one type of socket be wired to another."""
    if first == second or first in ("*", "", "0") or second in ("*", "", "0"):
        return True
    left, right = first.lower(), second.lower()
    if left == right:
        return True
    return ("," in left or "," in right) and not set(left.split(",")).isdisjoint(right.split(","))


def _is_uuid(type: str) -> bool:
    return len(type) == 36 and type.count("-") == 4
