"""Where a wire really comes from, past reroutes, primitives, bypassed nodes and the walls of subgraphs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from darkroom.engine.drawn.drawing import BYPASSED, SUBGRAPH_INPUT, DrawnNode, LinkKey, tag
from darkroom.engine.drawn.groups import group_name
from darkroom.engine.drawn.scopes import Definitions, Scope, connects, end_link, renamed
from darkroom.engine.drawn.widgets import MISSING, is_widget
from darkroom.engine.graph import Link

NOTES = frozenset({"Note", "MarkdownNote"})
RELAYS = frozenset({"Reroute", "Reroute (rgthree)"})
SETTERS = frozenset({"SetNode", "easy setNode"})
GETTERS = frozenset({"GetNode", "easy getNode"})
DECORATION = frozenset(
    {
        "Bookmark (rgthree)",
        "Fast Actions Button (rgthree)",
        "Fast Bypasser (rgthree)",
        "Fast Groups Bypasser (rgthree)",
        "Fast Groups Muter (rgthree)",
        "Fast Muter (rgthree)",
        "Label (rgthree)",
        "Mute / Bypass Relay (rgthree)",
        "Mute / Bypass Repeater (rgthree)",
        "Node Collector (rgthree)",
        "Random Unmuter (rgthree)",
    }
)
"""Nodes that some packs draw but never run."""

VIRTUAL = NOTES | RELAYS | SETTERS | GETTERS | DECORATION | {"PrimitiveNode"}


class Value(NamedTuple):
    """A wire that turns out to carry a plain value of the drawing."""

    value: Any


class Hop(NamedTuple):
    """A wire that goes on as another one. wanted: the type looked for from here on, if it is another one."""

    scope: Scope
    key: LinkKey
    wanted: str | None = None


Origin = Link | Value | None
Socket = tuple[str, str, LinkKey | None]
"""Name, type and link of an input."""


class Resolver:
    """Follows wires upstream; each stretch once, however many wires share it, and in a loop however long it is."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.known = definitions.known
        self._found: dict[tuple[Scope, LinkKey, str], Origin] = {}
        self._setters: dict[Scope, dict[Any, DrawnNode]] = {}
        self._sockets: dict[int, tuple[list[Socket], dict[str, Socket]]] = {}

    def is_virtual(self, node: DrawnNode) -> bool:
        return node.type in VIRTUAL and self.known.spec(node.type) is None

    def origin(self, scope: Scope, key: LinkKey, wanted: str) -> Origin:
        """What a wire brings to an input of type `wanted`; None: nothing."""
        trail = []
        while True:
            step = (scope, key, wanted)
            if step in self._found:
                found = self._found[step]
                break
            # Met again while it is still being followed, the wire runs in a circle and brings nothing.
            self._found[step] = None
            trail.append(step)
            next_step = self._follow(scope, key, wanted)
            if isinstance(next_step, Hop):
                scope, key = next_step.scope, next_step.key
                wanted = next_step.wanted or wanted
                continue
            found = next_step
            break
        for step in trail:
            self._found[step] = found
        return found

    def _follow(self, scope: Scope, key: LinkKey, wanted: str) -> Origin | Hop:
        link = scope.drawing.links.get(key)
        if link is None:
            return None
        if scope.subgraph is not None and link.origin == SUBGRAPH_INPUT:
            return self._from_outside(scope, link.origin_slot)
        node = scope.drawing.nodes.get(link.origin)
        return None if node is None else self._output(scope, node, link.origin_slot, wanted)

    def _from_outside(self, scope: Scope, slot: int) -> Origin | Hop:
        """The wire at the instance's input, or else the value the instance has for it."""
        assert scope.subgraph is not None and scope.instance is not None and scope.parent is not None
        if not 0 <= slot < len(scope.subgraph.inputs):
            return None
        name = scope.subgraph.inputs[slot].name
        sockets = scope.instance.inputs
        socket = scope.sockets.get(name)
        if socket is None and group_name(scope.subgraph.id) is not None and slot < len(sockets):
            # Group nodes name the socket of a reroute by the type it happens to carry, so there the place counts.
            socket = sockets[slot]
        if socket is not None and socket.link is not None:
            return Hop(scope.parent, socket.link, tag(scope.subgraph.inputs[slot].type))
        value = scope.promoted.get(name, MISSING)
        return None if value is MISSING else Value(value)

    def _output(self, scope: Scope, node: DrawnNode, slot: int, wanted: str) -> Origin | Hop:
        if self.is_virtual(node):
            return self._virtual(scope, node)
        if node.mode == BYPASSED:
            found = self._past(node, slot, wanted)
            return None if found is None or found[2] is None else Hop(scope, found[2], found[1])
        child = scope.children.get(node.id)
        if child is not None:
            end = end_link(child, slot)
            return None if end is None else Hop(child, end)
        return Link(f"{scope.prefix}{node.id}", slot)

    def _virtual(self, scope: Scope, node: DrawnNode) -> Origin | Hop:
        if node.type == "PrimitiveNode":
            own = node.values[0] if not isinstance(node.values, Mapping) and node.values else None
            value = scope.overrides.get((node.id, "value"), own)
            return None if value is None else Value(value)
        if node.type in GETTERS:
            setter = self._setter(scope, _first(node))
            if setter is None:
                return None
            node = setter
        elif node.type not in RELAYS | SETTERS:
            return None
        key = node.inputs[0].link if node.inputs else None
        return None if key is None else Hop(scope, key)

    def _setter(self, scope: Scope, name: Any) -> DrawnNode | None:
        if scope not in self._setters:
            setters = [each for each in scope.drawing.nodes.values() if each.type in SETTERS]
            self._setters[scope] = {_first(each): each for each in setters}
        return self._setters[scope].get(name)

    def sockets(self, node: DrawnNode) -> list[Socket]:
        """Inputs in the order the editor gives them: wires, then settings, then what only the file knows."""
        links = {each.name: each.link for each in node.inputs}
        subgraph = self.definitions.get(node.type)
        if subgraph is not None:
            return [(port.name, tag(port.type), links.get(port.name)) for port in subgraph.inputs]
        spec = self.known.spec(renamed(node.type, self.known))
        if spec is None:
            return [(each.name, tag(each.type), each.link) for each in node.inputs]
        drawn = [each for each in spec.inputs if each.kind != "hidden"]
        ordered = [each for each in drawn if not is_widget(each)] + [each for each in drawn if is_widget(each)]
        declared = {each.name for each in ordered}
        sockets: list[Socket] = [(each.name, each.type, links.get(each.name)) for each in ordered]
        return sockets + [(each.name, tag(each.type), each.link) for each in node.inputs if each.name not in declared]

    def output_type(self, node: DrawnNode, slot: int) -> str | None:
        subgraph = self.definitions.get(node.type)
        spec = None if subgraph is not None else self.known.spec(renamed(node.type, self.known))
        outputs = subgraph.outputs if subgraph is not None else spec.outputs if spec is not None else node.outputs
        if 0 <= slot < len(outputs):
            return tag(outputs[slot].type)
        return tag(node.outputs[slot].type) if 0 <= slot < len(node.outputs) else None

    def _past(self, node: DrawnNode, slot: int, wanted: str) -> Socket | None:
        """The input that takes the place of a bypassed node's output.

        That is the one of the same number if the types fit, else the first of exactly the type, else the first that
        fits; where anything is wanted, the one of the same number or else the first.
        """
        if id(node) not in self._sockets:
            found = self.sockets(node)
            self._sockets[id(node)] = (found, {each[1]: each for each in reversed(found)})
        sockets, by_type = self._sockets[id(node)]
        same = sockets[slot] if 0 <= slot < len(sockets) else None
        if wanted in ("*", ""):
            return same or (sockets[0] if sockets else None)
        given = self.output_type(node, slot) or "*"

        def fits(each: Socket) -> bool:
            return connects(each[1], given) and connects(each[1], wanted)

        if same is not None and fits(same):
            return same
        return by_type.get(wanted) or next((each for each in sockets if fits(each)), None)


def _first(node: DrawnNode) -> str | None:
    """The first value of a node, where it is a name."""
    value = node.values[0] if not isinstance(node.values, Mapping) and node.values else None
    return value if isinstance(value, str) else None
