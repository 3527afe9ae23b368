"""The last log lines, kept in memory for browsers."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypedDict

MAXIMUM_LINES = 300


class Entry(TypedDict):
    """t: local time in ISO form; m: the text, with its newline."""

    t: str
    m: str


Listener = Callable[[Entry], None]


class LogRing:
    """Holds the newest lines. Every method may be called from any thread."""

    def __init__(self, maximum: int = MAXIMUM_LINES) -> None:
        self._entries: deque[Entry] = deque(maxlen=maximum)
        self._listeners: tuple[Listener, ...] = ()
        self._lock = threading.Lock()

    def add(self, when: str, text: str) -> None:
        """Keep a line and tell it to those who listen."""
        entry = Entry(t=when, m=text)
        with self._lock:
            self._entries.append(entry)
            listeners = self._listeners
        for listener in listeners:
            listener(entry)

    def entries(self) -> Sequence[Entry]:
        """Oldest first."""
        with self._lock:
            return tuple(self._entries)

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` with each new line, in the thread that logs; it must neither wait nor log."""
        with self._lock:
            if listener not in self._listeners:
                self._listeners = (*self._listeners, listener)

    def unsubscribe(self, listener: Listener) -> None:
        with self._lock:
            self._listeners = tuple(each for each in self._listeners if each != listener)


RING = LogRing()
"""Of this process; `logs.start_logging` fills it."""
