"""Workflows of any size for the benchmarks: copies of the text-to-image graph, drawn side by side."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
TEXT_TO_IMAGE = ROOT / "workflows" / "text_to_image.json"


def repeated(nodes: int, source: Path = TEXT_TO_IMAGE) -> dict[str, Any]:
    """A drawn workflow of at least `nodes` nodes, made of renumbered copies of one graph."""
    original = json.loads(source.read_text())
    per_copy = len(original["nodes"])
    result = {**copy.deepcopy(original), "nodes": [], "links": []}
    for index in range(-(-nodes // per_copy)):
        shift_node = index * original["last_node_id"]
        shift_link = index * original["last_link_id"]
        result["nodes"].extend(shifted_node(node, shift_node, shift_link) for node in original["nodes"])
        result["links"].extend(
            [link + shift_link, origin + shift_node, slot, target + shift_node, target_slot, kind]
            for link, origin, slot, target, target_slot, kind in original["links"]
        )
    result["last_node_id"] = len(result["nodes"])
    result["last_link_id"] = len(result["links"])
    return result


def shifted_node(node: dict[str, Any], shift_node: int, shift_link: int) -> dict[str, Any]:
    moved = copy.deepcopy(node)
    moved["id"] += shift_node
    for socket in moved.get("inputs", []):
        if socket["link"] is not None:
            socket["link"] += shift_link
    for socket in moved.get("outputs", []):
        socket["links"] = [link + shift_link for link in socket["links"]]
    return moved
