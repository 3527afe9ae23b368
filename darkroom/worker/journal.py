"""Which files a job saved, written down before each appears, so that another attempt can remove those of a dead one.

One journal per job, `<temp>/.jobs/<hash of the job's id>.files`, a JSON line `[path, stamp]` per file. A file is
removed only if it still is the one that was saved: a name that another process took meanwhile stays, and so does a file
that was changed since.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

from darkroom.engine.run import Files
from darkroom.files.folders import stamp_of
from darkroom.files.write import announced

FOLDER = ".jobs"
CLEANED = ("output", "temp")

_log = logging.getLogger(__name__)


class Journal:
    """The journals that this worker keeps; a job's own stays until the next job, as only then the server has its end
    on record."""

    def __init__(self, files: Files) -> None:
        self._folder = files.directory("temp") / FOLDER
        self._places = [files.directory(kind) for kind in CLEANED]
        self._last: str | None = None

    def path(self, job: str) -> Path:
        """Where the journal of a job is."""
        return self._folder / f"{blake2b(job.encode(), digest_size=16).hexdigest()}.files"

    def begin(self, job: str, attempt: int) -> int:
        """A job begins: forget the last one, and remove what a dead attempt of this one saved; returns how many."""
        if self._last is not None and self._last != job:
            self.path(self._last).unlink(missing_ok=True)
        self._last = job
        path = self.path(job)
        removed = sum(map(self._remove, _entries(path))) if attempt > 1 else 0
        path.unlink(missing_ok=True)
        return removed

    @contextmanager
    def noting(self, job: str) -> Iterator[None]:
        """Within this block, files that this context saves are noted for a job."""
        path = self.path(job)

        def note(part: Path, place: Path, durable: bool) -> None:
            if self._is_ours(place):
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("ab") as file:
                    file.write(json.dumps([str(place.absolute()), stamp_of(part.stat())]).encode() + b"\n")
                    file.flush()
                    if durable:
                        os.fsync(file.fileno())

        with announced(note):
            yield

    def _is_ours(self, path: Path) -> bool:
        folder = path.parent.resolve()
        return any(folder.is_relative_to(place.resolve()) for place in self._places)

    def _remove(self, entry: tuple[str, str]) -> bool:
        path, stamp = Path(entry[0]), entry[1]
        try:
            if not self._is_ours(path) or stamp_of(path.lstat()) != stamp:
                return False
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            _log.warning("%s, saved by an attempt that died, cannot be removed (%s)", path, error.strerror)
            return False
        return True


def _entries(journal: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = journal.read_bytes().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            path, stamp = json.loads(line)
        except ValueError:
            continue  # the line at which the process died; its file never appeared
        yield path, stamp
