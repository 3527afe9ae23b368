"""A store that fails for a while: ask again until it answers, as jobs can wait and the server must live."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0


class Patience:
    """Asks again, with growing pauses. closing: set when the server stops; then nothing is asked a second time."""

    def __init__(self, closing: asyncio.Event) -> None:
        self._closing = closing

    async def insist(self, what: str, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer, however long it takes. what: for the log. Raises what the store raised once the server stops."""
        pause = FIRST_PAUSE
        while True:
            try:
                return await ask()
            except Exception as error:
                if self._closing.is_set():
                    raise
                log.error("The job store could not %s: %s; trying again in %g s.", what, error, pause)
            await self.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def sleep(self, seconds: float) -> None:
        """Wait, at most until the server stops."""
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), seconds)
