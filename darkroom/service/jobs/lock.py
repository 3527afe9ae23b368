"""One server per SQLite file: a lock that the system drops when its process ends, however it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCKED_BYTE = 1 << 30  # beyond the text, so that on Windows others can still read who holds it


class Taken(Exception):
    """Another process holds the lock."""


class FileLock:
    """A held lock. Raises Taken, saying who holds it, or OSError where nothing can be locked there."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("a+b")
        try:
            _lock(self._file)
        except (BlockingIOError, PermissionError) as error:  # the second one is Windows's word for "locked"
            self._file.seek(0)
            holder = self._file.read(20).decode("ascii", "replace").strip() or "unknown"
            self._file.close()
            raise Taken(f"process {holder}") from error
        except BaseException:
            self._file.close()
            raise
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n".encode())
        self._file.flush()

    def release(self) -> None:
        self._file.close()


def _lock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        file.seek(LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
