"""A store in memory, a hub that writes down what it is told, and a pool of fake workers."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from darkroom.service.contracts import Accepted, Job, NewJob, Result, State
from darkroom.service.jobs.rows import StoreBroken
from darkroom.service.workers.options import Options
from darkroom.service.workers.pool import Pool
from darkroom.service.workers.process import Spawned

FAKE = "tests.service.workers.fake_worker:main"
QUICK = Options(cancel_grace=0.3, stop_grace=0.5, sweep_seconds=5)


class MemoryStore:
    """As much of a job store as a pool needs. broken: every request fails; unfit: results with this output do."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.broken = False
        self.unfit: str | None = None
        self.calls: list[str] = []
        self.stolen: set[str] = set()
        self.swept: list[Job] = []
        self._numbers = itertools.count(1)

    def _look(self, name: str) -> None:
        self.calls.append(name)
        if self.broken:
            raise StoreBroken("the disk is full")

    def _put(self, job: Job) -> None:
        self.jobs[job.id] = job

    async def accept(self, job: NewJob) -> Accepted:
        number = float(next(self._numbers))
        self._put(Job(job.id, number, State.QUEUED, job.prompt, job.targets, job.extra_data, job.client, 0))
        return Accepted(job.id, number, True)

    async def claim(self, worker: str, lease_seconds: float) -> Job | None:
        self._look("claim")
        return self._claim(worker)

    def _claim(self, worker: str) -> Job | None:
        waiting = [job for job in self.jobs.values() if job.state is State.QUEUED]
        if not waiting:
            return None
        job = min(waiting, key=lambda job: job.number)
        job = replace(job, state=State.RUNNING, worker=worker, token=job.token + 1, attempts=job.attempts + 1)
        self._put(job)
        return job

    def _held(self, id: str, token: int) -> Job | None:
        job = self.jobs[id]
        return job if job.state is State.RUNNING and job.token == token else None

    async def renew(self, held: Sequence[tuple[str, int]], lease_seconds: float) -> Sequence[tuple[str, int]]:
        self._look("renew")
        return [each for each in held if each[0] in self.stolen]

    async def finish(
        self, id: str, token: int, result: Result, claim_for: str | None = None, lease_seconds: float = 0
    ) -> tuple[bool, Job | None]:
        self._look("finish")
        if self.unfit is not None and self.unfit in str(result.outputs):
            raise ValueError("no column holds this")
        job = self._held(id, token)
        if job is not None:
            self._put(replace(job, state=result.state, result=result))
        return job is not None, self._claim(claim_for) if claim_for else None

    async def requeue(
        self, id: str, token: int, reason: str, *, death: bool, aside: Result | None = None
    ) -> State | None:
        self._look("requeue")
        job = self._held(id, token)
        if job is None:
            return None
        deaths = job.deaths + death
        state = State.SET_ASIDE if deaths >= 3 else State.QUEUED
        result = aside if state is State.SET_ASIDE else None
        self._put(replace(job, state=state, deaths=deaths, reason=reason, result=result))
        return state

    async def sweep(self) -> Sequence[Job]:
        return self.swept

    async def get(self, id: str) -> Job | None:
        return self.jobs.get(id)

    async def remaining(self) -> int:
        return sum(job.state in (State.QUEUED, State.RUNNING) for job in self.jobs.values())

    def secrets(self, id: str) -> Mapping[str, Any]:
        return {"KEY": "s"}


class Recorder:
    """A hub. heard: (type, data, client) in their order."""

    def __init__(self) -> None:
        self.heard: list[tuple[str | int, Any, str | None]] = []
        self.features: dict[tuple[str, str], Any] = {}
        self.count = 1
        self.news = asyncio.Event()

    def send(self, event: str, data: Any, client: str | None = None) -> None:
        self._note((event, data, client))

    def send_binary(self, event: int, payload: bytes, client: str | None = None) -> None:
        self._note((int(event), payload, client))

    def feature(self, client: str, name: str) -> Any:
        return self.features.get((client, name))

    def _note(self, message: tuple[str | int, Any, str | None]) -> None:
        self.heard.append(message)
        self.news.set()
        self.news = asyncio.Event()

    def types(self, *leaving_out: str) -> list[str | int]:
        return [event for event, _, _ in self.heard if event not in leaving_out]

    def of(self, event: str | int) -> list[Any]:
        return [data for name, data, _ in self.heard if name == event]


class Bench:
    """A pool of fake workers that runs. settings: of the fakes, by name; they may be changed for later starts."""

    def __init__(self, names: Sequence[str], options: Options, store: Any = None) -> None:
        self.store = MemoryStore() if store is None else store
        self.hub = Recorder()
        self.settings: dict[str, dict[str, Any]] = {name: {"name": name} for name in names}
        self.spawned: list[Spawned] = []
        self.lines: list[str] = []
        log_line = lambda worker, line: self.lines.append(f"{worker}: {line.text}")
        self.pool = Pool(self.store, self.hub, self.spawn, names, options, log_line=log_line)

    def spawn(self, name: str) -> Spawned:
        process = Spawned(FAKE, self.settings[name], name)
        self.spawned.append(process)
        return process

    async def post(self, id: str, *nodes: tuple[str, Mapping[str, Any]] | str, client: str | None = "c") -> None:
        """Accept a job with nodes 1, 2, ..."""
        entries = [(each, {}) if isinstance(each, str) else each for each in nodes]
        prompt = {str(n): {"class_type": kind, "inputs": inputs} for n, (kind, inputs) in enumerate(entries, 1)}
        await self.store.accept(NewJob(id, prompt, list(prompt), {"preview_method": "taesd"}, client))
        self.pool.wake()
        self.pool.announce_status()

    async def until(self, condition: Callable[[], Any], seconds: float = 20.0) -> None:
        """Wait for something; most things come with a message."""
        async with asyncio.timeout(seconds):
            while not condition():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.hub.news.wait(), 0.02)

    async def end_of(self, id: str) -> Job:
        """Wait until a job has ended and clients know."""
        await self.until(lambda: any(data.get("prompt_id") == id and data["node"] is None for data in self.ends))
        return self.store.jobs[id]

    @property
    def ends(self) -> list[Any]:
        return [data for data in self.hub.of("executing") if data["node"] is None]

    async def runs(self, id: str, node: str = "1") -> None:
        """Wait until a job is at a node, on a worker that lives."""
        await self.until(lambda: any((s["job"], s["node"]) == (id, node) and s["pid"] for s in self.pool.status))


@asynccontextmanager
async def bench(*names: str, options: Options = QUICK, store: Any = None) -> AsyncIterator[Bench]:
    made = Bench(names or ("cpu",), options, store)
    await made.pool.start()
    try:
        assert await made.pool.ready(20)
        yield made
    finally:
        await made.pool.stop()


def scenario(test: Callable[..., Any], *names: str, options: Options = QUICK) -> None:
    """Run an async test body with a bench."""

    async def go() -> None:
        async with bench(*names, options=options) as made:
            await test(made)

    asyncio.run(go())
