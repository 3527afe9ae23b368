"""Names that clients send, as paths that cannot climb, and folders whose files are opened without leaving them.

A name is first judged as text (`parts_of`). Then its folder is opened and walked part by part from open folder to open
folder, never through a link, so that nothing can be swapped between the judgement and the opening (`Folder`).
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

LONGEST_PART, LONGEST_PATH = 255, 2000
"""Bytes of one part, which is what file systems take, and of a whole name."""

ENCODED = re.compile(r"%(?:2e|2f|5c|00|25)", re.IGNORECASE)
"""What still looks like an encoded dot, separator, NUL or percent sign after the one decoding that a name gets."""

DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices, with any extension."""

BY_DESCRIPTOR = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
"""Whether the system opens files relative to an open folder; Windows does not, and is only checked before opening."""

DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
NO_WAIT = getattr(os, "O_NONBLOCK", 0)
"""A pipe in the folder must not hold up who opens it."""


class BadPath(Exception):
    """A name that is refused. what: "leads out of its folder", ...; climbs: it tries to leave the folder."""

    def __init__(self, what: str, *, climbs: bool = False) -> None:
        super().__init__(what)
        self.what, self.climbs = what, climbs


def parts_of(name: str, *, hidden: bool = True) -> tuple[str, ...]:
    """The parts of a relative path; "\\" separates like "/". Empty for "" and ".".

    hidden: whether parts may begin with a dot
    Raises BadPath for everything that could lead elsewhere or that no file system takes.
    """
    try:
        if len(name.encode()) > LONGEST_PATH:
            raise BadPath(f"is longer than {LONGEST_PATH} bytes")
    except UnicodeEncodeError:
        raise BadPath("holds half a character, which is no text") from None
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        raise BadPath("holds a control character")
    if ENCODED.search(name):
        raise BadPath("is encoded twice", climbs=True)
    plain = name.replace("\\", "/")
    if plain.startswith(("/", "~")) or re.match(r"[A-Za-z]:", plain):
        raise BadPath("is an absolute path", climbs=True)
    parts = tuple(part for part in plain.split("/") if part not in ("", "."))
    for part in parts:
        refuse_part(part, hidden=hidden)
    return parts


def refuse_part(part: str, *, hidden: bool) -> None:
    if part == ".." or not part.strip(". "):
        raise BadPath("leads out of its folder", climbs=True)
    if len(part.encode()) > LONGEST_PART:
        raise BadPath(f"has a part longer than {LONGEST_PART} bytes")
    if part.startswith(".") and not hidden:
        raise BadPath("is hidden, for it begins with a dot")
    if DEVICES.fullmatch(part):
        raise BadPath("is kept for a device by Windows")
    if os.name == "nt" and ":" in part:
        raise BadPath("names a stream of a file", climbs=True)


@dataclass(frozen=True, slots=True)
class Folder:
    """An open folder. Its methods take the name of one thing directly in it and follow no links.

    path: where it is, for messages and for systems that cannot open by descriptor
    descriptor: None on such systems
    """

    path: Path
    descriptor: int | None

    def where(self, name: str) -> str:
        return name if self.descriptor is not None else str(self.path / name)

    def stat(self, name: str) -> os.stat_result | None:
        """None where there is nothing of that name, or a link."""
        try:
            status = os.stat(self.where(name), dir_fd=self.descriptor, follow_symlinks=False)
        except OSError:
            return None
        return None if stat.S_ISLNK(status.st_mode) else status

    def is_file(self, name: str) -> bool:
        status = self.stat(name)
        return status is not None and stat.S_ISREG(status.st_mode)

    def open(self, name: str) -> BinaryIO:
        """An ordinary file for reading. Raises FileNotFoundError for everything else."""
        flags = os.O_RDONLY | NO_LINK | NO_WAIT
        descriptor = os.open(self.where(name), flags, dir_fd=self.descriptor)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileNotFoundError(f"{name} is no file")
        return os.fdopen(descriptor, "rb")

    def read(self, name: str) -> bytes:
        with self.open(name) as file:
            return file.read()

    def new_part(self) -> tuple[str, BinaryIO]:
        """A new hidden file to fill, and its name; `place` or `remove` it afterwards."""
        name = f".{secrets.token_hex(8)}.part"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | NO_LINK
        return name, os.fdopen(os.open(self.where(name), flags, 0o644, dir_fd=self.descriptor), "w+b")

    def place(self, part: str, name: str, *, replace: bool) -> bool:
        """Give a filled file its name, as one step; False where the name is taken and must not be replaced."""
        return self.move(part, self, name, replace=replace)

    def write(self, name: str, data: bytes, *, replace: bool = True) -> bool:
        """Write a whole file or nothing, durably; False where the name is taken and must not be replaced."""
        part, file = self.new_part()
        try:
            with file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            done = self.place(part, name, replace=replace)
        except BaseException:
            self.remove(part)
            raise
        if not done:
            self.remove(part)
        return done

    def move(self, name: str, other: Folder, new_name: str, *, replace: bool) -> bool:
        """Rename a file, as one step; False where the name is taken and must not be replaced."""
        source, target = self.where(name), other.where(new_name)
        if replace:
            os.replace(source, target, src_dir_fd=self.descriptor, dst_dir_fd=other.descriptor)
        elif not take_name(source, target, self.descriptor, other.descriptor):
            return False
        other.flush()
        return True

    def remove(self, name: str) -> bool:
        try:
            os.unlink(self.where(name), dir_fd=self.descriptor)
        except FileNotFoundError:
            return False
        return True

    def names(self) -> list[str]:
        """What lies in the folder, hidden things too, sorted."""
        with os.scandir(self.path if self.descriptor is None else self.descriptor) as found:
            return sorted(entry.name for entry in found)

    def flush(self) -> None:
        """Make new names survive a loss of power, where the system can."""
        if self.descriptor is not None:
            try:
                os.fsync(self.descriptor)
            except OSError:
                return  # some network file systems refuse; the files' own data is safe already

    def down(self, name: str, *, make: bool = False) -> Folder:
        """An open folder in this one. Raises OSError where it is none, or a link."""
        if make:
            with suppress(FileExistsError):
                os.mkdir(self.where(name), dir_fd=self.descriptor)
        if self.descriptor is None:
            return Folder(checked(self.path / name, self.path), None)
        return Folder(self.path / name, os.open(name, DIRECTORY | NO_LINK, dir_fd=self.descriptor))

    def close(self) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)


