"""Results of steps in memory, within a budget of bytes.

Which result goes first is decided by greedy-dual-size-frequency (Cherkasova, HPL-98-69): a result's priority is the
cache's age when it was last used, plus uses x seconds to compute / bytes. The lowest goes, and its priority becomes
the age.
"""

from __future__ import annotations

import heapq
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from darkroom.engine.running.flight import Flights
from darkroom.engine.running.key import LateFact
from darkroom.engine.running.size import Size, UnmeasurableError, in_words, size_of

DEPARTED_KEPT = 20_000
LATE_FACTS_KEPT = 50_000
LEAST_SECONDS = 1e-7
LEAST_BYTES = 64


@dataclass(frozen=True, slots=True)
class Stored:
    """The result of one step.

    outputs: by slot, the list of its values (one, unless lists are mapped). ui: what it shows
    seconds: what it took to compute. blocked: messages of calls that did not take place
    """

    outputs: tuple[list[Any], ...]
    ui: Mapping[str, list[Any]] | None = None
    seconds: float = 0.0
    blocked: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Statistics:
    """bytes: now held, each shared part once. seconds_saved: what the hits would have taken."""

    entries: int
    bytes: int
    budget_bytes: int
    hits: int
    misses: int
    evictions: int
    refused: int
    seconds_saved: float


@dataclass(slots=True)
class _Entry:
    stored: Stored
    own: int
    shared: Mapping[Hashable, int]
    uses: int
    priority: float = 0.0


_NOTHING: Mapping[Hashable, int] = MappingProxyType({})


@dataclass(slots=True)
class _Part:
    bytes: int
    holders: int = 0


class _Departed(NamedTuple):
    reason: str
    uses: int


@dataclass(slots=True)
class _Counts:
    hits: int = 0
    misses: int = 0
    evictions: int = 0
    refused: int = 0
    seconds_saved: float = 0.0


@dataclass(slots=True)
class _Heap:
    """Keys by priority; outdated items are skipped when they come up, and swept out when they are many."""

    items: list[tuple[float, int, bytes]] = field(default_factory=list)
    count: int = 0

    def push(self, priority: float, key: bytes) -> None:
        self.count += 1
        heapq.heappush(self.items, (priority, self.count, key))

    def sweep(self, entries: Mapping[bytes, _Entry]) -> None:
        if len(self.items) > 4 * len(entries) + 64:
            self.items = [(entry.priority, number, key) for number, (key, entry) in enumerate(entries.items())]
            self.count = len(self.items)
            heapq.heapify(self.items)


class Tier(Protocol):
    """Where results outlive this process; `worker.disk_cache` is one. Its methods must not raise."""

    def offer(self, key: bytes, stored: Stored) -> None:
        """Keep a result if it is worth it and can be written."""
        ...

    def holds(self, key: bytes) -> bool: ...

    def load(self, key: bytes) -> Stored | None:
        """A result that was kept; None where it is gone or damaged."""
        ...


