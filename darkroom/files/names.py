"""What a saved file is called: `<prefix>_<number>_.<extension>`, never outside its folder, never one that exists."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from darkroom.files.write import write_new

EMPTY_PREFIX = "picture"
COUNTER_DIGITS = 5
LONGEST_PART = 200
"""Bytes; file systems take 255 with counter and extension."""


class BadName(ValueError):
    """A file name prefix that cannot be used. what: "the name 'x' ..."; remedy: what to do, as a phrase."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}; {remedy}.")
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class SavePlace:
    """Where the next files of a prefix go.

    folder: exists
    filename: without counter and extension
    counter: the first number that is free in the folder
    subfolder: of the output folder, "" or with "/"
    """

    folder: Path
    filename: str
    counter: int
    subfolder: str

    def name(self, counter: int, extension: str, batch_number: int = 0) -> str:
        """`<filename>_<counter>_.<extension>`; "%batch_num%" in the file name is the picture's number in its batch."""
        stem = self.filename.replace("%batch_num%", str(batch_number))
        return f"{stem}_{counter:0{COUNTER_DIGITS}}_.{extension}"


def save_place(prefix: str, directory: Path, *, width: int = 0, height: int = 0) -> SavePlace:
    """Find where files with this prefix go below `directory`, and make the folder.

    prefix: may hold folders, and %width% %height% %year% %month% %day% %hour% %minute% %second% (local time)
    width, height: of the picture, in pixels
    Raises BadName for a prefix that leaves the folder, also through a link, or that no file system takes.
    """
    relative = relative_prefix(fill_placeholders(prefix, width, height), prefix, directory)
    subfolder, filename = relative.parent.as_posix(), relative.name
    folder = directory / relative.parent
    if not folder.resolve().is_relative_to(directory.resolve()):
        raise BadName(f"the name {prefix!r} leads out of {directory} through a link", "choose one that stays inside")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        counter = next_counter(folder, filename)
    except OSError as error:
        what = f"no folder can be made for the name {prefix!r} in {directory} ({error.strerror})"
        raise BadName(what, "choose another name, or see who may write there") from error
    return SavePlace(folder, filename, counter, "" if subfolder == "." else subfolder)


def fill_placeholders(prefix: str, width: int, height: int) -> str:
    """Put sizes and the local time in place of `%width%` and its kin; other text between percent signs stays."""
    if "%" not in prefix:
        return prefix
    now = time.localtime()
    values = {
        "width": str(width),
        "height": str(height),
        "year": str(now.tm_year),
        "month": f"{now.tm_mon:02}",
        "day": f"{now.tm_mday:02}",
        "hour": f"{now.tm_hour:02}",
        "minute": f"{now.tm_min:02}",
        "second": f"{now.tm_sec:02}",
    }
    for name, value in values.items():
        prefix = prefix.replace(f"%{name}%", value)
    return prefix


def relative_prefix(text: str, prefix: str, directory: Path) -> Path:
    """The prefix as a path below `directory`; "\\" separates like "/", an absolute path must lie inside."""
    if any(ord(letter) < 32 for letter in text):
        raise BadName(f"the name {prefix!r} holds a control character", "remove it")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadName(f"the name {prefix!r} holds half a character, which is no text", "remove it") from None
    path = Path(text.replace("\\", "/"))
    if path.is_absolute():
        path = Path(os.path.relpath(path, directory))
    normal = Path(os.path.normpath(path))
    if normal.is_absolute() or ".." in normal.parts or text[1:2] == ":":
        raise BadName(f"the name {prefix!r} leads out of {directory}", "choose one that stays inside")
    if not normal.name:
        normal = Path(EMPTY_PREFIX)
    longest = max(len(os.fsencode(part)) for part in normal.parts)
    if longest > LONGEST_PART:
        raise BadName(f"the name {prefix[:40]!r}... has a part of {longest} bytes", f"use at most {LONGEST_PART}")
    return normal


def next_counter(folder: Path, filename: str) -> int:
    """One more than the largest number after `<filename>_` in the folder; 1 where there is none."""
    start = os.path.normcase(filename + "_")
    largest = 0
    with os.scandir(folder) as found:
        for entry in found:
            if os.path.normcase(entry.name).startswith(start):
                number = entry.name[len(start) :].partition("_")[0]
                if number.isdecimal() and len(number) < 20:
                    largest = max(largest, int(number))
    return largest + 1


def save_next(
    place: SavePlace, data: bytes, extension: str, counter: int, batch_number: int = 0, *, durable: bool = True
) -> tuple[str, int]:
    """Write `data` under the first free number from `counter` on; gives the file's name and the next number.

    Two processes that save at the same moment get two numbers: a name is taken only if it did not exist.
    durable: wait until the disk has it
    Raises OSError where it cannot be written; nothing is left behind then.
    """
    while True:
        name = place.name(counter, extension, batch_number)
        counter += 1
        try:
            written = write_new(place.folder / name, data, durable=durable)
        except OSError as error:
            why = f"{name} cannot be written in {place.folder} ({error.strerror})"
            raise OSError(f"{why}; make room there, or see who may write there.") from error
        if written:
            return name, counter
