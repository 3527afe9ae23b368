"""Where log lines go: to a stream for people or machines, and into the ring for browsers."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TextIO

from darkroom.service.observe.ring import RING, LogRing
from darkroom.service.observe.sanitise import lines, one_line

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class Lines(logging.Formatter):
    """`12:03:04.567 INFO    service.workers: text`"""

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created).strftime("%H:%M:%S.%f")[:-3]
        name = record.name.removeprefix("darkroom.")
        text = f"{when} {record.levelname:<7} {name}: {one_line(record.getMessage())}"
        extra = given(record)
        if extra:
            text += " (" + ", ".join(f"{key}={one_line(str(value))}" for key, value in extra.items()) + ")"
        return text + "".join(f"\n{lines(trace)}" for trace in traces(self, record))


class JsonObjects(logging.Formatter):
    """One JSON object a line: time, level, logger, message, what was given in `extra`, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": one_line(record.getMessage()),
        }
        for key, value in given(record).items():
            entry.setdefault(key, value if isinstance(value, bool | int | float) else one_line(str(value)))
        found = traces(self, record)
        if found:
            entry["traceback"] = "\n".join(map(lines, found))
        return json.dumps(entry, ensure_ascii=True)


def given(record: logging.LogRecord) -> Mapping[str, Any]:
    """What the caller handed over in `extra`."""
    return {key: value for key, value in vars(record).items() if key not in STANDARD and not key.startswith("_")}


def traces(formatter: logging.Formatter, record: logging.LogRecord) -> list[str]:
    found = [formatter.formatException(record.exc_info)] if record.exc_info and record.exc_info[0] else []
    return [*found, record.stack_info] if record.stack_info else found


class RingHandler(logging.Handler):
    """Puts lines into a ring."""

    def __init__(self, ring: LogRing) -> None:
        super().__init__()
        self._ring = ring
        self.setFormatter(Lines())

    def emit(self, record: logging.LogRecord) -> None:
        try:
            when = datetime.fromtimestamp(record.created).isoformat()
            self._ring.add(when, self.format(record) + "\n")
        except Exception:
            self.handleError(record)


def start_logging(
    level: str, form: str = "text", *, stream: TextIO | None = None, ring: LogRing = RING
) -> list[logging.Handler]:
    """Send all log lines of this process to a stream (the standard error) and a ring; returns the two handlers.

    level: name of the lowest level that is logged; form: "text" or "json"
    """
    shown: logging.Handler = logging.StreamHandler(stream or sys.stderr)
    shown.setFormatter(JsonObjects() if form == "json" else Lines())
    handlers = [shown, RingHandler(ring)]
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each.formatter, Lines | JsonObjects)]:
        root.removeHandler(old)
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    # These tell of their own inner life at DEBUG, which hides ours.
    for name in ("asyncio", "aiohttp", "sqlalchemy", "alembic", "PIL"):
        logging.getLogger(name).setLevel(max(logging.getLevelName(level), logging.WARNING))
    # What `logging` itself cannot print must not end up as a traceback with the arguments in it.
    logging.raiseExceptions = False
    return handlers
