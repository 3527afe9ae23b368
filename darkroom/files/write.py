"""Files appear whole or not at all: they are written under a temporary name beside their place, then renamed."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

Listener = Callable[[Path, Path, bool], None]
"""Told of a new file before it appears: where its data is now, the name it is to take, and whether it is durable."""

PART = re.compile(r"\.[0-9a-f]{16}\.part")
OLD_SECONDS = 3600.0
"""No file takes so long to be written; what is older was left behind by a process that was killed."""

_listener: ContextVar[Listener | None] = ContextVar("_listener", default=None)


@contextmanager
def announced(listener: Listener) -> Iterator[None]:
    """Within this block, tell `listener` of each file of `write_new` before it appears; if it raises, none does."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def write_whole(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write a file, replacing one of that name; a reader or a crash sees the old file or the new one.

    durable: wait until the disk has it, so that it survives a loss of power
    Raises OSError; nothing is left behind then.
    """
    part = write_part(path, data, durable=durable)
    try:
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    if durable:
        flush_folder(path.parent)


def write_new(path: Path, data: bytes, *, durable: bool = True) -> bool:
    """Write a file unless one of that name exists; says whether it did. Safe against other processes.

    Raises OSError; nothing is left behind then.
    """
    if os.path.lexists(path):
        return False
    part = write_part(path, data, durable=durable)
    listener = _listener.get()
    try:
        if listener is not None:
            listener(part, path, durable)
        done = take_name(part, path)
    finally:
        part.unlink(missing_ok=True)
    if done and durable:
        flush_folder(path.parent)
    return done


def write_part(path: Path, data: bytes, *, durable: bool) -> Path:
    """The data under a temporary, hidden name in the folder of `path`."""
    part = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        with part.open("xb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


def is_part(name: str) -> bool:
    """Whether a file is called as `write_part` calls them."""
    return PART.fullmatch(name) is not None


def sweep_parts(folder: Path) -> int:
    """Remove the temporary files that killed processes left in a folder and those below; returns how many."""
    swept, limit = 0, time.time() - OLD_SECONDS
    for here, _, names in os.walk(folder):
        for path in (Path(here, name) for name in names if is_part(name)):
            try:
                if path.lstat().st_mtime < limit:
                    path.unlink()
                    swept += 1
            except OSError:
                continue  # another server was faster, or we may not
    return swept


def take_name(part: Path, path: Path) -> bool:
    """Give the finished file its name, unless the name is taken."""
    try:
        os.link(part, path)  # unlike a rename, fails where the name exists
    except FileExistsError:
        return False
    except OSError:
        return reserve_and_replace(part, path)
    return True


def reserve_and_replace(part: Path, path: Path) -> bool:
    """The way without hard links: claim the name with an empty file, then put the finished one in its place."""
    try:
        path.open("xb").close()
    except FileExistsError:
        return False
    part.replace(path)
    return True


def flush_folder(folder: Path) -> None:
    """Make a new name itself survive a loss of power, where the system can open folders."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError:
        return  # some network file systems refuse; the file's own data is safe already
    finally:
        os.close(descriptor)
