"""The job's nodes as packs see them through the hidden input DYNPROMPT."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from darkroom.engine.graph import Link, Node
from darkroom.engine.running.growing import GrowingGraph


class NodeNotFoundError(Exception):
    """A node was asked for that is not in the job."""


class DynamicPrompt:
    """The nodes of a job in API JSON: those that were sent, and those that came by expansion."""

    def __init__(self, nodes: GrowingGraph, prompt: Mapping[str, Any]) -> None:
        self._nodes = nodes
        self.original_prompt = prompt

    @property
    def ephemeral_prompt(self) -> dict[str, Any]:
        """The nodes that came by expansion."""
        return {id: as_json(node) for id, node in self._nodes.added.items()}

    def get_node(self, node_id: str) -> Any:
        """A node's entry; of a node that was sent, the very object of the prompt. Raises NodeNotFoundError."""
        if node_id in self.original_prompt:
            return self.original_prompt[node_id]
        if node_id in self._nodes:
            return as_json(self._nodes[node_id])
        raise NodeNotFoundError(f"Node {node_id} not found")

    def has_node(self, node_id: str) -> bool:
        return node_id in self.original_prompt or node_id in self._nodes

    def get_real_node_id(self, node_id: str) -> str:
        return self._nodes.real(node_id)

    def get_parent_node_id(self, node_id: str) -> str | None:
        return self._nodes.parent(node_id)

    def get_display_node_id(self, node_id: str) -> str:
        return self._nodes.display(node_id)

    def all_node_ids(self) -> set[str]:
        return {*self.original_prompt, *self._nodes.added}

    def get_original_prompt(self) -> Mapping[str, Any]:
        return self.original_prompt


def as_json(node: Node) -> dict[str, Any]:
    """A node's entry in API JSON, its literals as they are."""
    inputs = {name: [each.source, each.slot] if isinstance(each, Link) else each for name, each in node.inputs.items()}
    return {"class_type": node.type, "inputs": inputs}
