"""What the executor reports, as frozen objects; the service and the command line turn them into JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

FIRST_RUN = "first run"
"""The reason of a step that nothing is remembered of."""


@dataclass(frozen=True, slots=True)
class Event:
    """node: the id that ran; display_node: the drawn node it stands for; both as in the file."""

    node: str = ""
    display_node: str = ""


@dataclass(frozen=True, slots=True)
class Started(Event):
    """The job begins. cached: ids of steps whose results are taken from the cache."""

    cached: tuple[str, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class NodeStarted(Event):
    reason: str = ""
    """Why it runs: "first run", "cfg 7 -> 7.5", "evicted", ..."""


@dataclass(frozen=True, slots=True)
class NodeCached(Event):
    reason: str = ""
    ui: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Progress(Event):
    value: float = 0
    maximum: float = 1


@dataclass(frozen=True, slots=True)
class Preview(Event):
    picture: Callable[[], Any] | None = None
    """Makes a PIL image; called only by who wants to see it."""
    whole: bool = False
    """It is a result of the node: to be shown at full size, none left out."""


@dataclass(frozen=True, slots=True)
class Text(Event):
    text: str = ""


@dataclass(frozen=True, slots=True)
class NodeFinished(Event):
    seconds: float = 0.0
    ui: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class NodeBlocked(Event):
    message: str | None = None


@dataclass(frozen=True, slots=True)
class NodeFailed(Event):
    message: str = ""
    exception_type: str = ""
    traceback: tuple[str, ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finished(Event):
    """The last event of every job. outcome: "done", "failed" or "cancelled"."""

    outcome: str = "done"
    seconds: float = 0.0


Emit = Callable[[Event], None]
