"""What waits to be sent to one client, bounded; what a newer message makes worthless goes first."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

MOST_WAITING = 20_000
"""Messages; a client that is behind by more will not catch up."""

CONGESTED = 16
"""From so many waiting messages on, only the newest of messages that replace each other is kept."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message. replaces: a key; of messages with equal keys only the newest matters, if any."""

    data: bytes
    is_binary: bool = False
    replaces: str | None = None


class Outbox:
    """First in, first out, of at most `most_bytes`; a single message may be larger."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes: Final = most_bytes
        self.size = 0
        self._waiting: OrderedDict[int, Outgoing] = OrderedDict()
        self._newest: dict[str, int] = {}
        self._count = 0
        self._first = 0
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, message: Outgoing) -> bool:
        """Queue a message. False where it is full: this client does not read."""
        if message.replaces is not None:
            if len(self._waiting) >= CONGESTED:
                self._drop(self._newest.get(message.replaces))
            self._newest[message.replaces] = self._count
        is_too_much = self.size + len(message.data) > self.most_bytes and self._waiting
        if is_too_much or len(self._waiting) >= MOST_WAITING:
            return False
        self._waiting[self._count] = message
        self._count += 1
        self.size += len(message.data)
        self._arrived.set()
        return True

    def put_first(self, message: Outgoing) -> None:
        """Queue a message before all others, whatever waits."""
        self._first -= 1
        self._waiting[self._first] = message
        self._waiting.move_to_end(self._first, last=False)
        self.size += len(message.data)
        self._arrived.set()

    def take(self) -> Outgoing | None:
        """The oldest message; None where nothing waits."""
        if not self._waiting:
            self._arrived.clear()
            return None
        key, message = self._waiting.popitem(last=False)
        self.size -= len(message.data)
        if message.replaces is not None and self._newest.get(message.replaces) == key:
            del self._newest[message.replaces]
        return message

    async def arrival(self) -> None:
        """Wait until there is something to take."""
        await self._arrived.wait()

    def _drop(self, key: int | None) -> None:
        old = self._waiting.pop(key, None) if key is not None else None
        if old is not None:
            self.size -= len(old.data)
