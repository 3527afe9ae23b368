"""What nodes print and log, line by line to the server, whose log it belongs to.

Nothing goes to the terminal from here: what a node prints may hold secrets of its job, or move the cursor and forge
lines, and only the server's log takes that out.
"""

from __future__ import annotations

import io
import logging
import sys
import threading
from typing import Any, TextIO

from darkroom.frames.messages import LogLine
from darkroom.worker.line import Line

LONGEST_LINE = 16_384

TALKATIVE = ("torch", "diffusers", "transformers", "PIL", "asyncio")
"""Libraries of which only warnings are shown, unless everything is asked for."""


class Printed(io.TextIOBase):
    """A standard stream whose lines go to the server. level: "STDOUT" or "STDERR"; terminal: the real stream"""

    def __init__(self, line: Line, terminal: TextIO, level: str) -> None:
        super().__init__()
        self._line = line
        self._terminal = terminal
        self._level = level
        self._open = ""
        self._lock = threading.RLock()

    def write(self, text: str) -> int:
        with self._lock:
            *whole, self._open = (self._open + text).split("\n")
            if len(self._open) > LONGEST_LINE:
                whole, self._open = [*whole, self._open], ""
            for each in whole:
                self._line.send(LogLine(each.rpartition("\r")[2] or each, self._level))
        return len(text)

    def flush(self) -> None:
        try:
            self._terminal.flush()
        except (OSError, ValueError):
            return  # the terminal is gone; that is no failure of the node that prints

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._terminal.fileno()

    def reconfigure(self, **options: Any) -> None:
        """Nothing: whatever programs wish for on other systems, it takes all letters."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    @property
    def buffer(self) -> Any:
        """The bytes below, for those who write pictures to it; what goes there is not told to the server."""
        return self._terminal.buffer


class LogLines(logging.Handler):
    """Log records as lines, to the server."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)
        except Exception:
            self.handleError(record)
            return
        for each in text.splitlines():
            self._line.send(LogLine(each, record.levelname))


def capture(line: Line, level: str) -> None:
    """From now on, tell the server what this process prints and logs."""
    terminal = sys.__stderr__ or io.StringIO()
    sys.stdout = Printed(line, terminal, "STDOUT")
    sys.stderr = Printed(line, terminal, "STDERR")
    handler = LogLines(line)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))  # the server's line has the level
    logging.basicConfig(level=level, handlers=[handler], force=True)
    if logging.getLogger().level > logging.DEBUG:
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(max(logging.getLogger().level, logging.WARNING))
