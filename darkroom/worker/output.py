"""What nodes print and log: to the terminal as ever, and line by line to the server."""

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
    """A standard stream whose lines also go to the server. level: "STDOUT" or "STDERR"."""

    def __init__(self, line: Line, terminal: TextIO, level: str) -> None:
        super().__init__()
        self._line = line
        self._terminal = terminal
        self._level = level
        self._open = ""
        self._lock = threading.RLock()

    def write(self, text: str) -> int:
        with self._lock:
            show(self._terminal, text)
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
    """Log records as lines, to the terminal and to the server."""

    def __init__(self, line: Line, terminal: TextIO) -> None:
        super().__init__()
        self._line = line
        self._terminal = terminal

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)
        except Exception:
            self.handleError(record)
            return
        show(self._terminal, f"{text}\n")
        for each in text.splitlines():
            self._line.send(LogLine(each, record.levelname))


def show(terminal: TextIO, text: str) -> None:
    """Write to a terminal that may be gone, or not know every letter."""
    try:
        terminal.write(text)
        terminal.flush()
    except UnicodeEncodeError:
        terminal.write(text.encode("ascii", "backslashreplace").decode())
    except (OSError, ValueError):
        return


def capture(line: Line, level: str) -> None:
    """From now on, tell the server what this process prints and logs; all of it goes to the real stderr."""
    terminal = sys.__stderr__ or io.StringIO()
    sys.stdout = Printed(line, terminal, "STDOUT")
    sys.stderr = Printed(line, terminal, "STDERR")
    handler = LogLines(line, terminal)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    if logging.getLogger().level > logging.DEBUG:
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(max(logging.getLogger().level, logging.WARNING))
