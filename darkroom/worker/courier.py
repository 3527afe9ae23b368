"""Events on their way to the server: those that come too fast are thinned, and pictures are made beside the job.

Progress of a node goes out at most every PROGRESS_SECONDS, the last of it always; of previews, the newest is encoded by
a thread of its own, so that a sampler never waits for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from darkroom import worker
from darkroom.frames.messages import JobEvent

PROGRESS_SECONDS = 1 / 60
PREVIEW_SECONDS = 0.1
PREVIEW_SHARE = 0.05
"""Of the time, what making previews may take."""

ENDS = ("node_finished", "node_failed", "node_blocked")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Picture:
    event: JobEvent
    make: Callable[[], Any]
    longest: int


class Courier:
    """Sends the events of one job after another. Every method may be called from any thread, and keeps the order."""

    def __init__(self, send: Callable[[JobEvent], None]) -> None:
        self._send = send
        self._changed = threading.Condition()
        self._held: dict[str, JobEvent] = {}
        self._told_at: dict[str, float] = {}
        self._picture: _Picture | None = None
        self._pictures_from = 0.0
        self._over: set[str] = set()
        self._turn = 0
        threading.Thread(target=self._thread, name="courier", daemon=True).start()

    def begin(self) -> None:
        """A job begins; what is left of the one before is dropped."""
        with self._changed:
            self._forget()
            self._turn += 1

    def tell(self, event: JobEvent) -> None:
        """Send an event now, after the progress that is held back for its node."""
        node = event.data.get("node", "")
        with self._changed:
            held = self._held.pop(node, None)
            if held is not None:
                self._send(held)
            if event.kind in ENDS:
                self._over.add(node)
            elif event.kind == "node_started":
                self._over.discard(node)
            self._send(event)

    def progress(self, event: JobEvent) -> None:
        """Send a node's progress, now or a little later, unless newer progress replaces it."""
        node, now = event.data["node"], time.monotonic()
        with self._changed:
            if now - self._told_at.get(node, 0.0) >= PROGRESS_SECONDS:
                self._held.pop(node, None)
                self._told_at[node] = now
                self._send(event)
            else:
                if not self._held:
                    self._changed.notify()
                self._held[node] = event

    def preview(self, event: JobEvent, make: Callable[[], Any], longest: int) -> None:
        """Send a preview when there is time for it, unless a newer one replaces it or its node ends before.

        event: the preview without its picture; make: gives a PIL image; longest: its longest side, in pixels
        """
        with self._changed:
            if self._picture is None:
                self._changed.notify()
            self._picture = _Picture(event, make, longest)

    def end(self) -> None:
        """Send what is held back of the job; nothing of it comes after this."""
        with self._changed:
            for held in self._held.values():
                self._send(held)
            self._forget()
            self._turn += 1

    def _forget(self) -> None:
        self._held.clear()
        self._told_at.clear()
        self._over.clear()
        self._picture = None

    def _thread(self) -> None:
        while True:
            with self._changed:
                picture = self._next_picture()
                turn = self._turn
            began = time.thread_time()
            event = _with_picture(picture)
            spent = time.thread_time() - began
            with self._changed:
                self._pictures_from = time.monotonic() + max(PREVIEW_SECONDS, spent / PREVIEW_SHARE)
                if event is not None and turn == self._turn and event.data.get("node") not in self._over:
                    self._send(event)

    def _next_picture(self) -> _Picture:
        """Wait until it is time for a preview; send progress whose time comes meanwhile."""
        while True:
            now = time.monotonic()
            due = [node for node in self._held if now - self._told_at[node] >= PROGRESS_SECONDS]
            for node in due:
                self._told_at[node] = now
                self._send(self._held.pop(node))
            picture = self._picture
            if picture is not None and now >= self._pictures_from:
                self._picture = None
                return picture
            waits = [self._told_at[node] + PROGRESS_SECONDS - now for node in self._held]
            if picture is not None:
                waits.append(self._pictures_from - now)
            self._changed.wait(min(waits) if waits else None)


def _with_picture(picture: _Picture) -> JobEvent | None:
    try:
        return replace(picture.event, blob=worker.pictures.jpeg(picture.make(), picture.longest))
    except Exception as error:
        _log.warning("a preview of node %s failed (%s)", picture.event.data.get("node"), error)
        return None
