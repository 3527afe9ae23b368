"""Stopping a job from outside."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from darkroom.engine.run import Cancelled


class CancelToken:
    """Set once, from any thread, and looked at by the job between nodes and by nodes between their steps."""

    def __init__(self) -> None:
        self.cancelled = False
        self._lock = threading.RLock()  # a signal handler may cancel while this very thread holds it
        self._listeners: list[Callable[[], None]] = []

    def cancel(self) -> None:
        """Ask the job to stop; more than once is as good as once."""
        with self._lock:
            self.cancelled = True
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    def raise_if_cancelled(self) -> None:
        if self.cancelled:
            raise Cancelled

    @contextmanager
    def calling(self, listener: Callable[[], None]) -> Iterator[None]:
        """Within this block, call `listener` when the job is cancelled (at once if it already is)."""
        with self._lock:
            self._listeners.append(listener)
            already = self.cancelled
        if already:
            listener()
        try:
            yield
        finally:
            with self._lock:
                self._listeners.remove(listener)
