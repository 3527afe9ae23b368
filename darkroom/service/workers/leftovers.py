"""What killed processes left behind: files of attempts that count for nothing, journals of ended jobs, temporary files.

The next attempt at a job removes the files of a dead one itself. Here is the rest: jobs that have no next attempt,
because they were set aside, or cancelled while they waited for it, or because another server did them.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from pathlib import Path

from darkroom.files.journal import SUFFIX, Saved, noted, remove
from darkroom.files.write import sweep_parts
from darkroom.service.contracts import Job, JobStore, State

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 10.0
STRANGE_SECONDS = 86_400.0
"""After this time a journal of a job that nobody knows is deleted; the files stay, as they may be of another queue."""


class Leftovers:
    """Removes them. journals: the folder of journals; places: the folders in which jobs save files"""

    def __init__(self, store: JobStore, journals: Path, places: Sequence[Path]) -> None:
        self._store, self._journals, self._places = store, journals, places

    async def keep_tidy(self, parts_in: Sequence[Path]) -> None:
        """Tidy now and then, for ever. parts_in: folders in which temporary files are looked for, once."""
        swept = await asyncio.to_thread(lambda: sum(map(sweep_parts, parts_in)))
        if swept:
            log.info("removed %d temporary files of processes that were killed", swept)
        while True:
            try:
                await self.tidy()
            except Exception as error:
                log.error("What dead attempts left could not be removed: %s.", error)
            await asyncio.sleep(INTERVAL_SECONDS)

    async def tidy(self) -> int:
        """Go through the journals once; returns how many files were removed."""
        removed = 0
        for journal in await asyncio.to_thread(lambda: sorted(self._journals.glob("*" + SUFFIX))):
            saved = await asyncio.to_thread(lambda path=journal: list(noted(path)))  # type: ignore[misc]
            job = await self._store.get(saved[0].job) if saved else None
            removed += await asyncio.to_thread(self._settle, journal, saved, job)
        if removed:
            log.info("removed %d files of attempts that died", removed)
        return removed

    def _settle(self, journal: Path, saved: Sequence[Saved], job: Job | None) -> int:
        if job is None:
            try:
                if time.time() - journal.stat().st_mtime > STRANGE_SECONDS:
                    journal.unlink()
            except FileNotFoundError:
                pass  # a worker was faster
            return 0
        if job.state in (State.QUEUED, State.RUNNING):
            return 0
        removed = sum(remove(each, self._places) for each in saved if not counts(each, job))
        journal.unlink(missing_ok=True)
        return removed


def counts(saved: Saved, job: Job) -> bool:
    """Whether a file is of the attempt with which an ended job ended."""
    left_waiting = job.state is State.CANCELLED and job.worker is None
    return saved.token == job.token and job.state is not State.SET_ASIDE and not left_waiting
