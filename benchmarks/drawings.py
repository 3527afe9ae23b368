"""Large workflows for the editor: the text-to-image example, drawn again and again side by side, each in a frame."""

from __future__ import annotations

import json
import math
from typing import Any

from benchmarks.live import ROOT

EXAMPLE = ROOT / "workflows" / "text_to_image.json"
STEP_X, STEP_Y = 1900, 900


def tiled(count: int) -> str:
    """A workflow of `count` nodes, the same for the same count; the copies stand in a square."""
    example = json.loads(EXAMPLE.read_text())
    most_node = max(node["id"] for node in example["nodes"])
    most_link = max(link[0] for link in example["links"])
    copies = math.ceil(count / len(example["nodes"]))
    across = math.ceil(math.sqrt(copies))
    nodes: list[dict[str, Any]] = []
    links: list[list[Any]] = []
    groups: list[dict[str, Any]] = []
    for number in range(copies):
        shift = (number % across * STEP_X, number // across * STEP_Y)
        copied = [_moved(node, number * most_node, number * most_link, shift) for node in example["nodes"]]
        nodes += copied
        links += [_relinked(link, number * most_node, number * most_link) for link in example["links"]]
        left, top = (min(node["pos"][axis] for node in copied) for axis in (0, 1))
        bounding = [left - 30, top - 80, STEP_X - 120, STEP_Y - 80]
        groups.append({"id": number + 1, "title": f"Postcard {number + 1}", "bounding": bounding, "color": "#3f789e"})
    kept = {node["id"] for node in nodes[:count]}
    links = [link for link in links if link[1] in kept and link[3] in kept]
    known = {link[0] for link in links}
    for node in nodes[:count]:
        _forget(node, known)
    counts = {"last_node_id": copies * most_node, "last_link_id": copies * most_link}
    return json.dumps({**counts, "nodes": nodes[:count], "links": links, "groups": groups, "version": 0.4})


def _moved(node: dict[str, Any], nodes: int, links: int, shift: tuple[int, int]) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(node))
    copy["id"] += nodes
    copy["pos"] = [place + by for place, by in zip(copy["pos"], shift, strict=True)]
    for socket in copy.get("inputs", []):
        if socket.get("link") is not None:
            socket["link"] += links
    for socket in copy.get("outputs", []):
        socket["links"] = [each + links for each in socket.get("links") or []]
    return copy


def _relinked(link: list[Any], nodes: int, links: int) -> list[Any]:
    id, source, slot, target, place, type = link
    return [id + links, source + nodes, slot, target + nodes, place, type]


def _forget(node: dict[str, Any], known: set[int]) -> None:
    """Takes wires away that lead to nodes which are not drawn any more."""
    for socket in node.get("inputs", []):
        if socket.get("link") not in known:
            socket["link"] = None
    for socket in node.get("outputs", []):
        socket["links"] = [each for each in socket["links"] if each in known]
