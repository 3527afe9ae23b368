"""What workers take from the store and give back to it, however often the store fails in between."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from darkroom.service.contracts import Job, JobStore, Result, State
from darkroom.service.jobs.rows import StoreBroken
from darkroom.service.workers.patience import Patience

log = logging.getLogger(__name__)


class Records:
    """The store, asked with patience. lease_seconds: how long a claimed job is ours."""

    def __init__(self, store: JobStore, patience: Patience, lease_seconds: float) -> None:
        self._store, self._patience, self._lease = store, patience, lease_seconds

    async def claim(self, worker: str) -> Job | None:
        """The next job for a worker; None where nothing waits, or where the server stops while the store fails."""
        try:
            return await self._patience.insist("give out a job", partial(self._store.claim, worker, self._lease))
        except StoreBroken:
            return None

    async def finish(self, job: Job, result: Result, claim_for: str | None = None) -> tuple[bool, Job | None]:
        """Store a result. A result that the store cannot hold is replaced by one that says so.

        Returns whether the job was still ours, and the next job of the worker `claim_for`.
        """
        store = partial(self._store.finish, job.id, job.token, claim_for=claim_for, lease_seconds=self._lease)
        tries = 0

        async def ask() -> tuple[bool, Job | None]:
            nonlocal tries
            tries += 1
            try:
                return await store(result)
            except StoreBroken:
                raise
            except Exception as error:
                log.exception("The result of job %s cannot be stored.", job.id)
                return await store(_unfit(job, result, error))

        accepted, following = await self._patience.insist(f"keep the result of job {job.id}", ask)
        if not accepted and tries > 1:
            accepted = await self._was_kept(job)
        return accepted, following

    async def requeue(self, job: Job, reason: str, *, death: bool, aside: Result | None = None) -> State | None:
        """Give a job back to the queue. aside: its result if it is set aside instead"""
        give_back = partial(self._store.requeue, job.id, job.token, reason, death=death, aside=aside)
        return await self._patience.insist(f"queue job {job.id} again", give_back)

    async def renew(self, held: Sequence[tuple[str, int]]) -> Sequence[tuple[str, int]]:
        """Those whose lease is lost; none while the store fails, as nobody else can take them either."""
        try:
            return await self._store.renew(held, self._lease) if held else ()
        except Exception as error:
            log.error("The job store could not renew the leases of %d jobs: %s.", len(held), error)
            return ()

    async def sweep(self) -> Sequence[Job]:
        """Jobs of dead servers that were taken back."""
        try:
            return await self._store.sweep()
        except Exception as error:
            log.error("The job store could not look for jobs of dead servers: %s.", error)
            return ()

    async def _was_kept(self, job: Job) -> bool:
        """Whether a commit that seemed to fail had succeeded."""
        stored = await self._patience.insist(f"show job {job.id}", partial(self._store.get, job.id))
        return stored is not None and stored.token == job.token and stored.result is not None


def _unfit(job: Job, result: Result, error: Exception) -> Result:
    told = {
        "prompt_id": job.id,
        "node_id": "",
        "node_type": "",
        "executed": [],
        "exception_message": f"What the job came to cannot be stored: {error}\n",
        "exception_type": type(error).__name__,
        "traceback": [],
        "current_inputs": {},
        "current_outputs": [],
    }
    messages = [each for each in result.messages if each[0] in ("execution_start", "execution_cached")]
    return Result(State.FAILED, messages=[*messages, ("execution_error", told)], error=told)
