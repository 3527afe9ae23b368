"""What is told of a job while it runs, and what remains of it afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from darkroom.engine.events import (
    Emit,
    Finished,
    NodeBlocked,
    NodeCached,
    NodeFailed,
    NodeFinished,
    NodeStarted,
    Started,
)
from darkroom.engine.running.cache import Cache, Stored
from darkroom.engine.running.key import Keyring
from darkroom.engine.running.live import Live
from darkroom.engine.running.why import Page, same_as, why_fresh, why_hit, why_missed

OutcomeWord = Literal["done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a node that came by expansion belongs. parent: the node that gave it; display, real: drawn nodes."""

    parent: str
    display: str
    real: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job came to.

    ui: by node, what it shows. outputs: by target, a list of values for each output slot (complete only if done)
    error: the failure, if one. stopped_at: the node that ran when the job was cancelled
    ran: ids in the order in which their functions were called; cached: ids whose result was there
    blocked: ids of which no call took place
    timings: seconds by id; reasons: by id, why it ran or why not; origins: of ids that came by expansion
    keys: by id, under which its result is kept, if it is (`Cache.peek`)
    """

    outcome: OutcomeWord
    ui: Mapping[str, Mapping[str, list[Any]]]
    outputs: Mapping[str, tuple[list[Any], ...]]
    error: NodeFailed | None
    stopped_at: str | None
    ran: tuple[str, ...]
    cached: tuple[str, ...]
    blocked: tuple[str, ...]
    timings: Mapping[str, float]
    reasons: Mapping[str, str]
    origins: Mapping[str, Origin]
    keys: Mapping[str, bytes]
    seconds: float


@dataclass(slots=True)
class Report:
    """Tells of a job's events, and gathers what its outcome says. before: what the nodes were in earlier runs."""

    emit: Emit
    display: Callable[[str], str]
    keyring: Keyring
    cache: Cache
    before: Page
    began: float = field(default_factory=time.perf_counter)
    ran: dict[str, None] = field(default_factory=dict)
    cached: dict[str, None] = field(default_factory=dict)
    blocked: dict[str, None] = field(default_factory=dict)
    ui: dict[str, Mapping[str, list[Any]]] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    current: str | None = None
    """The node that was called last."""

    def job_started(self, ids: Iterable[str], total: int) -> None:
        """The job begins; say which of its steps have their result already."""
        keys = self.keyring.keys
        held = self.cache.peek(keys.values())
        found = [id for id in ids if keys[id] in held] if held else []
        self.emit(Started(cached=tuple(found), total=total))
        now, before = self.keyring.parts, self.before.parts
        for id in found:
            self.hit(id, held[keys[id]], why_hit(now.get(id), before.get(id)))

    def hit(self, id: str, stored: Stored, reason: str) -> None:
        """A node's result was there, or came from elsewhere."""
        if id in self.cached or id in self.ran:
            return
        self.cached[id] = None
        self.reasons[id] = reason
        if stored.ui is not None:
            self.ui[id] = stored.ui
        self.emit(NodeCached(id, self.display(id), reason, stored.ui))
        for message in stored.blocked:
            if message is not None:
                self.emit(NodeBlocked(id, self.display(id), message))

    def settled(self, live: Live, stored: Stored) -> None:
        """A result is there for all nodes that share it."""
        for alias in live.aliases:
            self.hit(alias, stored, same_as(live.id))

    def node_started(self, live: Live) -> None:
        """A step is about to be called, or goes on after a lazy input was computed."""
        id = live.id
        if self.current == id and live.asked is not None:
            return
        self.current = id
        reason = self.reasons.get(id) if live.asked is not None else None
        if reason is None:
            fresh = self.keyring.fresh.get(id)
            recipe = self.keyring.recipe(id)
            if fresh is not None or recipe is None:
                reason = why_fresh(fresh or "")
            else:
                reason = why_missed(recipe, self.before.recipe(id), self.cache.why_not(live.key), self.ran)
            self.reasons[id] = reason
            self.cached.pop(id, None)
        self.emit(NodeStarted(id, self.display(id), reason))

    def node_finished(self, live: Live, stored: Stored) -> None:
        """A step's calls were made, or all of them blocked."""
        id = live.id
        self.timings[id] = live.seconds
        if stored.ui is not None:
            self.ui[id] = stored.ui
        if stored.blocked and live.pieces is not None and len(stored.blocked) == len(live.pieces):
            self.blocked[id] = None
            return
        self.emit(NodeFinished(id, self.display(id), live.seconds, stored.ui))

    def job_finished(self, outcome: OutcomeWord) -> float:
        """The job ends; returns how many seconds it took."""
        seconds = time.perf_counter() - self.began
        stopped_at = self.current if outcome == "cancelled" and self.current is not None else ""
        self.emit(Finished(stopped_at, self.display(stopped_at), outcome, seconds))
        return seconds
