"""Drafts: what was drawn and not saved yet, one for each workflow, also for one that has no file so far."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from darkroom.service.routes_files.locks import writing
from darkroom.service.routes_files.paths import folder_at
from darkroom.service.workflows.names import DRAFTS, SUFFIX, name_parts


@dataclass(frozen=True, slots=True)
class Draft:
    """base: the digest of what it was drawn from, or None for a new workflow; modified: milliseconds since 1970"""

    workflow: Any
    base: str | None
    modified: int


def place_of(name: str) -> tuple[tuple[str, ...], str]:
    *folders, last = name_parts(name)
    return (*DRAFTS, *folders), last + SUFFIX


def write_draft(user: Path, name: str, workflow: Any, base: str | None) -> None:
    folders, file_name = place_of(name)
    data = json.dumps({"base": base, "workflow": workflow}).encode()
    with writing(user.joinpath(*folders, file_name)), folder_at(user, folders, make=True) as folder:
        folder.write(file_name, data)


def read_draft(user: Path, name: str) -> Draft | None:
    """None where there is none, or none that can be read."""
    folders, file_name = place_of(name)
    try:
        with folder_at(user, folders) as folder:
            status = folder.stat(file_name)
            found = json.loads(folder.read(file_name))
        if status is None:
            return None
        return Draft(found["workflow"], found["base"], status.st_mtime_ns // 1_000_000)
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def has_draft(user: Path, name: str) -> bool:
    folders, file_name = place_of(name)
    try:
        with folder_at(user, folders) as folder:
            return folder.is_file(file_name)
    except OSError:
        return False


def delete_draft(user: Path, name: str) -> bool:
    """False where there is none."""
    folders, file_name = place_of(name)
    try:
        with folder_at(user, folders) as folder:
            return folder.remove(file_name)
    except OSError:
        return False


def move_draft(user: Path, name: str, new_name: str) -> None:
    folders, file_name = place_of(name)
    new_folders, new_file_name = place_of(new_name)
    try:
        with folder_at(user, folders) as here:
            if here.is_file(file_name):
                with folder_at(user, new_folders, make=True) as there:
                    here.move(file_name, there, new_file_name, replace=True)
    except OSError:
        return
