"""A store and workers in memory, for tests of what stands in front of them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from darkroom.engine.registry import Registry
from darkroom.files.folders import Folders
from darkroom.frames.messages import Answer, Json, Ready
from darkroom.service.catalogue import PackCatalogue
from darkroom.service.contracts import (
    ENDED,
    Accepted,
    Facts,
    Job,
    JobQuery,
    Limits,
    NewJob,
    Past,
    Result,
    Service,
    State,
    WorkerGone,
)
from darkroom.service.http.system import features
from darkroom.service.socket.hub import SocketHub


class FakeStore:
    """Jobs in a dict; implements `contracts.JobStore`."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.kept_secrets: dict[str, Json] = {}
        self._numbers = itertools.count()

    async def open(self) -> Sequence[Job]:
        return ()

    async def close(self) -> None:
        return

    async def accept(self, job: NewJob) -> Accepted:
        old = self.jobs.get(job.id)
        if old is not None:
            return Accepted(old.id, old.number, False)
        counted = float(next(self._numbers))
        number = job.number if job.number is not None else -counted if job.front else counted
        self.kept_secrets[job.id] = job.secrets
        self.jobs[job.id] = Job(
            job.id, number, State.QUEUED, job.prompt, job.targets, job.extra_data, job.client, 1000 + len(self.jobs)
        )
        return Accepted(job.id, number, True)

    async def claim(self, worker: str, lease_seconds: float) -> Job | None:
        waiting = await self.queued()
        if not waiting:
            return None
        job = waiting[0]
        claimed = replace(
            job, state=State.RUNNING, worker=worker, token=job.token + 1, attempts=job.attempts + 1, started=2000
        )
        self.jobs[job.id] = claimed
        return claimed

    async def renew(self, held: Sequence[tuple[str, int]], lease_seconds: float) -> Sequence[tuple[str, int]]:
        return [(id, token) for id, token in held if self.jobs[id].token != token]

    async def finish(
        self, id: str, token: int, result: Result, claim_for: str | None = None, lease_seconds: float = 0
    ) -> tuple[bool, Job | None]:
        job = self.jobs[id]
        if job.token != token or job.state is not State.RUNNING:
            return False, None
        self.jobs[id] = replace(job, state=result.state, result=result, ended=3000)
        return True, await self.claim(claim_for, lease_seconds) if claim_for else None

    async def requeue(
        self, id: str, token: int, reason: str, *, death: bool, aside: Result | None = None
    ) -> State | None:
        job = self.jobs[id]
        if job.token != token:
            return None
        self.jobs[id] = replace(job, state=State.QUEUED, reason=reason, deaths=job.deaths + death)
        return State.QUEUED

    async def cancel_queued(self, ids: Sequence[str] | None) -> Sequence[str]:
        gone = [job.id for job in await self.queued() if ids is None or job.id in ids]
        for id in gone:
            self.jobs[id] = replace(self.jobs[id], state=State.CANCELLED, ended=3000)
        return gone

    async def move(self, id: str, before: str | None) -> Sequence[str] | None:
        waiting = await self.queued()
        order = [job.id for job in waiting if job.id != id]
        if len(order) == len(waiting) or (before is not None and before not in order):
            return None
        order.insert(len(order) if before is None else order.index(before), id)
        for place, number in zip(order, sorted(job.number for job in waiting), strict=True):
            self.jobs[place] = replace(self.jobs[place], number=number)
        return order

    async def get(self, id: str) -> Job | None:
        return self.jobs.get(id)

    async def queued(self) -> Sequence[Job]:
        waiting = [job for job in self.jobs.values() if job.state is State.QUEUED]
        return sorted(waiting, key=lambda job: job.number)

    async def running(self) -> Sequence[Job]:
        return [job for job in self.jobs.values() if job.state is State.RUNNING]

    async def remaining(self) -> int:
        return len([job for job in self.jobs.values() if job.state not in ENDED])

    async def history(self, max_items: int | None, offset: int | None) -> Sequence[Job]:
        ended = [job for job in self.jobs.values() if job.state in ENDED and job.started is not None]
        if offset is not None:
            return ended[offset:][:max_items]
        return ended if max_items is None else ended[len(ended) - max_items :] if max_items else []

    async def page(self, query: JobQuery) -> tuple[Sequence[Job], int]:
        found = [job for job in self.jobs.values() if not query.states or job.state in query.states]
        found.sort(key=lambda job: job.created, reverse=query.descending)
        return found[query.offset :][: query.limit], len(found)

    async def past(self, limit: int, before: int | None) -> tuple[Sequence[Past], int]:
        numbered = [
            Past(place, job.id, job.state, job.prompt, job.result.outputs, job.started, job.ended)
            for place, job in enumerate(self.jobs.values())
            if job.result is not None and "filename" in str(job.result.outputs)
        ]
        found = [each for each in reversed(numbered) if before is None or each.at < before]
        return found[:limit], len(numbered)

    async def forget(self, ids: Sequence[str] | None) -> None:
        for job in list(self.jobs.values()):
            if job.state in ENDED and (ids is None or job.id in ids):
                del self.jobs[job.id]

    def secrets(self, id: str) -> Json:
        return self.kept_secrets.get(id, {})


class FakeWorkers:
    """Answers what a test says; implements `contracts.Workers`.

    answers: by question; a missing one raises WorkerGone, an exception is raised
    """

    def __init__(self, hello: Ready | None = None, answers: Mapping[str, Answer | Exception] | None = None) -> None:
        self.answers = dict(answers or {})
        self.asked: list[tuple[str, Json]] = []
        self.done: list[tuple[Any, ...]] = []
        self.at: dict[str, str | None] = {}
        self._hello = hello

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return

    def wake(self) -> None:
        self.done.append(("wake",))

    async def interrupt(self, id: str | None) -> bool:
        self.done.append(("interrupt", id))
        return id is None or id in self.at

    async def free(self, unload_models: bool, free_memory: bool) -> None:
        self.done.append(("free", unload_models, free_memory))

    async def ask(self, what: str, data: Json, timeout: float = 10.0, job: str | None = None) -> Answer:
        self.asked.append((what, data))
        said = self.answers.get(what, WorkerGone())
        if isinstance(said, Exception):
            raise said
        return said

    async def ready(self, timeout: float) -> bool:
        return self._hello is not None

    @property
    def current(self) -> Mapping[str, str | None]:
        return self.at

    @property
    def status(self) -> Sequence[Json]:
        return [{"name": "cpu", "device": "cpu", "state": "idle", "job": None}]

    @property
    def hello(self) -> Ready | None:
        return self._hello

    def greet(self, hello: Ready) -> None:
        """A worker has loaded its packs."""
        self._hello = hello


def fake_service(
    folder: Path,
    registry: Registry,
    *,
    workers: FakeWorkers | None = None,
    limits: Limits | None = None,
    remembered: Path | None = None,
) -> Service:
    """A service whose folders lie in `folder`; store and workers are fakes, hub and catalogue are real."""
    limits = limits or Limits()
    workers = workers or FakeWorkers()
    for name in ("input", "output", "temp", "models", "user"):
        (folder / name).mkdir(exist_ok=True)
    facts = Facts(Folders(folder), folder / "user", limits=limits, argv=("server.py",))
    catalogue = PackCatalogue(registry, workers, remembered, "digest")
    return Service(facts, FakeStore(), workers, SocketHub(limits, features(limits)), catalogue)
