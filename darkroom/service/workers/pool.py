"""The workers of this server: who gets which job, what becomes of it, and who hears of it. Implements `Workers`."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from darkroom.frames.messages import Answer, FreeMemory, JobDone, JobEvent, Json, LogLine, PackMessage, Ready
from darkroom.service.contracts import Hub, Job, JobStore, State, WorkerGone
from darkroom.service.socket.messages import STATE_SECONDS, Binary, Ending, Message
from darkroom.service.workers.attempts import Attempt, attempt_at, in_words, order_of
from darkroom.service.workers.deaths import Death, OomWatch
from darkroom.service.workers.options import Options
from darkroom.service.workers.pack_report import report_packs
from darkroom.service.workers.patience import Patience
from darkroom.service.workers.records import Records
from darkroom.service.workers.seat import Seat, Spawn
from darkroom.service.workers.status import QueueStatus

log = logging.getLogger(__name__)

REMEMBERED_JOBS = 1_000
"""So many jobs are remembered with the worker that ran them, which can still show their values."""

CLAIM_SECONDS = 1.0
"""An interruption waits at most so long for jobs that are just being claimed; a store that fails may take for ever."""

SERVER_STOPPED = "the server was stopped while it ran"


def _ignore_line(worker: str, line: LogLine) -> None:
    """Nobody reads what workers print."""


class Pool:
    """Starts workers, keeps them alive, and runs the jobs of a store on them. For one event loop.

    spawn: makes the process of a worker, by its name; names: of the workers, one for each device
    log_line: gets what workers print, with the worker's name
    """

    def __init__(
        self,
        store: JobStore,
        hub: Hub,
        spawn: Spawn,
        names: Sequence[str],
        options: Options | None = None,
        *,
        log_line: Callable[[str, LogLine], None] = _ignore_line,
        oom: OomWatch | None = None,
    ) -> None:
        options = options or Options()
        self._store, self._hub, self._options, self._log_line = store, hub, options, log_line
        self._oom = oom or OomWatch()
        self._seats = [Seat(name, spawn, options, self._oom, self) for name in names]
        self._closing = asyncio.Event()
        self._patience = Patience(self._closing)
        self._records = Records(store, self._patience, options.lease_seconds)
        self._status = QueueStatus(store, hub)
        self._tasks: list[asyncio.Task[None]] = []
        self._claims: dict[str, asyncio.Future[None]] = {}
        self._ran_on: OrderedDict[str, Seat] = OrderedDict()
        self._on_ready: list[Callable[[Ready], None]] = []
        self._first_ready: Seat | None = None
        self._last_hello: Ready | None = None
        self._change: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Start the processes; returns at once."""
        self._tasks = [asyncio.create_task(self._keep(seat), name=f"keep {seat.name}") for seat in self._seats]
        self._tasks += [asyncio.create_task(each()) for each in (self._watch, self._renew, self._sweep)]

    async def stop(self) -> None:
        """End jobs, give them back to the queue, end the processes."""
        self._closing.set()
        for seat in self._seats:
            attempt = seat.attempt
            if attempt is not None and not attempt.is_over:
                attempt.given_back = True
                seat.cancel(attempt, self._options.stop_grace)
            elif seat.ready is None:
                seat.kill()
            seat.poke()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._status.close()

    def wake(self) -> None:
        self._wake_one()

    def announce_status(self) -> None:
        """Tell all clients how many jobs remain, after the queue was changed by others."""
        self._status.announce()

    def on_ready(self, callback: Callable[[Ready], None]) -> None:
        """Call this, in the loop, at each Ready of the worker that `hello` is of."""
        self._on_ready.append(callback)

    async def interrupt(self, id: str | None) -> bool:
        if self._claims and (id is None or id not in self.current):
            await asyncio.wait(list(self._claims.values()), timeout=CLAIM_SECONDS)
        found = False
        for seat in self._seats:
            attempt = seat.attempt
            if attempt is None or attempt.is_over or id not in (None, attempt.job.id):
                continue
            found = True
            if not attempt.cancelled:
                attempt.cancelled = True
                seat.cancel(attempt, self._options.cancel_grace)
        return found

    async def free(self, unload_models: bool, free_memory: bool) -> None:
        for seat in self._seats:
            if seat.ready is not None:
                seat.send(FreeMemory(unload_models, free_memory))

    async def ask(self, what: str, data: Json, timeout: float = 10.0, job: str | None = None) -> Answer:
        seat = self._ran_on.get(job) if job is not None else next((each for each in self._seats if each.ready), None)
        if seat is None:
            raise WorkerGone("no worker is ready" if job is None else f"job {job} has run on none of the workers")
        return await seat.ask(what, data, timeout)

    async def ready(self, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while not any(seat.ready for seat in self._seats):
            left = deadline - time.monotonic()
            if left <= 0 or all(seat.state == "broken" for seat in self._seats):
                return False
            if self._change is None or self._change.done():
                self._change = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._change], timeout=left)
        return True

    @property
    def current(self) -> Mapping[str, str | None]:
        attempts = [seat.attempt for seat in self._seats if seat.attempt is not None]
        return {each.job.id: each.messages.display_node for each in attempts}

    @property
    def status(self) -> Sequence[Json]:
        return [_told(seat) for seat in self._seats]

    @property
    def hello(self) -> Ready | None:
        return self._last_hello

    def on_event(self, attempt: Attempt, event: JobEvent) -> None:
        for message in attempt.messages.on(event):
            self._send(message)
        if attempt.messages.withheld and not attempt.flushing:
            attempt.flushing = True
            asyncio.get_running_loop().call_later(STATE_SECONDS, self._flush, attempt)

    def on_pack(self, message: PackMessage) -> None:
        if message.blob:
            self._hub.send_binary(int(message.event), message.blob, message.client)
        else:
            self._hub.send(message.event, message.data, message.client)

    def on_log(self, worker: str, line: LogLine) -> None:
        self._log_line(worker, line)

    def on_change(self, seat: Seat) -> None:
        if seat.ready is not None:
            if self._first_ready is None or self._first_ready.ready is None:
                self._first_ready = seat
            if self._first_ready is seat and seat.ready is not self._last_hello:
                report_packs(seat.ready, self._last_hello)
                self._last_hello = seat.ready
                for callback in self._on_ready:
                    callback(seat.ready)
        if self._change is not None and not self._change.done():
            self._change.set_result(None)

    async def _keep(self, seat: Seat) -> None:
        """See that somebody sits there, until the server stops."""
        while not self._closing.is_set():
            seat.begin()
            try:
                if await seat.arrive():
                    await self._serve(seat)
            except Exception:
                log.exception("Worker %s is started anew, as its job could not be handled.", seat.name)
                seat.kill()
            if self._closing.is_set():
                seat.leave(self._options.stop_grace)
            death = await seat.ended()
            if not self._closing.is_set():
                log.warning("Worker %s %s%s.", seat.name, death.cause, seat.attempt.where if seat.attempt else "")
            try:
                await self._bury(seat, death)
            except Exception:
                log.exception("What a dead worker ran could not be noted; the lease of its job will run out.")
            seat.attempt = None
            self._wake_one()
            await self._patience.sleep(self._options.pause_before_start(seat.failures))
        seat.state = "stopped"

    async def _serve(self, seat: Seat) -> None:
        """Run jobs on a worker until it dies or the server stops."""
        while seat.alive and not self._closing.is_set():
            if seat.attempt is None:
                seat.about_to_look()
                with self._claiming(seat):
                    job = await self._records.claim(seat.name)
                    if job is not None:
                        await self._status.refresh()
                    begun = job is not None and await self._begin(seat, job)
                if job is None:
                    await seat.pause()
                    continue
                self._wake_one()
                if not begun:
                    continue
                self._status.tell()
            done = await seat.outcome()
            if done is None:
                return
            await self._conclude(seat, done)

    async def _begin(self, seat: Seat, job: Job) -> bool:
        """Send a claimed job to its worker."""
        secrets = self._store.secrets(job.id)
        attempt = attempt_at(job, self._hub, secrets)
        if not seat.alive or self._closing.is_set():
            await self._records.requeue(job, "its worker went away before it began", death=False)
            return False
        try:
            seat.give(attempt, order_of(job, secrets, self._options))
        except (TypeError, ValueError, RecursionError) as error:
            words = f"This job cannot be sent to a worker: {error}"
            await self._finish(seat, attempt, attempt.messages.died(State.FAILED, words, type(error).__name__))
            return False
        self._ran_on[job.id] = seat
        if len(self._ran_on) > REMEMBERED_JOBS:
            self._ran_on.popitem(last=False)
        return True

    async def _conclude(self, seat: Seat, done: JobDone) -> None:
        """Store what became of a job, begin the next one, and tell of both."""
        attempt = seat.attempt
        assert attempt is not None
        if attempt.lost:
            seat.attempt = None
        elif done.outcome == "cancelled" and attempt.given_back and not attempt.cancelled:
            await self._records.requeue(attempt.job, SERVER_STOPPED, death=False)
            seat.attempt = None
        else:
            await self._finish(seat, attempt, attempt.messages.done(done), claims=True)

    async def _finish(self, seat: Seat, attempt: Attempt, ending: Ending, *, claims: bool = False) -> None:
        """Store the end of a job; then, before it is told, send the next one to the worker, which need not wait."""
        claim_for = seat.name if claims and seat.alive and not self._closing.is_set() else None
        with self._claiming(seat):
            accepted, following = await self._records.finish(attempt.job, ending.result, claim_for)
            await self._status.refresh()
            seat.attempt = None
            begun = following is not None and await self._begin(seat, following)
        if accepted:
            if ending.result.error is not None:
                log.warning("Job %s failed: %s", attempt.job.id, in_words(ending.result.error))
            self._tell(ending)
        if begun:
            self._status.tell()

    async def _bury(self, seat: Seat, death: Death) -> None:
        """See to the job of a worker that died."""
        attempt = seat.attempt
        if attempt is None or attempt.lost:
            return
        messages = attempt.messages
        if attempt.cancelled:
            await self._finish(seat, attempt, messages.died(State.CANCELLED, ""))
            return
        words = f"The worker process {death.cause}{attempt.where}."
        if death.job_fails and messages.has_begun:
            ending = messages.died(State.FAILED, f"{words} What to do: {death.remedy}.")
            await self._finish(seat, attempt, ending)
            return
        # Who is killed from outside before the job began, says nothing about the job.
        to_blame = not attempt.given_back and (messages.has_begun or death.job_fails)
        reason = SERVER_STOPPED if attempt.given_back else words
        words += " It is set aside, as this happened too often. What to do: queue it again once the cause is gone."
        ending = messages.died(State.SET_ASIDE, words)
        state = await self._records.requeue(attempt.job, reason, death=to_blame, aside=ending.result)
        if state is State.SET_ASIDE:
            await self._status.refresh()
            self._tell(ending)

    def _tell(self, ending: Ending) -> None:
        for message in ending.messages:
            self._send(message)
        self._status.tell()
        for message in ending.last:
            self._send(message)

    def _send(self, message: Message) -> None:
        if isinstance(message.event, Binary):
            self._hub.send_binary(message.event, message.data, message.client)
        else:
            self._hub.send(message.event, message.data, message.client)

    def _flush(self, attempt: Attempt) -> None:
        """Send a progress_state that was held back."""
        attempt.flushing = False
        state = attempt.messages.progress_state() if attempt.messages.withheld else None
        if state is not None:
            self._send(state)

    @contextmanager
    def _claiming(self, seat: Seat) -> Iterator[None]:
        """Meanwhile `interrupt` knows that a job may be about to run."""
        future = self._claims[seat.name] = asyncio.get_running_loop().create_future()
        try:
            yield
        finally:
            self._claims.pop(seat.name, None)
            future.set_result(None)

    def _wake_one(self) -> None:
        """Let one idle worker look for a job; if it finds one, it wakes the next."""
        idle = next((seat for seat in self._seats if seat.is_pausing), None)
        if idle is not None:
            idle.poke()
            return
        for seat in self._seats:
            seat.poke()

    async def _watch(self) -> None:
        """Kill workers that say nothing for too long."""
        interval = min(1.0, self._options.heartbeat_timeout / 4)
        before = time.monotonic()
        while not self._closing.is_set():
            await self._patience.sleep(interval)
            self._oom.look()
            now = time.monotonic()
            if now - before > 3 * interval:
                for seat in self._seats:  # this server was held up, so the workers' words may lie here unread
                    seat.heard = now
            before = now
            for seat in self._seats:
                silent = seat.silent_seconds(now)
                if silent is not None:
                    seat.kill(silent_for=silent)

    async def _renew(self) -> None:
        """Keep the leases of what runs; stop what another worker has."""
        while not self._closing.is_set():
            await self._patience.sleep(self._options.lease_seconds / 3)
            attempts = [seat.attempt for seat in self._seats if seat.attempt is not None]
            lost = await self._records.renew([(each.job.id, each.job.token) for each in attempts if not each.lost])
            for seat in self._seats:
                attempt = seat.attempt
                if attempt is not None and (attempt.job.id, attempt.job.token) in lost and not attempt.is_over:
                    attempt.lost = True
                    seat.cancel(attempt, self._options.cancel_grace)

    async def _sweep(self) -> None:
        """Find jobs that nobody told of: those of dead servers, and those that other servers accepted."""
        while not self._closing.is_set():
            await self._patience.sleep(self._options.sweep_seconds)
            if await self._records.sweep():
                self._status.announce()
            if any(seat.is_pausing for seat in self._seats):
                self._wake_one()


def _told(seat: Seat) -> Json:
    attempt, beat = seat.attempt, seat.beat
    return {
        "name": seat.name,
        "device": seat.hello.device if seat.hello is not None else None,
        "pid": seat.pid,
        "state": seat.state,
        "reason": seat.reason,
        "job": None if attempt is None else attempt.job.id,
        "node": None if attempt is None else attempt.messages.display_node,
        "restarts": seat.restarts,
        "memory": beat.memory,
        "device_memory": beat.device_memory,
        "heartbeat_age": round(time.monotonic() - seat.heard, 3) if seat.alive else None,
    }
