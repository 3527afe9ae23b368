"""Group nodes, the older way to fold nodes into one: each becomes a subgraph definition, and goes the same road."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from darkroom.engine.drawn.drawing import (
    SUBGRAPH_INPUT,
    SUBGRAPH_OUTPUT,
    Drawing,
    DrawnLink,
    DrawnNode,
    InputSlot,
    LinkKey,
    Port,
    Subgraph,
    link_key,
    node_key,
    tag,
)
from darkroom.engine.drawn.reading import read_parts
from darkroom.engine.drawn.widgets import CONTROL, Known, is_widget
from darkroom.engine.spec import NodeSpec

PREFIXES = ("workflow>", "workflow/")


def group_name(type: str) -> str | None:
    """The name of the group node that a node type stands for, if it does."""
    for prefix in PREFIXES:
        if type.startswith(prefix):
            return type[len(prefix) :]
    return None


def group_definition(type: str, document: Mapping[str, Any], known: Known) -> Subgraph | None:
    """The definition behind a group node as a subgraph; None where the file has none or it is malformed.

    Sockets and settings of the group are those of its inner nodes in order, less the ones that are wired inside or
    hidden. Where two have one name, the later carries the title of its node before it.
    """
    extra = document.get("extra")
    groups = extra.get("groupNodes") if isinstance(extra, Mapping) else None
    data = groups.get(group_name(type)) if isinstance(groups, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(data.get("nodes"), list):
        return None
    # Inner nodes are known by their place in the list, whatever ids they had when they were folded.
    numbered = [{**each, "id": index} if isinstance(each, dict) else each for index, each in enumerate(data["nodes"])]
    nodes = dict(read_parts({"nodes": [_unwired(each) for each in numbered]}).drawing.nodes)
    build = _Build(data, nodes, known)
    build.wire(data.get("links"))
    for node in list(nodes.values()):
        build.settings_and_sockets(node)
    for node, names in build.converted:
        build.sockets(nodes[node.id], names)
    for node in nodes.values():
        build.ends(node)
    drawing = Drawing(build.nodes, build.links)
    return Subgraph(
        type, group_name(type) or type, tuple(build.inputs), tuple(build.outputs), drawing, tuple(build.settings)
    )


def _unwired(raw: Any) -> Any:
    if not isinstance(raw, dict) or not isinstance(raw.get("inputs"), list):
        return raw
    return {**raw, "inputs": [{**each, "link": None} if isinstance(each, dict) else each for each in raw["inputs"]]}


@dataclass
class _Build:
    """A group being unfolded."""

    data: Mapping[str, Any]
    nodes: dict[str, DrawnNode]
    known: Known
    links: dict[LinkKey, DrawnLink] = field(default_factory=dict)
    inputs: list[Port] = field(default_factory=list)
    outputs: list[Port] = field(default_factory=list)
    settings: list[tuple[str, str, str | None]] = field(default_factory=list)
    converted: list[tuple[DrawnNode, list[str]]] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    seen_outputs: dict[str, int] = field(default_factory=dict)
    left: set[tuple[str, int]] = field(default_factory=set)
    """Outputs that are wired inside."""

    def wire(self, raw: Any) -> None:
        for each in raw if isinstance(raw, list) else ():
            if not isinstance(each, list) or len(each) < 4:
                continue
            origin, target = node_key(each[0]), node_key(each[2])
            slot, end = link_key(each[1]), link_key(each[3])
            if origin not in self.nodes or target not in self.nodes or not isinstance(slot, int):
                continue
            node = self.nodes[target]
            if not isinstance(end, int) or not 0 <= end < len(node.inputs):
                continue
            self.left.add((origin, slot))
            self.connect(origin, slot, target, end)

    def connect(self, origin: str, slot: int, target: str, end: int) -> LinkKey:
        node = self.nodes[target]
        key = len(self.links) + 1
        type = node.inputs[end].type
        self.links[key] = DrawnLink(key, origin, slot, target, end, type)
        slots = list(node.inputs)
        slots[end] = slots[end]._replace(link=key)
        self.nodes[target] = node.with_inputs(tuple(slots))
        return key

    def config(self, node: DrawnNode, side: str, key: str) -> Mapping[str, Any]:
        """What the user set for one socket: its name and whether it shows."""
        found: Any = self.data.get("config")
        for part in (node.id, side, key):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    def outer_name(self, node: DrawnNode, name: str) -> tuple[str, str]:
        """The name that an inner input has on the group, and the prefix it took."""
        slot = next((each for each in _raw_inputs(node) if each.get("name") == name), {})
        given = self.config(node, "input", name).get("name")
        label = slot.get("label")
        outer = given if isinstance(given, str) else label if isinstance(label, str) and label else name
        key, prefix = outer, ""
        if (node.type == "PrimitiveNode" and node.title) or outer in self.seen:
            prefix = f"{node.title or node.type} "
            key = f"{prefix}{name}"
            outer = f"{prefix}{self.seen[key]} {name}" if key in self.seen else key
        self.seen[key] = self.seen.get(key, 1) + 1
        return outer, prefix

    def settings_and_sockets(self, node: DrawnNode) -> None:
        spec = self.known.spec(node.type)
        if node.type == "PrimitiveNode":
            self.settings_of_primitive(node)
            return
        if spec is None:
            self.sockets(node, [slot.name for slot in node.inputs if slot.widget is None])
            return
        # A setting was turned into a socket where its slot stands for it; newer files give every setting a slot.
        slots = {slot.name for slot in node.inputs if slot.widget == slot.name}
        widgets = {each.name for each in spec.inputs if is_widget(each)}
        converted = [] if widgets <= slots else [name for name in widgets if name in slots]
        self.settings_of(node, spec, set(converted))
        self.sockets(node, [each.name for each in spec.inputs if each.name not in widgets and each.kind != "hidden"])
        self.converted.append((node, [each.name for each in spec.inputs if each.name in converted]))

    def settings_of_primitive(self, node: DrawnNode) -> None:
        """A primitive that feeds something inside lends the group its value, and the controls of a number or choice."""
        if (node.id, 0) not in self.left:
            return
        outer, prefix = self.outer_name(node, "value")
        self.settings.append((outer, node.id, "value"))
        types = {tag(link.type) for link in self.links.values() if link.origin == node.id}
        if types & {"INT", "COMBO"}:
            self.settings.append((f"{prefix}{CONTROL}", node.id, None))
        if "COMBO" in types:
            self.settings.append((f"{prefix}control_filter_list", node.id, None))

    def settings_of(self, node: DrawnNode, spec: NodeSpec, converted: set[str]) -> None:
        wired = {slot.name for slot in node.inputs if slot.link is not None}
        widgets = self.known.widgets(node.type) or ()
        owner_skipped, prefix = False, ""
        for widget in widgets:
            if widget.input is None:
                if widget.stored and not owner_skipped:
                    self.settings.append((f"{prefix}{widget.name}", node.id, None))
                continue
            owner_skipped = widget.name in converted or widget.name in wired
            if owner_skipped:
                continue
            outer, prefix = self.outer_name(node, widget.name)
            self.settings.append((outer, node.id, widget.name))

    def sockets(self, node: DrawnNode, names: list[str]) -> None:
        """Give the group a socket for each input that is not wired inside."""
        for name in names:
            node = self.nodes[node.id]
            end = next((index for index, slot in enumerate(node.inputs) if slot.name == name), None)
            if end is not None and node.inputs[end].link is not None:
                continue
            outer, _ = self.outer_name(node, name)
            if self.config(node, "input", name).get("visible") is False:
                continue
            if end is None:
                end = len(node.inputs)
                spec = self.known.spec(node.type)
                each = spec.input(name) if spec else None
                slot = InputSlot(name, each.type if each else "*", None, None)
                self.nodes[node.id] = node.with_inputs((*node.inputs, slot))
            key = self.connect(SUBGRAPH_INPUT, len(self.inputs), node.id, end)
            self.inputs.append(Port(outer, self.links[key].type, (key,)))

    def ends(self, node: DrawnNode) -> None:
        """Give the group an output for each that shows: those not wired inside, or wired outside as well."""
        external = self.data.get("external")
        outside = {
            (node_key(each[0]), each[1])
            for each in (external if isinstance(external, list) else ())
            if isinstance(each, list) and len(each) > 1 and isinstance(each[1], int)
        }
        if node.type == "PrimitiveNode":
            return
        spec = self.known.spec(node.type)
        names = [each.name for each in spec.outputs] if spec else [each.name for each in node.outputs]
        for slot, name in enumerate(names):
            config = self.config(node, "output", str(slot))
            hidden = (node.id, slot) in self.left and (node.id, slot) not in outside
            if not config.get("visible", not hidden):
                continue
            key: LinkKey = len(self.links) + 1
            self.links[key] = DrawnLink(key, node.id, slot, SUBGRAPH_OUTPUT, len(self.outputs), "*")
            given = config.get("name")
            outer = given if isinstance(given, str) else name
            if outer in self.seen_outputs:
                outer = f"{node.title or node.type} {outer}"
            self.seen_outputs[outer] = 1
            self.outputs.append(Port(outer, "*", (key,)))


def _raw_inputs(node: DrawnNode) -> list[Mapping[str, Any]]:
    slots = node.raw.get("inputs")
    return [each for each in slots if isinstance(each, dict)] if isinstance(slots, list) else []
