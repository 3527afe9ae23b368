"""What durable jobs cost: the time to accept one, jobs per second through the store, and CPU time per job.

    python -m benchmarks.job_store [folder]

Every accept and every end of a job is on the disk before it is answered. The database is in `folder`, else in the
system's folder of temporary files, so the numbers are also those of that disk: its bare flush is measured beside them.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median, quantiles

from benchmarks.measure import Row, finish
from darkroom.service.contracts import NewJob, Result, State
from darkroom.service.jobs.store import Store, default_url

PROMPT = {"1": {"class_type": "Toy", "inputs": {"value": 1}}}
EXTRA = {"client_id": "bench", "create_time": 1, "extra_pnginfo": {"workflow": {"id": "w", "nodes": []}}}
DONE = Result(State.DONE, {"1": {"text": ["x"]}}, {"1": {"node_id": "1"}}, [["execution_start", {"prompt_id": "x"}]])
LEASE = 30.0


def new(index: int) -> NewJob:
    return NewJob(f"job-{index}", {**PROMPT, "2": {"class_type": "Toy", "inputs": {"value": index}}}, ["1"], EXTRA, "c")


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Store]:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        store = Store(default_url(Path(place)), "bench")
        await store.open()
        yield store
        await store.close()


def flushes(folder: Path, count: int) -> list[float]:
    """Milliseconds to make 4 KiB more of a file durable."""
    taken = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(count):
            began = time.perf_counter()
            file.write(os.urandom(4096))
            file.flush()
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - began) * 1000)
    return taken


async def accepts(folder: Path, count: int) -> list[float]:
    """Milliseconds of each accept, one after the other."""
    taken = []
    async with opened(folder) as store:
        for index in range(count):
            began = time.perf_counter()
            await store.accept(new(index))
            taken.append((time.perf_counter() - began) * 1000)
    return taken


async def one_by_one(store: Store, count: int) -> None:
    """A client that waits for each answer before it sends the next job."""
    for index in range(count):
        await store.accept(new(index))


async def all_at_once(store: Store, count: int) -> None:
    await asyncio.gather(*(store.accept(new(index)) for index in range(count)))


async def work(store: Store, count: int, accepting: asyncio.Task[None]) -> None:
    """A worker that has its next job with the answer to its last one."""
    ended, job = 0, None
    while ended < count:
        if job is None:
            job = await store.claim("w", LEASE)
            if job is None:
                await asyncio.sleep(0.001)
                continue
        done, job = await store.finish(job.id, job.token, DONE, "w", LEASE)
        ended += done
    await accepting


async def through(
    folder: Path, count: int, client: Callable[[Store, int], Coroutine[None, None, None]]
) -> tuple[float, float]:
    """Jobs per second from accept to end, and milliseconds of CPU per job, of both threads together."""
    async with opened(folder) as store:
        began, cpu = time.perf_counter(), time.process_time()
        accepting = asyncio.ensure_future(client(store, count))
        await work(store, count, accepting)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    return count / seconds, cpu / count * 1000


async def claims(folder: Path, waiting: int, count: int) -> float:
    """Milliseconds of CPU to end a job and claim the next of a long queue."""
    async with opened(folder) as store:
        await all_at_once(store, waiting)
        job = await store.claim("w", LEASE)
        cpu = time.process_time()
        for _ in range(count):
            if job is None:
                raise RuntimeError("the queue ran empty")
            _, job = await store.finish(job.id, job.token, DONE, "w", LEASE)
        return (time.process_time() - cpu) / count * 1000


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.gettempdir())
    flush = flushes(folder, 300)
    taken = asyncio.run(accepts(folder, 2_000))
    slow, slow_cpu = asyncio.run(through(folder, 2_000, one_by_one))
    fast, fast_cpu = asyncio.run(through(folder, 5_000, all_at_once))
    short, long = asyncio.run(claims(folder, 1_000, 500)), asyncio.run(claims(folder, 20_000, 500))
    print(f"bare flush of 4 KiB: median {median(flush):.2f} ms, p99 {quantiles(flush, n=100)[98]:.2f} ms\n")
    rows = [
        Row("store, durable accept, p50", 5, median(taken), "ms"),
        Row("store, durable accept, p99", 25, quantiles(taken, n=100)[98], "ms"),
        Row("store, accept to end, client waits for each accept", 300, slow, "jobs/s", "at least"),
        Row("store, accept to end, client sends all at once", 300, fast, "jobs/s", "at least"),
        Row("store, CPU per job, client waits for each accept", 2, slow_cpu, "ms"),
        Row("store, CPU per job, client sends all at once", 1.5, fast_cpu, "ms"),
        Row("store, CPU to end and claim, 20,000 waiting over 1,000 waiting", 1.5, long / short),
    ]
    finish(rows, "python -m benchmarks.job_store")


if __name__ == "__main__":
    main()
