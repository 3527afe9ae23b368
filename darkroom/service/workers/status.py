"""How many jobs remain, told to all clients."""

from __future__ import annotations

import asyncio
import itertools
import logging

from darkroom.service.contracts import Hub, JobStore
from darkroom.service.socket.messages import status

log = logging.getLogger(__name__)

PAUSE = 0.05
"""Changes that come closer together than this, in seconds, are announced as one."""


class QueueStatus:
    """What the store said last. Others change the queue too, so it is asked at each occasion."""

    def __init__(self, store: JobStore, hub: Hub) -> None:
        self._store, self._hub = store, hub
        self._count: int | None = None
        self._questions = itertools.count(1)
        self._answered = 0
        self._due = False
        self._announcing: asyncio.Task[None] | None = None

    async def refresh(self) -> None:
        """Ask the store; the answer to an older question does not replace that to a newer one."""
        question = next(self._questions)
        try:
            count = await self._store.remaining()
        except Exception as error:
            log.error("The job store could not count the jobs: %s.", error)
            return
        if question > self._answered:
            self._count, self._answered = count, question

    def tell(self) -> None:
        """Tell all what is known."""
        if self._count is not None:
            self._hub.send("status", status(self._count))

    def announce(self) -> None:
        """The queue changed: ask, and tell, soon."""
        self._due = True
        if self._announcing is None:
            self._announcing = asyncio.create_task(self._announce())

    async def close(self) -> None:
        if self._announcing is not None:
            self._announcing.cancel()

    async def _announce(self) -> None:
        try:
            while self._due:
                self._due = False
                await self.refresh()
                self.tell()
                await asyncio.sleep(PAUSE)
        finally:
            self._announcing = None
