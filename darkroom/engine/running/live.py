"""The state of one step while a job runs."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from darkroom.engine.running.binding import Step
from darkroom.engine.running.cache import Stored
from darkroom.engine.running.key import LateFact
from darkroom.engine.running.mapping import Piece

State = Literal["idle", "waiting", "ready", "parked", "running", "expanded", "done"]


class Live:
    """A step that a job needs, or several nodes whose recipes are equal.

    state: idle: not asked for (again); waiting: for its inputs; ready: in the queue; parked: another computes it;
        running: its coroutines are under way; expanded: waiting for the graph that it gave; done: `result` is there
    missing: how many inputs are not there yet. waiters: who is told when this is done. readers: for how many wires
    the result is held; `kept` holds it to the end. asked: names of lazy inputs that were asked for
    wired: its inputs have been demanded. owned: the key that other jobs know it to compute; alone: without telling them
    moved: its key is not the one that was planned. late: what it turned out to rest on (see `late`)
    pieces: what its calls returned. inner: nodes of the graph it expanded into that it waits for; inside: all of them
    """

    __slots__ = (
        "aliases",
        "alone",
        "asked",
        "blocked",
        "id",
        "inner",
        "inside",
        "kept",
        "key",
        "late",
        "missing",
        "moved",
        "owned",
        "pieces",
        "position",
        "rank",
        "readers",
        "result",
        "seconds",
        "since",
        "state",
        "step",
        "tasks",
        "waiters",
        "wired",
    )

    def __init__(self, step: Step, key: bytes, rank: int) -> None:
        self.id = step.id
        self.step = step
        self.key = key
        self.rank = rank
        self.aliases: list[str] = []
        self.alone = False
        self.asked: set[str] | None = None
        self.blocked: list[str | None] | None = None
        self.inner: list[str] | None = None
        self.inside: list[str] | None = None
        self.kept = False
        self.late: dict[LateFact, None] | None = None
        self.missing = 0
        self.moved = False
        self.owned: bytes | None = None
        self.pieces: list[Piece] | None = None
        self.position = 0
        self.readers = 0
        self.result: Stored | None = None
        self.seconds = 0.0
        self.since = 0.0
        self.state: State = "idle"
        self.tasks: list[asyncio.Task[Any]] | None = None
        self.waiters: list[Live] | None = None
        self.wired = False
