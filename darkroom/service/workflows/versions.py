"""Versions of a workflow: each content that a file ever had, in a file named by its time and digest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from darkroom.service.routes_files.paths import Folder, folder_at
from darkroom.service.workflows.names import SUFFIX, VERSIONS, digest_of, name_parts

NAME = re.compile(r"(\d{8}T\d{12}Z)-([0-9a-f]{32})")
STAMP = "%Y%m%dT%H%M%S%fZ"
DAY_LETTERS = 8
"""Of a version's name, how many tell its day."""


@dataclass(frozen=True, slots=True)
class Version:
    """id: "<time>-<digest>", so that ids sort by age; modified: milliseconds since 1970"""

    id: str
    modified: int
    size: int
    digest: str


def version_parts(name: str) -> tuple[str, ...]:
    return (*VERSIONS, *name_parts(name))


def versions_of(user: Path, name: str) -> list[Version]:
    """Newest first. Raises BadPath."""
    try:
        with folder_at(user, version_parts(name)) as folder:
            return versions_in(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


def versions_in(folder: Folder) -> list[Version]:
    found = []
    for file_name in folder.names():
        match = NAME.fullmatch(file_name.removesuffix(SUFFIX))
        status = folder.stat(file_name)
        if match and status is not None:
            when = datetime.strptime(match[1], STAMP).replace(tzinfo=UTC)
            found.append(Version(match[0], int(when.timestamp() * 1000), status.st_size, match[2]))
    return sorted(found, key=lambda version: version.id, reverse=True)


def read_version(user: Path, name: str, id: str) -> bytes:
    """Raises FileNotFoundError where there is no such version, BadPath for a bad name."""
    if not NAME.fullmatch(id):
        raise FileNotFoundError(f"{id} is no version of {name}")
    with folder_at(user, version_parts(name)) as folder:
        return folder.read(id + SUFFIX)


def remember(user: Path, name: str, data: bytes, keep: int) -> str:
    """Keep a content as the newest version, unless it is that already; its id. Old ones are thinned out."""
    digest = digest_of(data)
    with folder_at(user, version_parts(name), make=True) as folder:
        known = versions_in(folder)
        if known and known[0].digest == digest:
            return known[0].id
        now = datetime.now(UTC)
        if known:  # also where the clock was set back, a later version sorts later
            newest = datetime.strptime(known[0].id.partition("-")[0], STAMP).replace(tzinfo=UTC)
            now = max(now, newest + timedelta(microseconds=1))
        id = f"{now.strftime(STAMP)}-{digest}"
        folder.write(id + SUFFIX, data)
        for version in superfluous([id, *(version.id for version in known)], keep):
            folder.remove(version + SUFFIX)
    return id


def superfluous(ids: Sequence[str], keep: int) -> list[str]:
    """Which versions may go: all but the last `keep` and the last one of each day. ids: newest first"""
    last_of_day: dict[str, str] = {}
    for id in ids:
        last_of_day.setdefault(id[:DAY_LETTERS], id)
    return [id for id in ids[keep:] if last_of_day[id[:DAY_LETTERS]] != id]


def move_versions(user: Path, name: str, new_name: str) -> None:
    """Bring the versions of a renamed workflow along; those that its new name has already stay too."""
    try:
        old, new = folder_at(user, version_parts(name)), folder_at(user, version_parts(new_name), make=True)
        with old as here, new as there:
            for version in versions_in(here):
                here.move(version.id + SUFFIX, there, version.id + SUFFIX, replace=True)
    except (FileNotFoundError, NotADirectoryError):
        return
