"""What attempts at jobs saved, one file per job of a JSON line per saved file, so that dead attempts can be undone.

A saved file is removed only if it still is the one that was saved: a name that another process took meanwhile stays,
and so does a file that was changed since.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from hashlib import blake2b
from pathlib import Path

from darkroom.files.folders import stamp_of
from darkroom.files.write import flush_folder

SUFFIX = ".files"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Saved:
    """A file, as it was when it was saved, and the attempt that saved it: the job's id, and the attempt's token."""

    path: str
    stamp: str
    job: str
    token: int


def journal_of(folder: Path, job: str) -> Path:
    """Where the journal of a job is."""
    return folder / f"{blake2b(job.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}{SUFFIX}"


def note(journal: Path, saved: Saved, *, durable: bool) -> None:
    """Add a line. durable: it survives a loss of power as soon as this returns"""
    is_new = not journal.exists()
    journal.parent.mkdir(parents=True, exist_ok=True)
    with journal.open("ab") as file:
        file.write(json.dumps(astuple(saved)).encode() + b"\n")
        file.flush()
        if durable:
            os.fsync(file.fileno())
    if durable and is_new:
        flush_folder(journal.parent)


def noted(journal: Path) -> Iterator[Saved]:
    """What a journal says; nothing where there is none."""
    try:
        lines = journal.read_bytes().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            path, stamp, job, token = json.loads(line)
        except ValueError:
            continue  # the line at which the process died; its file never appeared
        yield Saved(path, stamp, job, token)


def is_below(path: Path, places: Sequence[Path]) -> bool:
    """Whether a file lies in one of these folders, whatever links lead there."""
    folder = path.parent.resolve()
    return any(folder.is_relative_to(place.resolve()) for place in places)


def remove(saved: Saved, places: Sequence[Path]) -> bool:
    """Remove a saved file, if it is below one of these folders and still the same; says whether it did."""
    path = Path(saved.path)
    try:
        if not is_below(path, places) or stamp_of(path.lstat()) != saved.stamp:
            return False
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        _log.warning("%s, saved by an attempt that died, cannot be removed (%s)", path, error.strerror)
        return False
    return True
