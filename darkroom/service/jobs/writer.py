"""One thread that writes. All requests that wait are one transaction and one commit; then all are answered."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

MAXIMUM_BATCH = 200

Work = Callable[[Any], Any]
"""Takes a transaction; gives an answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """durable: the answer may be given only once the change survives a loss of power."""

    work: Work
    durable: bool
    answer: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """The answer to a request that raised."""

    error: Exception


Together = Callable[[Sequence[Work], bool], list[Any]]
"""Run all in one transaction, durably or not, and commit; raises if any raises, and then nothing is kept."""


class Writer:
    """A thread from `start` to `stop`.

    together: see Together; hopeless: errors after which others of the same batch would fail as well
    """

    def __init__(self, together: Together, hopeless: Callable[[Exception], bool]) -> None:
        self._together, self._hopeless = together, hopeless
        self._waiting: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._serve, name="job store", daemon=True)
        self.closed = False
        self._thread.start()

    def submit(self, work: Work, *, durable: bool) -> asyncio.Future[Any]:
        """Call from the loop. Raises RuntimeError after `stop`."""
        if self.closed:
            raise RuntimeError("the store of jobs is closed")
        request = Request(work, durable, self._loop.create_future())
        self._waiting.put(request)
        return request.answer

    async def stop(self) -> None:
        """Answer what waits, then end the thread."""
        self.closed = True
        self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)

    def _serve(self) -> None:
        while True:
            batch, more = self._batch()
            requests = [each for each in batch if not each.answer.cancelled()]
            if requests:
                outcomes = self._run(requests)
                try:
                    self._loop.call_soon_threadsafe(settle, requests, outcomes)
                except RuntimeError:
                    return  # the loop is closed: nobody waits for answers
            if not more:
                return

    def _batch(self) -> tuple[list[Request], bool]:
        """All that wait, at least one; and whether more may come."""
        batch: list[Request] = []
        try:
            while len(batch) < MAXIMUM_BATCH:
                request = self._waiting.get(block=not batch)
                if request is None:
                    return batch, False
                batch.append(request)
        except queue.Empty:
            pass
        return batch, True

    def _run(self, requests: Sequence[Request]) -> list[Any]:
        durable = any(each.durable for each in requests)
        try:
            return self._together([each.work for each in requests], durable)
        except Exception as error:
            if len(requests) == 1 or self._hopeless(error):
                return [Failure(error)] * len(requests)
        return self._one_by_one(requests)

    def _one_by_one(self, requests: Sequence[Request]) -> list[Any]:
        """After one of them failed: each in its own transaction, so that it fails alone."""
        outcomes: list[Any] = []
        for request in requests:
            try:
                outcomes += self._together([request.work], request.durable)
            except Exception as error:
                outcomes.append(Failure(error))
                if self._hopeless(error):
                    break
        return outcomes + outcomes[-1:] * (len(requests) - len(outcomes))


def settle(requests: Sequence[Request], outcomes: Sequence[Any]) -> None:
    for request, outcome in zip(requests, outcomes, strict=True):
        if request.answer.cancelled():
            continue
        if isinstance(outcome, Failure):
            request.answer.set_exception(outcome.error)
        else:
            request.answer.set_result(outcome)
