"""One job under way: which step goes next, and what follows when it is done.

The loop never calls itself, so depth costs no stack. It hands control back (`steps` yields) only when it needs the
event loop: to let coroutines begin, or because nothing can go on before something outside happens.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from functools import partial

from darkroom.engine.running.agenda import Agenda
from darkroom.engine.running.binding import Kinds
from darkroom.engine.running.cache import Cache, Stored
from darkroom.engine.running.call import Call, Caller, StepFailed
from darkroom.engine.running.expanding import DependencyCycleError, Expansions
from darkroom.engine.running.flight import Mailbox
from darkroom.engine.running.growing import GrowingGraph
from darkroom.engine.running.key import Keyring
from darkroom.engine.running.live import Live
from darkroom.engine.running.mapping import Piece, joined, joined_ui
from darkroom.engine.running.plan import Plan
from darkroom.engine.running.report import Report
from darkroom.engine.running.why import COMPUTED_BEFORE, ELSEWHERE


class Job:
    """Runs the steps of one plan. `steps` is the loop; its driver awaits `settle` or calls `wait` where it yields."""

    def __init__(
        self,
        plan: Plan,
        kinds: Kinds,
        keyring: Keyring,
        cache: Cache,
        caller: Caller,
        nodes: GrowingGraph,
        report: Report,
    ) -> None:
        self.mailbox = Mailbox()
        self.agenda = Agenda(plan, keyring, self._find, self._settled)
        self._plan = plan
        self._keyring = keyring
        self._cache = cache
        self._flights = cache.flights
        self._caller = caller
        self._cancel = caller.job.cancel
        self._expansions = Expansions(nodes, kinds, keyring, cache)
        self._report = report
        self._any_moved = False
        self._parked: dict[bytes, list[Live]] = {}
        self._owned: set[bytes] = set()
        self._beginning: list[tuple[Live, list[Call]]] = []
        self._under_way: dict[Live, None] = {}
        self._ended: list[Live] = []

    @property
    def needs_loop(self) -> bool:
        """Coroutines wait to begin or to go on."""
        return bool(self._beginning or self._under_way)

    def steps(self) -> Iterator[bool]:
        """Run everything. Raises StepFailed, Cancelled.

        Yields True where nothing can go on before something outside happens, False to let coroutines go on.
        """
        agenda, cancel = self.agenda, self._cancel
        agenda.keep(self._plan.targets)
        while agenda.unmet:
            cancel.raise_if_cancelled()
            if self._ended or self.mailbox.mail:
                self._take_in()
                continue
            live = agenda.pop()
            if live is not None:
                self._advance(live)
                if self._under_way or self._beginning:
                    yield False
            elif self._under_way or self._beginning:
                yield True
            elif self._parked:
                if self._flights.block(self, set(self._parked)):
                    yield True
                    self._flights.unblock(self)
                else:
                    self._take_over()
            else:
                raise self._cycle()

    def wait(self) -> None:
        """Sleep until another job lands a result, or this one is cancelled."""
        self.mailbox.wait()

    async def settle(self, until_something_happens: bool) -> None:
        """Begin coroutines and let them go on."""
        for live, calls in self._beginning:
            live.tasks = [asyncio.ensure_future(self._caller.run_async(live, call)) for call in calls]
            self._under_way[live] = None
            for task in live.tasks:
                task.add_done_callback(partial(self._task_done, live))
        self._beginning.clear()
        if until_something_happens and not self._ended:
            await self.mailbox.wait_in_loop()
        else:
            await asyncio.sleep(0)

    def close(self) -> list[asyncio.Task[Piece]]:
        """Give up what this job still has in hand; returns the tasks it cancelled, which its driver awaits."""
        self._flights.unblock(self)
        for key in self._owned:
            self._flights.land(key, None)
        self._owned.clear()
        tasks = [task for live in self._under_way for task in live.tasks or () if not task.done()]
        for task in tasks:
            task.cancel()
        return tasks

    def _task_done(self, live: Live, task: asyncio.Task[Piece]) -> None:
        failed = not task.cancelled() and task.exception() is not None
        if failed or all(each.done() for each in live.tasks or ()):
            self._ended.append(live)
            self.mailbox.ring()

    def _take_in(self) -> None:
        """Go on with steps whose coroutines ended, and with those that other jobs were computing."""
        while self._ended:
            live = self._ended.pop(0)
            if self._under_way.pop(live, self) is None:
                with self._caller.failures(live):
                    pieces = [_result(task) for task in live.tasks or () if task.done()]
                live.tasks = None
                self._called(live, pieces)
        while self.mailbox.mail:
            key, result = self.mailbox.mail.popitem()
            for live in self._parked.pop(key, ()):
                if result is not None:
                    self._report.hit(live.id, result, ELSEWHERE)
                    self._rekey(live)
                    self.agenda.complete(live, result)
                else:
                    self._resume(live)

    def _resume(self, live: Live) -> None:
        """Go on with a step that was parked: nobody else computes it now."""
        if live.wired:
            self.agenda.push(live)
        else:
            live.state = "idle"
            self.agenda.demand([live.id])

    def _take_over(self) -> None:
        """Break a knot of jobs that wait for each other, by computing here what another has begun."""
        for key, lives in self._parked.items():
            if key not in self._owned:
                del self._parked[key]
                for live in lives:
                    live.alone = True
                    self._resume(live)
                return
        raise self._cycle()

    def _find(self, live: Live) -> Stored | None:
        """Look for a step's result in the cache; park the step where another job computes it."""
        if live.id in self._keyring.fresh or live.alone:
            return None
        found = self._cache.get(live.key)
        if found is not None:
            self._report.hit(live.id, found, COMPUTED_BEFORE)
        elif self._flights.follow(live.key, self, self.mailbox):
            self._park(live)
        return found

    def _settled(self, live: Live) -> None:
        if live.aliases and live.result is not None:
            self._report.settled(live, live.result)

    def _park(self, live: Live) -> None:
        live.state = "parked"
        self._parked.setdefault(live.key, []).append(live)

    def _advance(self, live: Live) -> None:
        """Go on with a step whose inputs are there."""
        if live.pieces is not None:
            self._conclude(live, live.pieces)
            return
        if self._answered_elsewhere(live):
            return
        self._report.node_started(live)
        if live.step.kind.is_lazy:
            wanted = self._caller.wanted(live, self.agenda.lives)
            if wanted:
                self._want(live, wanted)
                return
        calls = self._caller.prepare(live, self.agenda.lives)
        if any(call.blocked is None for call in calls):
            self._report.ran[live.id] = None
        live.since = time.perf_counter()
        if live.step.kind.spec.is_async:
            live.state = "running"
            self._beginning.append((live, calls))
            return
        self._called(live, self._caller.run(live, calls))

    def _answered_elsewhere(self, live: Live) -> bool:
        """Look once more whether a step has to be run, now that its final key is known; claim it if so."""
        lives = self.agenda.lives
        if self._any_moved and any(lives[id].moved for id in self.agenda.sources(live)):
            self._rekey(live)
            found = self._find(live)
            if found is not None:
                self.agenda.complete(live, found)
            if live.state != "ready":
                return True
        if live.owned is None and not live.alone and live.id not in self._keyring.fresh:
            if not self._flights.claim(live.key, self, self.mailbox):
                self._park(live)
                return True
            live.owned = live.key
            self._owned.add(live.key)
            found = self._cache.get(live.key) if self._cache.holds(live.key) else None
            if found is not None:
                self._land(live, found)
                self._report.hit(live.id, found, ELSEWHERE)
                self.agenda.complete(live, found)
                return True
        return False

    def _rekey(self, live: Live) -> None:
        """Make a step's key anew."""
        key = self._keyring.make(live.step)
        if key != live.key:
            self.agenda.rekey(live, key)
            self._any_moved = True

    def _want(self, live: Live, names: list[str]) -> None:
        """Let a step wait for lazy inputs.

        Even one that is in the cache is given only to a step that asks, so that no result rests on what is cached.
        """
        live.asked = (live.asked or set()).union(names)
        sources = [link.source for field, link in live.step.links() if field.name in names]
        self._wait_for(live, sources)

    def _wait_for(self, live: Live, ids: list[str]) -> None:
        live.state = "waiting"
        for id in ids:
            self.agenda.read(live, self.agenda.live(id))
        if live.missing == 0:
            self.agenda.push(live)
        else:
            self.agenda.demand(ids)

    def _called(self, live: Live, pieces: list[Piece]) -> None:
        """A step's calls returned."""
        live.seconds += time.perf_counter() - live.since
        live.pieces = pieces
        if any(piece.expand is not None for piece in pieces):
            with self._caller.failures(live):
                steps = self._expansions.begin(live, pieces)
            self.agenda.extend(steps)
            self._wait_for(live, live.inner or [])
        else:
            self._finish(live, pieces)

    def _conclude(self, live: Live, pieces: list[Piece]) -> None:
        """All that a step's expanded graph was to give is there."""
        with self._caller.failures(live):
            self._expansions.resolve(live, pieces, self.agenda.lives)
        timings = self._report.timings
        live.seconds += sum(timings.get(id, 0.0) for id in live.inside or ())
        self._finish(live, pieces)

    def _finish(self, live: Live, pieces: list[Piece]) -> None:
        """A step has its result: keep it, hand it to whoever waits, and go on."""
        with self._caller.failures(live):
            outputs = joined(pieces, live.step.kind)
            ui = joined_ui(piece.ui for piece in pieces)
        stored = Stored(outputs, ui, live.seconds, tuple(live.blocked or ()))
        id = live.id
        if live.late and id in self._keyring.parts:
            self._cache.remember_late(self._keyring.recipe_key(id), tuple(live.late))
            self._rekey(live)
        if id not in self._keyring.fresh:
            self._cache.put(live.key, stored)
        if live.owned is not None:
            self._land(live, stored)
        self._report.node_finished(live, stored)
        live.pieces = live.blocked = live.late = live.inside = None
        live.seconds = 0.0
        self.agenda.complete(live, stored)

    def _land(self, live: Live, stored: Stored) -> None:
        if live.owned is not None:
            self._owned.discard(live.owned)
            self._flights.land(live.owned, stored)
            live.owned = None

    def _cycle(self) -> StepFailed:
        """Nothing can go on, as steps wait for each other: blame the one whose expansion brought that about."""
        owners = {live.owned: live for live in self.agenda.lives.values() if live.owned is not None}
        live = next(self.agenda.lives[id] for id in self._plan.targets if self.agenda.lives[id].state != "done")
        path: dict[Live, None] = {}
        while live not in path:
            path[live] = None
            if live.state == "parked":
                live = owners[live.key]
            else:
                sources = (self.agenda.lives[id] for id in self.agenda.sources(live))
                live = next(each for each in sources if each.state != "done")
        ring = list(path)[list(path).index(live) :]
        blamed = next((each for each in ring if each.inner is not None), ring[0])
        shown = " <- ".join([each.id for each in [*ring[:6], ring[0]]])
        error = DependencyCycleError(f"these nodes wait for each other, so none can run: {shown}")
        return self._caller.failed(blamed, error, {})


def _result(task: asyncio.Task[Piece]) -> Piece:
    if task.cancelled():
        raise RuntimeError("its coroutine was cancelled from inside")
    return task.result()
