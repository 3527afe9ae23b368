"""What tests of the store share."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from darkroom.service.contracts import Job, NewJob, Result, State
from darkroom.service.jobs.rows import Retention
from darkroom.service.jobs.store import Store

PROMPT = {"1": {"class_type": "Toy", "inputs": {"value": 1}}}
DONE = Result(State.DONE, outputs={"1": {"text": ["made"]}})
LEASE = 30.0


@dataclass
class Clock:
    """Milliseconds that pass only when told."""

    now: int = 1_000_000

    def __call__(self) -> int:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += round(seconds * 1000)


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """An async test as pytest wants it."""

    @functools.wraps(test)
    def run(*args: Any, **named: Any) -> None:
        asyncio.run(test(*args, **named))

    return run


@asynccontextmanager
async def opened(
    url: str, name: str = "one", clock: Clock | None = None, retention: Retention | None = None
) -> AsyncIterator[Store]:
    store = Store(url, name, clock or Clock(), retention)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def new(id: str, client: str | None = None, **named: Any) -> NewJob:
    return NewJob(id, PROMPT, ["1"], client=client, **named)


async def begun(store: Store, worker: str = "w") -> Job:
    job = await store.claim(worker, LEASE)
    assert job is not None
    return job


async def run_all(store: Store, result: Result = DONE) -> list[str]:
    """Run what waits, one after the other; the ids in the order in which they ran."""
    ran = []
    while job := await store.claim("w", LEASE):
        ran.append(job.id)
        done, _ = await store.finish(job.id, job.token, result)
        assert done
    return ran


def ids(jobs: Any) -> list[str]:
    return [job.id for job in jobs]
