"""What a canvas holds, typed: nodes, slots, links and subgraphs as their files describe them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

ALWAYS, MUTED, BYPASSED = 0, 2, 4
"""The modes of a node that mean anything; 1 and 3 are unused and count as ALWAYS."""

SUBGRAPH_INPUT, SUBGRAPH_OUTPUT = "-10", "-20"
"""Ids under which the links inside a subgraph name its own inputs and outputs."""

LinkKey = int | str


# Named tuples, which are made twice as fast as dataclasses: a workflow has about ten of these for each node.
class InputSlot(NamedTuple):
    """A socket of a node. widget: the setting that the socket stands for, where it stands for one."""

    name: str
    type: Any
    link: LinkKey | None
    widget: str | None


class OutputSlot(NamedTuple):
    name: str
    type: Any
    links: tuple[LinkKey, ...]


class DrawnLink(NamedTuple):
    """A wire from output `origin_slot` of node `origin` to input `target_slot` of node `target`."""

    id: LinkKey
    origin: str
    origin_slot: int
    target: str
    target_slot: int
    type: Any


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """One box as drawn. values: `widgets_values`; raw: the JSON object itself."""

    id: str
    type: str
    mode: int
    title: str | None
    inputs: tuple[InputSlot, ...]
    outputs: tuple[OutputSlot, ...]
    values: Sequence[Any] | Mapping[str, Any]
    properties: Mapping[str, Any]
    raw: Mapping[str, Any]

    # Not dataclasses.replace, which takes several times as long.
    def with_inputs(self, inputs: tuple[InputSlot, ...]) -> DrawnNode:
        return DrawnNode(
            self.id,
            self.type,
            self.mode,
            self.title,
            inputs,
            self.outputs,
            self.values,
            self.properties,
            self.raw,
        )

    def with_type(self, type: str) -> DrawnNode:
        return DrawnNode(
            self.id,
            type,
            self.mode,
            self.title,
            self.inputs,
            self.outputs,
            self.values,
            self.properties,
            self.raw,
        )


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and wires of one canvas: of the workflow itself or of one subgraph."""

    nodes: Mapping[str, DrawnNode]
    links: Mapping[LinkKey, DrawnLink]


class Port(NamedTuple):
    """An input or output of a subgraph. links: the wires inside that start or end at it."""

    name: str
    type: Any
    links: tuple[LinkKey, ...]


@dataclass(frozen=True, slots=True)
class Subgraph:
    """A definition that instances refer to by id.

    settings: of a group node: its settings in order, each as (name, inner node id, inner setting or None);
              None stands for an extra value such as control_after_generate
    """

    id: str
    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    drawing: Drawing
    settings: tuple[tuple[str, str, str | None], ...] = ()


def tag(type: Any) -> str:
    """The type of a socket as text; old combos, whose type is the list of their choices, are COMBO."""
    if isinstance(type, str):
        return type
    if isinstance(type, list | tuple):
        return "COMBO"
    return "*" if type in (0, -1, None) else str(type)


def link_key(value: Any) -> LinkKey | None:
    """A link id as the files write it; numbers in quotes are numbers. None: no link id at all."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value:
        return int(value) if len(value) < 16 and value.isascii() and value.isdigit() else value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None


def node_key(value: Any) -> str | None:
    """A node id as text, which is how the runnable graph has it. None: no node id at all."""
    if isinstance(value, str):
        return value or None
    key = link_key(value)
    return None if key is None else str(key)
