"""The workflows of one user: saved as files, and every content that a file had kept as a version first.

The order of writes is what makes nothing get lost: what is there becomes a version, then the new content becomes one,
then the file is replaced in one step. A crash in between leaves the old file and one version more.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path

from darkroom.service.routes_files.locks import writing
from darkroom.service.routes_files.paths import BadPath, files_below, folder_at, open_file
from darkroom.service.workflows import drafts, versions
from darkroom.service.workflows.names import FOLDER, SUFFIX, VERSIONS, digest_of, file_of, name_parts


class Whatever(Enum):
    """Stands for "whatever is there", where None says that nothing is."""

    ANY = 0


ANY = Whatever.ANY

KEPT_VERSIONS = 50

Expected = str | None | Whatever
"""What is there when something is written: the content with this digest, nothing (None), or whatever is there."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A workflow that has a file. name: without ".json", with "/"; modified: milliseconds since 1970"""

    name: str
    modified: int
    size: int
    digest: str


class Conflict(Exception):
    """Something else is there than was expected. current: what is, or None."""

    def __init__(self, current: Saved | None) -> None:
        super().__init__("something else is there")
        self.current = current


@dataclass(frozen=True, slots=True)
class Store:
    """user: the folder of the user; keep: how many versions of each workflow are kept, beside one a day

    Every method blocks, and raises BadPath for a name that is none.
    """

    user: Path
    keep: int = KEPT_VERSIONS

    def path(self, name: str) -> Path:
        folders, file_name = file_of(name)
        return self.user.joinpath(*folders, file_name)

    def saved(self) -> list[Saved]:
        """All workflows, by name."""
        try:
            with folder_at(self.user, (FOLDER,)) as folder:
                found = [each for each in files_below(folder, recurse=True) if each[0].endswith(SUFFIX)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        result = []
        for path, status in found:
            try:
                digest = digest_at(self.user, path, status.st_mtime_ns, status.st_size, status.st_ino)
            except (OSError, BadPath):
                continue  # gone since the folder was read
            modified = status.st_mtime_ns // 1_000_000
            result.append(Saved(path.removesuffix(SUFFIX), modified, status.st_size, digest))
        return result

    def deleted(self) -> list[str]:
        """Names of workflows that have versions and no file."""
        try:
            with folder_at(self.user, VERSIONS) as folder:
                paths = [path for path, _ in files_below(folder, recurse=True)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        known = {path.rpartition("/")[0] for path in paths if versions.NAME.fullmatch(Path(path).stem)}
        return sorted(name for name in known if name and self.find(name) is None)

    def read(self, name: str) -> bytes:
        """Raises FileNotFoundError."""
        folders, file_name = file_of(name)
        with open_file(self.user, (*folders, file_name)) as file:
            return file.read()

    def find(self, name: str) -> Saved | None:
        """What is saved under a name, or None."""
        folders, file_name = file_of(name)
        try:
            with open_file(self.user, (*folders, file_name)) as file:
                status, data = os.fstat(file.fileno()), file.read()
        except FileNotFoundError:
            return None
        modified = status.st_mtime_ns // 1_000_000
        return Saved("/".join(name_parts(name)), modified, len(data), digest_of(data))

    def save(self, name: str, data: bytes, expected: Expected = ANY) -> Saved:
        """Write a workflow. Raises Conflict where something else is there than `expected`."""
        folders, file_name = file_of(name)
        with writing(self.path(name)):
            self.check(name, expected)
            self._remember_current(name)
            versions.remember(self.user, name, data, self.keep)
            with folder_at(self.user, folders, make=True) as folder:
                folder.write(file_name, data)
            found = self.find(name)
        if found is None:
            raise FileNotFoundError(f"{name} was deleted while it was saved")
        return found

    def check(self, name: str, expected: Expected) -> None:
        if expected is not ANY:
            current = self.find(name)
            if (current and current.digest) != expected:
                raise Conflict(current)

    def keep_current(self, name: str) -> str | None:
        """Make sure that what is saved is a version, before somebody else changes the file; its id."""
        with writing(self.path(name)):
            return self._remember_current(name)

    def add_version(self, name: str, data: bytes) -> str:
        """Keep a content as a version without making it the current one; its id. What is saved stays a version too."""
        with writing(self.path(name)):
            self._remember_current(name)
            return versions.remember(self.user, name, data, self.keep)

    def _remember_current(self, name: str) -> str | None:
        try:
            return versions.remember(self.user, name, self.read(name), self.keep)
        except FileNotFoundError:
            return None

    def delete(self, name: str, expected: Expected = ANY) -> str:
        """Remove the file; the version that brings it back. Raises FileNotFoundError or Conflict."""
        folders, file_name = file_of(name)
        with writing(self.path(name)):
            self.check(name, expected)
            version = self._remember_current(name)
            with folder_at(self.user, folders) as folder:
                if version is None or not folder.remove(file_name):
                    raise FileNotFoundError(f"there is no workflow {name}")
        return version

    def restore(self, name: str, version: str) -> Saved:
        """Make a version the current content again; what was current is a version by then. Raises FileNotFoundError."""
        return self.save(name, versions.read_version(self.user, name, version))

    def move(self, name: str, new_name: str, *, replace: bool = False) -> Saved:
        """Rename, with versions and draft. Raises FileNotFoundError, or Conflict where the new name is taken."""
        folders, file_name = file_of(name)
        new_folders, new_file_name = file_of(new_name)
        with writing(self.path(name), self.path(new_name)):
            if self._remember_current(name) is None:
                raise FileNotFoundError(f"there is no workflow {name}")
            if self.path(name) != self.path(new_name):
                self._remember_current(new_name)
                with folder_at(self.user, folders) as here, folder_at(self.user, new_folders, make=True) as there:
                    if not here.move(file_name, there, new_file_name, replace=replace):
                        raise Conflict(self.find(new_name))
                versions.move_versions(self.user, name, new_name)
                drafts.move_draft(self.user, name, new_name)
            found = self.find(new_name)
        if found is None:
            raise FileNotFoundError(f"{new_name} was deleted while it was renamed")
        return found


@lru_cache(maxsize=10_000)
def digest_at(user: Path, path: str, modified: int, size: int, inode: int) -> str:
    """The digest of a workflow's file; remembered until the file changes, which the other arguments tell."""
    with open_file(user, (FOLDER, *path.split("/"))) as file:
        return digest_of(file.read())
