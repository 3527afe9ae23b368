"""A worker's place: the process that sits there now, what it said last, and the job that it has."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from darkroom.frames.messages import (
    Answer,
    Ask,
    Beat,
    CancelJob,
    Hello,
    JobDone,
    JobEvent,
    Json,
    LogLine,
    Message,
    PackMessage,
    Ready,
    RunJob,
    Stop,
)
from darkroom.service.contracts import WorkerGone
from darkroom.service.workers.attempts import Attempt
from darkroom.service.workers.deaths import Death, OomWatch, death_of
from darkroom.service.workers.options import BROKEN_AFTER, Options
from darkroom.service.workers.process import WorkerProcess
from darkroom.service.workers.scrub import said

log = logging.getLogger(__name__)

Spawn = Callable[[str], WorkerProcess]

SHORT_LIFE = 5.0
"""A worker that dies within so many seconds after Ready, without a job, counts as one that did not start."""


class Listener(Protocol):
    """Who wants to know what a worker says beside the ends of its jobs."""

    def on_event(self, attempt: Attempt, event: JobEvent) -> None: ...
    def on_pack(self, message: PackMessage) -> None: ...
    def on_log(self, worker: str, line: LogLine) -> None: ...
    def on_change(self, seat: Seat) -> None:
        """It became ready, or went."""
        ...


class Seat:
    """One worker process after another, under one name. `begin` starts one; `ended` waits for its end."""

    def __init__(self, name: str, spawn: Spawn, options: Options, oom: OomWatch, listener: Listener) -> None:
        self.name = name
        self.state = "starting"
        self.reason = ""
        """Why it is broken, or of what the last one died."""
        self.restarts = 0
        self.failures = 0
        """Starts in a row that came to nothing."""
        self.attempt: Attempt | None = None
        self.hello: Hello | None = None
        self.ready: Ready | None = None
        self.beat = Beat()
        self.heard = time.monotonic()
        self._spawn, self._options, self._oom, self._listener = spawn, options, oom, listener
        self._process: WorkerProcess | None = None
        self._asks: dict[int, asyncio.Future[Answer]] = {}
        self._last_ask = 0
        self._poked = False
        self._has_worked = False
        self._silent_for: float | None = None
        self._ready_since = 0.0
        self._turn: asyncio.Future[JobDone | None] | None = None
        self._idle: asyncio.Future[None] | None = None
        self._arrived: asyncio.Future[bool]
        self._end: asyncio.Future[Death]
        self._receivers = {
            Hello: self._on_hello,
            Ready: self._on_ready,
            Beat: self._on_beat,
            JobEvent: self._on_event,
            JobDone: self._on_done,
            Answer: self._on_answer,
            PackMessage: lambda message: listener.on_pack(said(message, self._secrets)),
            LogLine: lambda line: listener.on_log(name, said(line, self._secrets)),
        }

    @property
    def alive(self) -> bool:
        return self._process is not None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def begin(self) -> None:
        """Start a process. One that cannot be made counts as one that died at once."""
        loop = asyncio.get_running_loop()
        if self.state != "broken":
            self.state = "starting"
        self._silent_for, self._has_worked, self._poked = None, False, False
        self.heard = time.monotonic()
        self._arrived, self._end = loop.create_future(), loop.create_future()
        self._turn = self._idle = None
        try:
            self._process = self._spawn(self.name)
            self._process.start(self._receive, self._gone)
        except Exception as error:
            self._gone(None, f"could not be started: {error}")

    async def arrive(self) -> bool:
        """Wait until it is ready; False if it died before."""
        return await self._arrived

    async def ended(self) -> Death:
        return await self._end

    async def pause(self) -> None:
        """Wait until somebody pokes, or it dies."""
        if not self._poked and self.alive:
            self.state = "idle"
            self._idle = asyncio.get_running_loop().create_future()
            await self._idle
            self._idle = None

    @property
    def is_pausing(self) -> bool:
        return self._idle is not None and not self._idle.done()

    def poke(self) -> None:
        """There may be work."""
        self._poked = True
        _resolve(self._idle, None)

    def about_to_look(self) -> None:
        """Whatever comes from now on needs a new look for work."""
        self._poked = False

    def give(self, attempt: Attempt, order: RunJob) -> None:
        """Send a job. `outcome` is its end."""
        assert self._process is not None
        self._process.send(order)
        self.state, self.attempt, self._has_worked = "busy", attempt, True
        self._turn = asyncio.get_running_loop().create_future()

    async def outcome(self) -> JobDone | None:
        """The last word on the job it has; None if it died instead."""
        assert self._turn is not None
        return await self._turn

    def cancel(self, attempt: Attempt, grace: float) -> None:
        """Ask a job to stop, and kill the process if it still runs after the grace, in seconds."""
        self.send(CancelJob(attempt.job.id))
        asyncio.get_running_loop().call_later(grace, self._kill_if_still, attempt, self._process)

    def leave(self, grace: float) -> None:
        """Ask the process to leave, and kill it if it is still there after the grace, in seconds."""
        self.send(Stop())
        asyncio.get_running_loop().call_later(grace, self._kill_process, self._process)

    def send(self, message: Message) -> None:
        if self._process is not None:
            self._process.send(message)

    def kill(self, silent_for: float | None = None) -> None:
        self._silent_for = silent_for
        if self._process is not None:
            self._process.kill()

    async def ask(self, what: str, data: Json, timeout: float) -> Answer:
        """Raises WorkerGone, TimeoutError."""
        if self.ready is None or self._process is None:
            raise WorkerGone(f"worker {self.name} is not ready")
        self._last_ask += 1
        request = self._last_ask
        future = self._asks[request] = asyncio.get_running_loop().create_future()
        try:
            self._process.send(Ask(request, what, data))
            return await asyncio.wait_for(future, timeout)
        finally:
            self._asks.pop(request, None)

    def silent_seconds(self, now: float) -> float | None:
        """For how long it has said nothing, if that is longer than it may be."""
        age = now - self.heard
        limit = self._options.start_timeout if self.ready is None else self._options.heartbeat_timeout
        return age if self.alive and age > limit else None

    def _receive(self, message: Message) -> None:
        self.heard = time.monotonic()
        try:
            self._receivers[type(message)](message)  # type: ignore[operator]
        except Exception:
            log.exception("What worker %s said could not be handled: %s", self.name, type(message).__name__)

    def _on_hello(self, message: Hello) -> None:
        self.hello = message

    def _on_ready(self, message: Ready) -> None:
        if self.ready is None:
            self._ready_since = time.monotonic()
            self.state, self.reason = "idle", ""
        self.ready = message
        _resolve(self._arrived, True)
        self._listener.on_change(self)

    def _on_beat(self, message: Beat) -> None:
        self.beat = message

    def _on_event(self, message: JobEvent) -> None:
        attempt = self._attempt_of(message)
        if attempt is not None and not attempt.lost:
            self._listener.on_event(attempt, said(message, attempt.secrets))

    def _on_done(self, message: JobDone) -> None:
        attempt = self._attempt_of(message)
        if attempt is not None:
            attempt.is_over = True
            _resolve(self._turn, said(message, attempt.secrets))

    @property
    def _secrets(self) -> tuple[str, ...]:
        return () if self.attempt is None else self.attempt.secrets

    def _attempt_of(self, message: JobEvent | JobDone) -> Attempt | None:
        """The attempt that a message is of; None for an old one."""
        attempt = self.attempt
        if attempt is None or attempt.is_over or (attempt.job.id, attempt.job.token) != (message.job, message.token):
            return None
        return attempt

    def _on_answer(self, message: Answer) -> None:
        _resolve(self._asks.get(message.request), message)

    def _gone(self, exit_code: int | None, words: str) -> None:
        """The process ended."""
        out_of_memory = exit_code is not None and exit_code < 0 and self._oom.rose()
        death = death_of(exit_code, words, silent_for=self._silent_for, out_of_memory=out_of_memory)
        never_ready = self.ready is None
        if self.ready is not None and self.ready.socket:
            _remove(Path(self.ready.socket))
        is_short = not self._has_worked and time.monotonic() - self._ready_since < SHORT_LIFE
        self.failures = self.failures + 1 if never_ready or is_short else 0
        self.restarts += 1
        self.reason = f"its process {death.cause}"
        self.state = "broken" if never_ready and self.failures >= BROKEN_AFTER else "restarting"
        self._process = self.hello = self.ready = None
        self.beat = Beat()
        for future in self._asks.values():
            if not future.done():
                future.set_exception(WorkerGone(f"worker {self.name} died"))
        _resolve(self._arrived, False)
        _resolve(self._turn, None)
        _resolve(self._idle, None)
        _resolve(self._end, death)
        self._listener.on_change(self)

    def _kill_if_still(self, attempt: Attempt, process: WorkerProcess | None) -> None:
        if self.attempt is attempt and not attempt.is_over:
            self._kill_process(process)

    def _kill_process(self, process: WorkerProcess | None) -> None:
        if process is not None and process is self._process:
            process.kill()


def _remove(path: Path) -> None:
    """Remove the socket that a dead worker left behind, with its folder."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
        path.parent.rmdir()


def _resolve(future: asyncio.Future[Any] | None, value: Any) -> None:
    if future is not None and not future.done():
        future.set_result(value)
