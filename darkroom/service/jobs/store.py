"""The durable queue as the server sees it (`contracts.JobStore`).

Writing requests go to one thread (`writer`), reading ones to two others; nothing here blocks the event loop. On SQLite
a change that is not a job's coming or end may be lost with the power, never with the process. On PostgreSQL only the
lengthening of leases may, because a token that was lost there could be given twice.
"""

from __future__ import annotations

import asyncio
import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from darkroom.frames.messages import Json
from darkroom.service import jobs
from darkroom.service.contracts import Accepted, Job, JobQuery, NewJob, Past, Result, State
from darkroom.service.jobs.lock import FileLock, Taken
from darkroom.service.jobs.rows import Retention, StoreBroken, checked
from darkroom.service.jobs.writer import Work, Writer

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from darkroom.service.jobs.database import Database
    from darkroom.service.jobs.operations import Transaction

READERS = 2
ENDS_BETWEEN_PRUNINGS = 200
Answer = TypeVar("Answer")


def milliseconds() -> int:
    return time.time_ns() // 1_000_000


def default_url(user: Path) -> str:
    """The database of a server that was told of none. user: the users' folder."""
    return f"sqlite:///{quote((user / 'darkroom.db').resolve().as_posix())}"


class Store:
    """A queue from `open` to `close`.

    url: sqlite:///path or postgresql+psycopg://...
    server_name: of this server; on PostgreSQL a second one that runs at once with the same is refused
    clock: milliseconds since 1970. Servers that share a queue compare leases by their clocks.
    Every method raises StoreBroken while the database cannot be used; once it can again, so can the store.
    """

    def __init__(
        self,
        url: str,
        server_name: str,
        clock: Callable[[], int] = milliseconds,
        retention: Retention | None = None,
    ) -> None:
        self._url, self._server, self._clock = url, server_name, clock
        self._retention = retention or Retention()
        self._secrets: dict[str, Json] = {}
        self._held: dict[str, int] = {}
        self._remaining = 0
        self._ends = 0
        self._lock: FileLock | None = None
        self._connections: queue.LifoQueue[Connection] = queue.LifoQueue()
        self._given_back: set[asyncio.Task[Any]] = set()
        self._database: Database
        self._writer: Writer
        self._readers: ThreadPoolExecutor

    async def open(self) -> Sequence[Job]:
        """Make or migrate the tables, and take back the jobs that ran when this server stopped.

        Returns those jobs as they are now, queued or set aside. Raises StoreBroken, also where another server has the
        file.
        """
        try:
            taken = await asyncio.to_thread(self._open)
        except BaseException:
            self._unlock()
            raise
        self._writer = Writer(self._together, lambda error: isinstance(error, jobs.database.Lost))
        self._readers = ThreadPoolExecutor(READERS, "job reader")
        return taken

    def _open(self) -> list[Job]:
        self._database = jobs.database.Database(self._url, self._server)
        if self._database.path is not None:
            self._lock = locked(self._database.path)
        self._database.prepare()
        alone = self._database.path is not None
        taken: list[Job]
        taken, _ = self._together(
            [
                lambda tx: jobs.operations.take_back(tx, own=True, foreign=alone),
                lambda tx: jobs.operations.prune(tx, self._retention),
            ],
            True,
        )
        if alone:
            self._remaining = self._queried(jobs.queries.remaining)
        return taken

    async def close(self) -> None:
        """Finish what was asked for, then let go of the database."""
        await self._writer.stop()
        await asyncio.to_thread(self._readers.shutdown)
        while not self._connections.empty():
            self._connections.get_nowait().close()
        self._database.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def accept(self, job: NewJob) -> Accepted:
        """Commit a job durably, unless one of its id is there. Raises ValueError for one that cannot be kept."""
        checked(job)

        def work(tx: Transaction) -> Accepted:
            accepted = jobs.operations.accept(tx, job)
            if accepted.is_new and job.secrets:
                tx.afterwards.append(lambda: self._secrets.update({job.id: job.secrets}))
            return accepted

        accepted: Accepted = await self._writer.submit(work, durable=True)
        return accepted

    async def claim(self, worker: str, lease_seconds: float) -> Job | None:
        """Start the next job. Who stops waiting for the answer gives the job back."""
        lease = round(lease_seconds * 1000)
        answer = self._writer.submit(lambda tx: self._claimed(tx, worker, lease), durable=self._shared)
        try:
            job: Job | None = await asyncio.shield(answer)
        except asyncio.CancelledError:
            answer.add_done_callback(lambda done: self._give_back(done, done.result))
            raise
        return job

    async def renew(self, held: Sequence[tuple[str, int]], lease_seconds: float) -> Sequence[tuple[str, int]]:
        lease = round(lease_seconds * 1000)

        def work(tx: Transaction) -> list[tuple[str, int]]:
            lost = jobs.operations.renew(tx, held, lease)
            tx.afterwards.append(lambda: self._let_go(lost))
            return lost

        lost: list[tuple[str, int]] = await self._writer.submit(work, durable=False)
        return lost

    async def finish(
        self, id: str, token: int, result: Result, claim_for: str | None = None, lease_seconds: float = 0
    ) -> tuple[bool, Job | None]:
        """Commit a result durably, and start the next job for a worker in the same transaction."""
        lease = round(lease_seconds * 1000)

        def work(tx: Transaction) -> tuple[bool, Job | None]:
            done = jobs.operations.finish(tx, id, token, result)
            if not done and self._held.get(id) == token:
                # An earlier try may have been committed while its answer was lost on the way to us.
                done = jobs.operations.was_finished(tx, id, token, result.state)
                tx.remaining -= done
            tx.afterwards.append(lambda: self._let_go([(id, token)]))
            if done:
                tx.afterwards.append(lambda: self._ended([id]))
                self._prune_sometimes(tx)
            return done, None if claim_for is None else self._claimed(tx, claim_for, lease)

        answer = self._writer.submit(work, durable=True)
        try:
            done, following = await asyncio.shield(answer)
        except asyncio.CancelledError:
            answer.add_done_callback(lambda done: self._give_back(done, lambda: done.result()[1]))
            raise
        return done, following

    def _give_back(self, answer: asyncio.Future[Any], claimed: Callable[[], Job | None]) -> None:
        """Queue a job again that was claimed for someone who no longer wanted it."""
        if answer.cancelled() or answer.exception() is not None:
            return
        job = claimed()
        if job is not None and not self._writer.closed:
            task = asyncio.ensure_future(self.requeue(job.id, job.token, "its worker went away", death=False))
            self._given_back.add(task)
            task.add_done_callback(self._given_back.discard)

    async def requeue(
        self, id: str, token: int, reason: str, *, death: bool, aside: Result | None = None
    ) -> State | None:
        def work(tx: Transaction) -> State | None:
            state = jobs.operations.requeue(tx, id, token, reason, death=death, aside=aside)
            tx.afterwards.append(lambda: self._let_go([(id, token)]))
            if state is State.SET_ASIDE:
                tx.afterwards.append(lambda: self._ended([id]))
            return state

        state: State | None = await self._writer.submit(work, durable=True)
        return state

    async def cancel_queued(self, ids: Sequence[str] | None) -> Sequence[str]:
        def work(tx: Transaction) -> list[str]:
            cancelled = jobs.operations.cancel_queued(tx, ids)
            tx.afterwards.append(lambda: self._ended(cancelled))
            return cancelled

        cancelled: list[str] = await self._writer.submit(work, durable=True)
        return cancelled

    async def move(self, id: str, before: str | None) -> Sequence[str] | None:
        order: list[str] | None = await self._writer.submit(lambda tx: jobs.ordering.move(tx, id, before), durable=True)
        return order

    async def forget(self, ids: Sequence[str] | None) -> None:
        await self._writer.submit(lambda tx: jobs.operations.forget(tx, ids), durable=False)

    async def sweep(self) -> Sequence[Job]:
        """Take back jobs whose lease ran out because nobody runs them, and delete what is too old to keep.

        Those are jobs of servers that are gone, and jobs whose claim this server never heard of, because the connection
        broke. What it knows to be running it keeps, even where it slept through the lease.

        Returns those jobs as they are now. Call it every few seconds.
        """

        def work(tx: Transaction) -> list[Job]:
            jobs.operations.prune(tx, self._retention)
            return jobs.operations.take_back(tx, own=False, held=self._held)

        taken: list[Job] = await self._writer.submit(work, durable=self._shared)
        return taken

    async def get(self, id: str) -> Job | None:
        return await self._read(partial(jobs.queries.get, id=id))

    async def queued(self) -> Sequence[Job]:
        return await self._read(jobs.queries.queued)

    async def running(self) -> Sequence[Job]:
        return await self._read(jobs.queries.running)

    async def remaining(self) -> int:
        return await self._read(jobs.queries.remaining) if self._shared else self._remaining

    async def history(self, max_items: int | None, offset: int | None) -> Sequence[Job]:
        return await self._read(partial(jobs.queries.history, max_items=max_items, offset=offset))

    async def page(self, query: JobQuery) -> tuple[Sequence[Job], int]:
        return await self._read(partial(jobs.queries.page, query=query))

    async def past(self, limit: int, before: int | None) -> tuple[Sequence[Past], int]:
        return await self._read(partial(jobs.queries.past, limit=limit, before=before))

    def secrets(self, id: str) -> Json:
        """Those that came with a job; empty after a restart, or where another server accepted the job."""
        return self._secrets.get(id, {})

    @property
    def _shared(self) -> bool:
        """Whether other servers may use the same queue."""
        return self._database.path is None

    def _claimed(self, tx: Transaction, worker: str, lease: int) -> Job | None:
        job = jobs.operations.claim(tx, worker, lease)
        if job is not None:
            tx.afterwards.append(lambda: self._held.update({job.id: job.token}))
        return job

    def _let_go(self, attempts: Sequence[tuple[str, int]]) -> None:
        for id, token in attempts:
            if self._held.get(id) == token:
                del self._held[id]

    def _ended(self, ids: Sequence[str]) -> None:
        for id in ids:
            self._secrets.pop(id, None)

    def _prune_sometimes(self, tx: Transaction) -> None:
        self._ends += 1
        if self._ends % ENDS_BETWEEN_PRUNINGS == 0:
            jobs.operations.prune(tx, self._retention)

    def _together(self, works: Sequence[Work], durable: bool) -> list[Any]:
        try:
            return self._at_once(works, durable)
        except jobs.database.Stale:
            return self._at_once(works, durable)

    def _at_once(self, works: Sequence[Work], durable: bool) -> list[Any]:
        with self._database.transaction(durable=durable) as connection:
            tx = jobs.operations.Transaction(connection, self._server, self._clock())
            answers = [work(tx) for work in works]
            tx.before_commit()
        for each in tx.afterwards:
            each()
        self._remaining += tx.remaining
        return answers

    async def _read(self, query: Callable[[Connection], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._queried, query)

    def _queried(self, query: Callable[[Connection], Answer]) -> Answer:
        """Run a query, on a new connection where the one at hand turns out to be dead."""
        try:
            connection = self._connections.get_nowait()
        except queue.Empty:
            return self._queried_by(self._database.connect(reading=True), query)
        try:
            return self._queried_by(connection, query)
        except StoreBroken:
            return self._queried_by(self._database.connect(reading=True), query)

    def _queried_by(self, connection: Connection, query: Callable[[Connection], Answer]) -> Answer:
        with self._database.reading(connection):
            answer = query(connection)
        self._connections.put(connection)
        return answer


def locked(path: Path) -> FileLock:
    """The lock beside a SQLite file, whose folder is made. Raises StoreBroken."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(path.with_name(f"{path.name}.lock"))
    except Taken as holder:
        raise StoreBroken(
            f"another server ({holder}) uses the database of jobs {path}: stop it, or give this server "
            "one of its own with --database"
        ) from holder
    except OSError as error:
        raise StoreBroken(
            f"the folder of the database of jobs {path} cannot be used: {error}. It must be on a disk where files can "
            "be written and locked, which some network file systems refuse: give --user-directory or --database"
        ) from error
