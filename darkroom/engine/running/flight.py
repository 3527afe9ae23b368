"""Single flight: a job that needs a result which another is just computing waits for it instead of computing it too."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Hashable
from queue import SimpleQueue
from typing import Any


class Mailbox:
    """Where one job receives what others computed for it, and sleeps until something comes."""

    def __init__(self) -> None:
        self.mail: dict[bytes, Any] = {}
        # Not an Event: a signal handler may ring while this very thread is inside its lock (SimpleQueue.put may be).
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rung_in_loop = asyncio.Event()

    def deliver(self, key: bytes, result: Any) -> None:
        """Hand over a result, or None where its computation failed. May be called from any thread, as may `ring`."""
        self.mail[key] = result
        self.ring()

    def ring(self) -> None:
        self._bell.put(None)
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._rung_in_loop.set)

    def wait(self) -> None:
        self._bell.get()
        self._quiet()

    async def wait_in_loop(self) -> None:
        """Like `wait`, while other coroutines of the running loop go on."""
        self._loop = asyncio.get_running_loop()
        try:
            if self._bell.empty():
                await self._rung_in_loop.wait()
        finally:
            self._loop = None
            self._quiet()
            self._rung_in_loop.clear()

    def _quiet(self) -> None:
        while not self._bell.empty():
            self._bell.get()


class Flights:
    """Which job computes which key just now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owners: dict[bytes, Hashable] = {}
        self._waiting: dict[bytes, list[Mailbox]] = {}
        self._blocked: dict[Hashable, set[bytes]] = {}

    def claim(self, key: bytes, job: Hashable, mailbox: Mailbox) -> bool:
        """Become the one that computes a key; otherwise be sent what its owner lands."""
        with self._lock:
            if key not in self._owners:
                self._owners[key] = job
                return True
            self._waiting.setdefault(key, []).append(mailbox)
            return False

    def follow(self, key: bytes, job: Hashable, mailbox: Mailbox) -> bool:
        """If another job computes a key, be sent what it lands."""
        if not self._owners:
            return False
        with self._lock:
            if self._owners.get(key, job) == job:
                return False
            self._waiting.setdefault(key, []).append(mailbox)
            return True

    def land(self, key: bytes, result: Any) -> None:
        """The owner has a result, or gives up (None)."""
        with self._lock:
            self._owners.pop(key, None)
            waiting = self._waiting.pop(key, ())
        for mailbox in waiting:
            mailbox.deliver(key, result)

    def block(self, job: Hashable, keys: set[bytes]) -> bool:
        """Note that a job can do nothing until one of these keys lands; False if then none ever would.

        That is so when all who compute them wait in turn for what nobody but them will land.
        """
        with self._lock:
            self._blocked[job] = keys
            reached: set[Hashable] = set()
            stack = [job]
            while stack:
                each = stack.pop()
                waits_for = self._blocked.get(each)
                if waits_for is None:
                    return True
                if each not in reached:
                    reached.add(each)
                    if any(key not in self._owners for key in waits_for):
                        return True
                    stack.extend(self._owners[key] for key in waits_for)
            del self._blocked[job]
            return False

    def unblock(self, job: Hashable) -> None:
        with self._lock:
            self._blocked.pop(job, None)
