"""One writer at a time for each file of a user."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

STRIPES = tuple(threading.Lock() for _ in range(64))
"""Files share them by hash: there are always this many, and two files rarely wait for each other."""


@contextmanager
def writing(*paths: Path) -> Iterator[None]:
    """Hold the right to change these files, among the threads of this process."""
    with ExitStack() as held:
        for number in sorted({hash(path) % len(STRIPES) for path in paths}):  # one order, so that no two block
            held.enter_context(STRIPES[number])
        yield
