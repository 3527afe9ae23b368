"""Which steps of a job are wanted, what each waits for, and how long each result is held."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence

from darkroom.engine.running.binding import Step
from darkroom.engine.running.cache import Stored
from darkroom.engine.running.key import Keyring
from darkroom.engine.running.live import Live
from darkroom.engine.running.plan import Plan, ranks


class Agenda:
    """The wanted steps of one job, with a queue of those that are ready.

    Ready steps leave the queue by rank (see `Plan.ranks`), and among equals the one first that was wanted first.
    find: looks for a step's result elsewhere before its inputs are wanted; parks it where another job computes it
    settled: told of each result that is there
    """

    def __init__(
        self,
        plan: Plan,
        keyring: Keyring,
        find: Callable[[Live], Stored | None],
        settled: Callable[[Live], None],
    ) -> None:
        self.lives: dict[str, Live] = {}
        self.unmet = 0
        """How many kept results are not there yet."""
        self._plan = plan
        self._keyring = keyring
        self._find = find
        self._settled = settled
        self._extra_ranks: dict[str, int] = {}
        self._by_key: dict[bytes, Live] = {}
        self._queue: list[tuple[int, int, Live]] = []
        self._count = 0

    def extend(self, steps: Sequence[Step]) -> None:
        """Add steps that came by expansion, keyed already."""
        self._extra_ranks.update(ranks(steps, ()))

    def live(self, id: str) -> Live:
        """The state of a node's step; nodes of equal key share one."""
        live = self.lives.get(id)
        if live is None:
            key = self._keyring.keys[id]
            live = self._by_key.get(key)
            if live is None:
                rank = self._plan.ranks.get(id)
                if rank is None:
                    rank = self._extra_ranks.get(id, 3)
                live = self._by_key[key] = Live(self._keyring.steps[id], key, rank)
            else:
                live.aliases.append(id)
                if live.state == "done":
                    self._settled(live)
            self.lives[id] = live
        return live

    def keep(self, ids: Iterable[str]) -> None:
        """Want the results of nodes, and hold them to the end."""
        for id in ids:
            live = self.live(id)
            if not live.kept:
                live.kept = True
                self.unmet += live.state != "done"
        self.demand(ids)

    def demand(self, ids: Iterable[str]) -> None:
        """Want the results of nodes, and of what they rest on so far as it is not found elsewhere."""
        stack = [self.live(id) for id in ids][::-1]
        while stack:
            live = stack.pop()
            if live.state != "idle":
                continue
            live.state = "waiting"
            live.position = self._count
            self._count += 1
            found = self._find(live)
            if found is not None:
                self.complete(live, found)
            elif live.state == "waiting":
                self._wire(live, stack)

    def _wire(self, live: Live, stack: list[Live]) -> None:
        live.wired = True
        for _, link in live.step.links(strong_only=True):
            source = self.live(link.source)
            self.read(live, source)
            if source.state == "idle":
                stack.append(source)
        if live.step.kind.is_lazy:
            for id in self._lazy_sources(live):
                self.live(id).readers += 1  # not wanted yet, but not to be let go either before this step has decided
        if live.missing == 0:
            self.push(live)

    def read(self, live: Live, source: Live) -> None:
        """Make a step wait for a result, if it is not there, and hold it until the step is done."""
        source.readers += 1
        if source.state != "done":
            live.missing += 1
            if source.waiters is None:
                source.waiters = [live]
            else:
                source.waiters.append(live)

    def push(self, live: Live) -> None:
        live.state = "ready"
        heapq.heappush(self._queue, (live.rank, live.position, live))

    def pop(self) -> Live | None:
        """The step to go on with, if any can."""
        return heapq.heappop(self._queue)[2] if self._queue else None

    def complete(self, live: Live, stored: Stored) -> None:
        """A result is there: those who wait may become ready, and what it read may be let go."""
        live.result = stored
        live.state = "done"
        if live.kept:
            self.unmet -= 1
        if live.wired:
            self._release(live)
        waiters = live.waiters
        if waiters:
            live.waiters = None
            for waiter in waiters:
                waiter.missing -= 1
                if waiter.missing == 0:
                    self.push(waiter)
        self._settled(live)
        if live.readers == 0 and not live.kept:
            self._forget(live)

    def clear(self) -> None:
        """Let go of all steps and their results: the job is over, and values are not to wait for the collector."""
        self.lives.clear()
        self._by_key.clear()
        self._queue.clear()

    def rekey(self, live: Live, key: bytes) -> None:
        """Note that a step's key is another than was planned, as is that of all nodes that share it."""
        if self._by_key.get(live.key) is live:
            del self._by_key[live.key]
        live.key = key
        live.moved = True
        self._by_key.setdefault(key, live)
        fresh = self._keyring.fresh
        for alias in live.aliases:
            self._keyring.keys[alias] = key
            if live.id in fresh:
                fresh[alias] = fresh[live.id]

    def sources(self, live: Live) -> list[str]:
        """The nodes whose results a step waits for."""
        asked = live.asked or ()
        wires = live.step.links()
        strong = [link.source for field, link in wires if not field.raw and (not field.lazy or field.name in asked)]
        return strong + (live.inner or [])

    def _lazy_sources(self, live: Live) -> list[str]:
        return [link.source for field, link in live.step.links() if field.lazy and not field.raw]

    def _release(self, live: Live) -> None:
        live.wired = False
        held = self.sources(live)
        if live.step.kind.is_lazy:
            held += self._lazy_sources(live)
        for id in held:
            source = self.lives[id]
            source.readers -= 1
            if source.readers == 0 and not source.kept and source.state == "done":
                self._forget(source)
        live.asked = live.inner = None

    def _forget(self, live: Live) -> None:
        """Let go of a result; should it be wanted once more, it is looked for anew."""
        live.result = None
        live.state = "idle"