def take_name(source: str, target: str, here: int | None, there: int | None) -> bool:
    """Rename a file unless the name is taken; where there are no hard links, by claiming the name first."""
    try:
        os.link(source, target, src_dir_fd=here, dst_dir_fd=there)  # unlike a rename, fails where the name exists
    except FileExistsError:
        return False
    except OSError:
        try:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK, 0o644, dir_fd=there))
        except FileExistsError:
            return False
        os.replace(source, target, src_dir_fd=here, dst_dir_fd=there)
        return True
    os.unlink(source, dir_fd=here)
    return True


def checked(path: Path, root: Path) -> Path:
    """The path if it is a folder that lies below `root` in fact."""
    if not path.is_dir() or not path.resolve().is_relative_to(root.resolve()):
        raise NotADirectoryError(f"{path} is no folder in {root}")
    return path


@contextmanager
def folder_at(root: Path, parts: Sequence[str] = (), *, make: bool = False) -> Iterator[Folder]:
    """Open the folder `parts` below `root`; root itself may be a link, which its owner has made.

    A link below it is followed where it ends below root; then its real place is walked, without links.
    make: create what is missing
    Raises BadPath where a link leads out, FileNotFoundError or NotADirectoryError where there is no such folder.
    """
    if make:
        root.mkdir(parents=True, exist_ok=True)
    try:
        folder = walked(root, parts, make=make)
    except OSError:
        folder = walked(root, real_parts(root, parts), make=make)
    try:
        yield folder
    finally:
        folder.close()


def walked(root: Path, parts: Sequence[str], *, make: bool) -> Folder:
    folder = Folder(root, os.open(root, DIRECTORY) if BY_DESCRIPTOR else None)
    for part in parts:
        try:
            inner = folder.down(part, make=make)
        finally:
            folder.close()
        folder = inner
    return folder


def open_file(root: Path, parts: Sequence[str]) -> BinaryIO:
    """Open an ordinary file below `root` for reading, by the rules of `folder_at`.

    Raises BadPath where a link leads out, FileNotFoundError where there is no such file.
    """
    if not parts:
        raise FileNotFoundError(f"{root} is no file")
    try:
        try:
            with folder_at(root, parts[:-1]) as folder:
                return folder.open(parts[-1])
        except OSError:
            real = real_parts(root, parts)
            if not real or tuple(real) == tuple(parts):
                raise
            with folder_at(root, real[:-1]) as folder:
                return folder.open(real[-1])
    except OSError as error:
        not_found(root, parts, error)


def not_found(root: Path, parts: Sequence[str], error: OSError) -> NoReturn:
    raise FileNotFoundError(f"{'/'.join(parts)} is no file in {root}") from error


def real_parts(root: Path, parts: Sequence[str]) -> tuple[str, ...]:
    """Where a path with links in it ends, below `root`. Raises BadPath where it ends elsewhere."""
    base = root.resolve()
    try:
        end = root.joinpath(*parts).resolve()
    except (OSError, RuntimeError):
        raise BadPath("goes round in a circle of links") from None
    if not end.is_relative_to(base):
        raise BadPath("leads out of its folder through a link", climbs=True)
    return end.relative_to(base).parts


def files_below(folder: Folder, *, recurse: bool) -> Iterator[tuple[str, os.stat_result]]:
    """Relative names, with "/", and states of the files in an open folder; hidden ones and links are left out."""
    by_descriptor = folder.descriptor is not None
    walk = os.fwalk(".", dir_fd=folder.descriptor) if by_descriptor else os.walk(folder.path)
    for here, folders, names, *descriptor in walk:
        folders[:] = sorted(each for each in folders if recurse and not each.startswith("."))
        prefix = Path(os.path.relpath(here, "." if by_descriptor else folder.path))
        for name in sorted(each for each in names if not each.startswith(".")):
            at = descriptor[0] if descriptor else None
            try:
                status = os.stat(name if descriptor else Path(here) / name, dir_fd=at, follow_symlinks=False)
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield (prefix / name).as_posix(), status
