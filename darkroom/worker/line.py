"""The worker's end of the pipe: every thread sends through one lock, and nobody survives the other end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from multiprocessing.connection import Connection
from typing import Any, cast

from darkroom.frames.codec import BLOB, decoded, encoded
from darkroom.frames.messages import Message, ToServer, ToWorker

DEEPEST = 50
"""So many containers within each other are sent of a message that cannot be sent whole."""

_log = logging.getLogger(__name__)


class Line:
    """Frames to and from the server. gone: called, once for each thread that notices, when the server is gone."""

    def __init__(self, connection: Connection, gone: Callable[[], None]) -> None:
        self._connection = connection
        self._gone = gone
        self._lock = threading.Lock()

    def send(self, message: ToServer) -> None:
        """Send, or find out that the server is gone. Content that JSON cannot hold becomes text."""
        try:
            frame = encoded(message)
        except (TypeError, ValueError, RecursionError):
            frame = encoded(_tamed(message))
        with self._lock:
            try:
                self._connection.send_bytes(frame)
            except OSError:
                self._gone()

    def received(self) -> Iterator[ToWorker]:
        """Each message of the server; ends when it is gone."""
        while True:
            try:
                frame = self._connection.recv_bytes()
            except (EOFError, OSError):
                self._gone()
                return
            try:
                message = decoded(frame)
            except ValueError:
                _log.exception("the server sent something that is no message; it is skipped")
                continue
            yield cast(ToWorker, message)


def _tamed(message: Message) -> Any:
    """The message with keys that are text, and nothing nested too deep or in itself."""
    names = [field.name for field in fields(message) if field.name != BLOB]
    return replace(message, **{name: _plain(getattr(message, name), DEEPEST) for name in names})


def _plain(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if depth == 0:
        return "..."
    if isinstance(value, Mapping):
        return {str(name): _plain(each, depth - 1) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each, depth - 1) for each in value]
    return str(value)
