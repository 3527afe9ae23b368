"""Which files a job saved, written down before each appears, so that another attempt can remove those of a dead one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from darkroom.engine.run import Files
from darkroom.files.folders import stamp_of
from darkroom.files.journal import Saved, is_below, journal_of, note, noted, remove
from darkroom.files.write import announced

FOLDER = ".jobs"
CLEANED = ("output", "temp")


class Journal:
    """The journals that this worker keeps; a job's own stays until the next job, as only then the server has its end
    on record.

    folder: where they are; None for one in the temp folder
    """

    def __init__(self, files: Files, folder: Path | None = None) -> None:
        self._folder = folder or files.directory("temp") / FOLDER
        self._places = [files.directory(kind) for kind in CLEANED]
        self._last: str | None = None

    def path(self, job: str) -> Path:
        """Where the journal of a job is."""
        return journal_of(self._folder, job)

    def begin(self, job: str, attempt: int) -> int:
        """A job begins: forget the last one, and remove what a dead attempt of this one saved; returns how many."""
        if self._last is not None and self._last != job:
            self.path(self._last).unlink(missing_ok=True)
        self._last = job
        path = self.path(job)
        removed = sum(remove(saved, self._places) for saved in noted(path)) if attempt > 1 else 0
        path.unlink(missing_ok=True)
        return removed

    @contextmanager
    def noting(self, job: str, token: int) -> Iterator[None]:
        """Within this block, files that this context saves are noted for an attempt at a job."""
        path = self.path(job)

        def listen(part: Path, place: Path, durable: bool) -> None:
            if is_below(place, self._places):
                note(path, Saved(str(place.absolute()), stamp_of(part.stat()), job, token), durable=durable)

        with announced(listen):
            yield