class Cache:
    """Results by key; any number of threads may use one.

    A part that several results share (the weights of a model, the memory of a tensor) counts once, and is free when the
    last of them goes.
    tier: asked for what is not in memory
    """

    def __init__(self, budget_bytes: int, tier: Tier | None = None) -> None:
        self.flights = Flights()
        self._tier = tier
        self.late: OrderedDict[bytes, tuple[LateFact, ...]] = OrderedDict()
        self._budget = budget_bytes
        self._lock = threading.Lock()
        self._entries: dict[bytes, _Entry] = {}
        self._parts: dict[Hashable, _Part] = {}
        self._departed: OrderedDict[bytes, _Departed] = OrderedDict()
        self._heap = _Heap()
        self._bytes = 0
        self._age = 0.0
        self._counts = _Counts()

    def get(self, key: bytes) -> Stored | None:
        """A result, which counts as used."""
        if self._tier is not None:
            self._fetch(self._tier, key)
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                self._counts.misses += 1
                return None
            entry.uses += 1
            self._counts.hits += 1
            self._counts.seconds_saved += entry.stored.seconds
            self._rate(key, entry)
            return entry.stored

    def peek(self, keys: Iterable[bytes]) -> dict[bytes, Stored]:
        """Those of the results that are held; this counts as no use."""
        if self._tier is not None:
            keys = list(keys)
            for key in keys:
                self._fetch(self._tier, key)
        with self._lock:
            entries = self._entries
            return {key: entries[key].stored for key in keys if key in entries}

    def holds(self, key: bytes) -> bool:
        return key in self._entries or (self._tier is not None and self._tier.holds(key))

    def put(self, key: bytes, stored: Stored) -> bool:
        """Keep a result if it is worth its bytes, and drop others where it needs their room."""
        if self._tier is not None:
            self._tier.offer(key, stored)
        return self._keep(key, stored)

    def _fetch(self, tier: Tier, key: bytes) -> None:
        """Bring a result from the tier into memory."""
        if key not in self._entries and tier.holds(key):
            stored = tier.load(key)
            if stored is not None:
                self._keep(key, stored)

    def _keep(self, key: bytes, stored: Stored) -> bool:
        try:
            size, why_not = size_of((stored.outputs, stored.ui)), None
        except UnmeasurableError as error:
            size, why_not = Size(), f"its size cannot be told ({error})"
        with self._lock:
            if key in self._entries:
                return True
            if size.total > self._budget:
                why_not = f"it needs {in_words(size.total)}, more than the cache's {in_words(self._budget)}"
            departed = self._departed.pop(key, None)
            uses = departed.uses + 1 if departed else 1
            if why_not is not None:
                self._counts.refused += 1
                told = f"could not be kept: {why_not}" if self._budget else "results are not kept"
                self._remember(key, _Departed(told, uses))
                return False
            entry = _Entry(stored, size.own, size.shared or _NOTHING, uses)
            self._entries[key] = entry
            self._hold(entry)
            self._rate(key, entry)
            self._shrink()
            return key in self._entries

    def drop(self, key: bytes) -> None:
        """Forget one result."""
        with self._lock:
            if key in self._entries:
                self._remove(key, "was dropped on request")

    def drop_where(self, unwanted: Callable[[Stored], bool]) -> None:
        """Forget some results."""
        with self._lock:
            for key in [key for key, entry in self._entries.items() if unwanted(entry.stored)]:
                self._remove(key, "was dropped on request")

    def clear(self) -> None:
        """Forget every result."""
        with self._lock:
            for key in list(self._entries):
                self._remove(key, "was dropped when the cache was emptied")
            self._heap = _Heap()

    def resize(self, budget_bytes: int) -> None:
        """Set the budget, and drop what no longer fits."""
        with self._lock:
            self._budget = budget_bytes
            self._shrink()

    def why_not(self, key: bytes) -> str | None:
        """Why a result that once was there is not, as the end of a sentence; None if it never was."""
        departed = self._departed.get(key)
        return departed.reason if departed else None

    def statistics(self) -> Statistics:
        with self._lock:
            counts = self._counts
            numbers = (counts.hits, counts.misses, counts.evictions, counts.refused, counts.seconds_saved)
            return Statistics(len(self._entries), self._bytes, self._budget, *numbers)

    def remember_late(self, key: bytes, facts: tuple[LateFact, ...]) -> None:
        """Note what the step with this recipe key turned out to rest on."""
        with self._lock:
            self.late[key] = facts
            if len(self.late) > LATE_FACTS_KEPT:
                self.late.popitem(last=False)

    def _rate(self, key: bytes, entry: _Entry) -> None:
        share = entry.own
        for part, count in entry.shared.items():
            share += count // self._parts[part].holders
        worth = max(entry.stored.seconds, LEAST_SECONDS) / max(share, LEAST_BYTES)
        entry.priority = self._age + entry.uses * worth
        self._heap.push(entry.priority, key)
        self._heap.sweep(self._entries)

    def _hold(self, entry: _Entry) -> None:
        self._bytes += entry.own
        for name, count in entry.shared.items():
            part = self._parts.get(name)
            if part is None:
                part = self._parts[name] = _Part(count)
                self._bytes += count
            part.holders += 1

    def _shrink(self) -> None:
        needed = self._bytes - self._budget
        while self._bytes > self._budget and self._entries:
            priority, _, key = heapq.heappop(self._heap.items)
            entry = self._entries.get(key)
            if entry is not None and entry.priority == priority:
                self._age = priority
                self._counts.evictions += 1
                self._remove(key, f"was evicted to free {in_words(needed)}")

    def _remove(self, key: bytes, reason: str) -> None:
        entry = self._entries.pop(key)
        self._bytes -= entry.own
        for name in entry.shared:
            part = self._parts[name]
            part.holders -= 1
            if part.holders == 0:
                del self._parts[name]
                self._bytes -= part.bytes
        self._remember(key, _Departed(reason, entry.uses))

    def _remember(self, key: bytes, departed: _Departed) -> None:
        self._departed[key] = departed
        if len(self._departed) > DEPARTED_KEPT:
            self._departed.popitem(last=False)
