"""Events and outcomes of a job as JSON: what `JobEvent` and `JobDone` carry.

kind                data
started             cached: [ids], total
node_started        node, display_node, reason
node_cached         node, display_node, reason, ui
progress            node, display_node, value, maximum
preview             node, display_node, format ("JPEG" or "PNG"); the picture is the blob
text                node, display_node, text
node_finished       node, display_node, seconds, ui
node_blocked        node, display_node, message
node_failed         node, display_node, message, exception_type, traceback: [lines], inputs: {name: [texts]}

Data of a node that came by expansion also has parent_node and real_node. The event `Finished` is `JobDone`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from darkroom.engine.events import Event, Finished, Preview, Started
from darkroom.engine.problems import Problem

_FIELDS = {
    kind: tuple(
        field.name for field in fields(kind) if not (kind is Started and field.name in ("node", "display_node"))
    )
    for kind in Event.__subclasses__()
    if kind not in (Finished, Preview)
}
_KINDS = {kind: re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower() for kind in _FIELDS}

PROBLEM_FIELDS = (
    *("type", "came", "wanted", "remedy", "node", "node_type", "title", "input", "warning", "extra", "details"),
)


def kind_of(event: Event) -> str:
    """The `JobEvent.kind` of an event. Raises KeyError for Preview and Finished, which travel otherwise."""
    return _KINDS[type(event)]


def data_of(event: Event) -> dict[str, Any]:
    """The `JobEvent.data` of an event."""
    return {name: getattr(event, name) for name in _FIELDS[type(event)]}


def problem_as_json(problem: Problem) -> dict[str, Any]:
    """A problem with its fields and, as `text`, its sentence."""
    return {**{name: getattr(problem, name) for name in PROBLEM_FIELDS}, "text": str(problem)}


def problem_from_json(data: Mapping[str, Any]) -> Problem:
    """What `problem_as_json` wrote."""
    return Problem(**{name: data[name] for name in PROBLEM_FIELDS if name in data})
