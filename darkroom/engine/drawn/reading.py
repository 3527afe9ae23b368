"""From the parsed UI JSON, 0.4 or 1.0, to the typed view. What is broken is reported and left out, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from darkroom.engine.drawn.drawing import (
    ALWAYS,
    SUBGRAPH_INPUT,
    SUBGRAPH_OUTPUT,
    Drawing,
    DrawnLink,
    DrawnNode,
    InputSlot,
    LinkKey,
    OutputSlot,
    Port,
    Subgraph,
    link_key,
    node_key,
)
from darkroom.engine.problems import Problem
from darkroom.engine.running.describe import shown

MODES = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class Parts:
    """What a drawn document holds: its canvas, its subgraphs by id, and what was found odd or broken."""

    drawing: Drawing
    subgraphs: Mapping[str, Subgraph]
    problems: tuple[Problem, ...]


def read_parts(document: Mapping[str, Any]) -> Parts:
    """The parts of a drawn document whose "nodes" is known to be a list."""
    reader = _Reader()
    drawing = reader.drawing(document, "", frozenset())
    subgraphs: dict[str, Subgraph] = {}
    definitions = reader.mapping(document, "definitions", "the file")
    for each in reader.list(definitions, "subgraphs", "definitions"):
        subgraph = reader.subgraph(each)
        if subgraph is None:
            continue
        if subgraph.id in subgraphs:
            reader.note(
                "duplicate_subgraph_id",
                f"two subgraphs have the id {shown(subgraph.id)}",
                "give one of them another id; the first one counts",
                warning=False,
            )
            continue
        subgraphs[subgraph.id] = subgraph
    return Parts(drawing, subgraphs, tuple(reader.problems))


class _Reader:
    """Collects the problems of one file while its parts are read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def note(
        self,
        type: str,
        came: str,
        remedy: str,
        *,
        wanted: str = "",
        node: str | None = None,
        node_type: str | None = None,
        input: str | None = None,
        warning: bool = True,
    ) -> None:
        self.problems.append(
            Problem(type, came, wanted, remedy, node=node, node_type=node_type, input=input, warning=warning)
        )

    def wrong_type(self, where: str, key: str, value: Any, wanted: str, node: str | None = None) -> None:
        self.note(
            "wrong_type",
            f'"{key}" of {where} is {shown(value)}',
            "it is ignored; save the workflow again from its editor",
            wanted=wanted,
            node=node,
        )

    def list(self, holder: Mapping[str, Any], key: str, where: str, node: str | None = None) -> list[Any]:
        value = holder.get(key)
        if isinstance(value, list):
            return value
        if value is not None:
            self.wrong_type(where, key, value, "a list", node)
        return []

    def mapping(self, holder: Mapping[str, Any], key: str, where: str, node: str | None = None) -> Mapping[str, Any]:
        value = holder.get(key)
        if isinstance(value, dict):
            return value
        # Older editors wrote an empty list for an empty object.
        if value is not None and value != []:
            self.wrong_type(where, key, value, "an object", node)
        return {}

    def drawing(self, holder: Mapping[str, Any], prefix: str, ends: frozenset[LinkKey]) -> Drawing:
        """ends: links that end at an output of the surrounding subgraph rather than at a node."""
        links = self.links(holder, prefix)
        nodes: dict[str, DrawnNode] = {}
        for index, raw in enumerate(self.list(holder, "nodes", prefix or "the file")):
            node = self.node(raw, prefix, index)
            if node is None:
                continue
            if node.id in nodes:
                self.note(
                    "duplicate_node_id",
                    f"two nodes have the id {shown(node.id)}, a {nodes[node.id].type} and a {node.type}",
                    "give one of them another id; the first one counts",
                    node=prefix + node.id,
                    node_type=node.type,
                    warning=False,
                )
                continue
            nodes[node.id] = node
        return Drawing(self.repaired(nodes, links, prefix, ends), links)

    def node(self, raw: Any, prefix: str, index: int) -> DrawnNode | None:
        if not isinstance(raw, dict):
            self.note("wrong_type", f"entry {index} of nodes is {shown(raw)}", "remove it", wanted="a node object")
            return None
        id = node_key(raw.get("id"))
        type = raw.get("type")
        if id is None or not isinstance(type, str):
            key, wanted = ("id", "a number or text") if id is None else ("type", "the name of a node type")
            self.note(
                "wrong_type",
                f'"{key}" of entry {index} of nodes is {shown(raw.get(key))}',
                "remove the node or mend the file",
                wanted=wanted,
                node=None if id is None else prefix + id,
                warning=False,
            )
            return None
        mode = raw.get("mode", ALWAYS)
        if mode not in MODES if isinstance(mode, int) else mode is not None:
            self.wrong_type(f"node {prefix}{id}", "mode", mode, "a number from 0 to 4", prefix + id)
            mode = ALWAYS
        values = raw.get("widgets_values")
        if not isinstance(values, list | dict):
            if values is not None:
                self.wrong_type(f"node {prefix}{id}", "widgets_values", values, "a list or an object", prefix + id)
            values = []
        title = raw.get("title")
        where = prefix + id
        properties = raw.get("properties")
        return DrawnNode(
            id,
            type,
            mode or ALWAYS,
            title if isinstance(title, str) and title else None,
            tuple(self.inputs(raw["inputs"], raw, where)) if raw.get("inputs") else (),
            tuple(self.outputs(raw["outputs"], raw, where)) if raw.get("outputs") else (),
            values,
            properties if isinstance(properties, dict) else self.mapping(raw, "properties", f"node {where}", where),
            raw,
        )

    def inputs(self, slots: Any, raw: Mapping[str, Any], where: str) -> Iterable[InputSlot]:
        for each in slots if isinstance(slots, list) else self.list(raw, "inputs", f"node {where}", where):
            if not isinstance(each, dict):
                self.wrong_type(f"node {where}", "inputs", each, "a list of objects", where)
                # It keeps its place: links and bypasses count the slots.
                yield InputSlot("", "*", None, None)
                continue
            name = each.get("name")
            link = each.get("link")
            widget = each.get("widget")
            key = link_key(link)
            if key is None and link is not None:
                self.wrong_type(f"input {shown(name)}", "link", link, "the id of a link", where)
            of_widget = widget.get("name") if isinstance(widget, dict) else None
            yield InputSlot(
                name if isinstance(name, str) else "",
                each.get("type", "*"),
                key,
                of_widget if isinstance(of_widget, str) else None,
            )

    def outputs(self, slots: Any, raw: Mapping[str, Any], where: str) -> Iterable[OutputSlot]:
        for each in slots if isinstance(slots, list) else self.list(raw, "outputs", f"node {where}", where):
            if not isinstance(each, dict):
                self.wrong_type(f"node {where}", "outputs", each, "a list of objects", where)
                yield OutputSlot("", "*", ())
                continue
            name = each.get("name")
            links = each.get("links")
            keys = [key for key in map(link_key, links) if key is not None] if isinstance(links, list) else ()
            yield OutputSlot(name if isinstance(name, str) else "", each.get("type", "*"), tuple(keys))

    def links(self, holder: Mapping[str, Any], prefix: str) -> dict[LinkKey, DrawnLink]:
        found: dict[LinkKey, DrawnLink] = {}
        where = f"subgraph {prefix}" if prefix else "the file"
        for raw in self.list(holder, "links", where):
            link = _link(raw)
            # Some editors leave null where a link was removed.
            if link is None and raw is not None:
                self.wrong_type(where, "links", raw, "[id, origin, slot, target, slot, type] or the like as an object")
            elif link is not None and link.id in found and found[link.id] != link:
                self.note(
                    "duplicate_link_id",
                    f"two links have the id {shown(link.id)}",
                    "draw one of them anew; the first one counts",
                    node=prefix + link.target,
                )
            elif link is not None:
                found[link.id] = link
        return found

    def subgraph(self, raw: Any) -> Subgraph | None:
        if not isinstance(raw, dict):
            self.wrong_type("definitions", "subgraphs", raw, "a list of objects")
            return None
        id = raw.get("id")
        if not isinstance(id, str) or not id or not isinstance(raw.get("nodes"), list):
            key = "nodes" if isinstance(id, str) and id else "id"
            self.wrong_type("a subgraph", key, raw.get(key), "text" if key == "id" else "a list of nodes")
            return None
        name = raw.get("name")
        inputs = tuple(self.ports(raw, "inputs", id))
        outputs = tuple(self.ports(raw, "outputs", id))
        ends = frozenset(key for port in outputs for key in port.links)
        drawing = self.drawing(raw, f"{id}:", ends)
        return Subgraph(id, name if isinstance(name, str) else id, inputs, outputs, drawing)

    def ports(self, raw: Mapping[str, Any], key: str, where: str) -> Iterable[Port]:
        for each in self.list(raw, key, f"subgraph {where}"):
            if not isinstance(each, dict):
                self.wrong_type(f"subgraph {where}", key, each, "a list of objects")
                yield Port("", "*", ())
                continue
            name = each.get("name")
            links = each.get("linkIds")
            keys = [found for found in map(link_key, links) if found is not None] if isinstance(links, list) else ()
            yield Port(name if isinstance(name, str) else "", each.get("type", "*"), tuple(keys))

    def repaired(
        self,
        nodes: dict[str, DrawnNode],
        links: Mapping[LinkKey, DrawnLink],
        prefix: str,
        ends: frozenset[LinkKey],
    ) -> dict[str, DrawnNode]:
        """Nodes whose slots and the list of links agree.

        A slot that names a missing link is empty; a link that its origin knows and whose target slot is free, as some
        writers leave it, is put there; any other link that no slot names is no wire.
        """
        used: set[LinkKey] = set(ends)
        changes: dict[str, dict[int, LinkKey | None]] = {}
        for node in nodes.values():
            for index, slot in enumerate(node.inputs):
                if slot.link is None:
                    continue
                link = links.get(slot.link)
                if link is not None and (link.origin in nodes or (prefix and link.origin == SUBGRAPH_INPUT)):
                    used.add(slot.link)
                    continue
                used.add(slot.link)
                gone = "which is not in the file" if link is None else f"from node {link.origin}, which does not exist"
                self.note(
                    "dangling_link",
                    f"it names link {shown(slot.link)} {gone}",
                    "it counts as not connected; connect it again",
                    node=prefix + node.id,
                    node_type=node.type,
                    input=slot.name,
                )
                changes.setdefault(node.id, {})[index] = None
        unused = [link for key, link in links.items() if key not in used]
        if prefix:
            unused = [link for link in unused if link.target != SUBGRAPH_OUTPUT]
        if unused:
            self.put_unused(nodes, unused, prefix, changes)
        for id, change in changes.items():
            inputs = list(nodes[id].inputs)
            for index, key in change.items():
                inputs[index] = inputs[index]._replace(link=key)
            nodes[id] = nodes[id].with_inputs(tuple(inputs))
        return nodes

    def put_unused(
        self,
        nodes: Mapping[str, DrawnNode],
        links: Iterable[DrawnLink],
        prefix: str,
        changes: dict[str, dict[int, LinkKey | None]],
    ) -> None:
        known = {(node.id, key) for node in nodes.values() for slot in node.outputs for key in slot.links}
        for link in links:
            target = nodes.get(link.target)
            slot = target.inputs[link.target_slot] if target and 0 <= link.target_slot < len(target.inputs) else None
            change = changes.get(link.target, {})
            free = slot is not None and change.get(link.target_slot, slot.link) is None
            if free and (link.origin, link.id) in known:
                changes.setdefault(link.target, {})[link.target_slot] = link.id
                remedy = "it is connected; save the workflow again"
            else:
                remedy = "it counts as not there; connect the two again if that was meant"
            self.note(
                "dangling_link",
                f"link {shown(link.id)} from node {link.origin} to node {link.target} is not known to its ends",
                remedy,
                node=prefix + link.target,
                node_type=target.type if target else None,
                input=slot.name if slot else None,
            )


def _link(raw: Any) -> DrawnLink | None:
    if isinstance(raw, list) and len(raw) >= 5:
        id, origin, origin_slot, target, target_slot = raw[:5]
        type = raw[5] if len(raw) > 5 else "*"
    elif isinstance(raw, dict):
        id, origin, origin_slot = raw.get("id"), raw.get("origin_id"), raw.get("origin_slot")
        target, target_slot, type = raw.get("target_id"), raw.get("target_slot"), raw.get("type", "*")
    else:
        return None
    key, start, end = link_key(id), node_key(origin), node_key(target)
    first, second = link_key(origin_slot), link_key(target_slot)
    if key is None or start is None or end is None or not isinstance(first, int) or not isinstance(second, int):
        return None
    return DrawnLink(key, start, first, end, second, type)
