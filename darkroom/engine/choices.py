"""What can be chosen in a COMBO now, and which file a chosen name stands for."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, TypeGuard

from darkroom.engine.run import Files
from darkroom.engine.spec import FileChoice, FileMentions, InputSpec


def listed(choice: InputSpec, files: Files | None) -> tuple[Any, ...]:
    """Every choice of an input now, files first; without `files` the names of files are left out."""
    if choice.choices is None:
        return ()
    if isinstance(choice.choices, tuple):
        return choice.choices
    if isinstance(choice.choices, FileChoice):
        return names_in(choice.choices.folder, files) + choice.choices.extra
    return tuple(choice.choices())


def names_in(folder: str, files: Files | None) -> tuple[str, ...]:
    """The files one can choose; none of a folder that is not there, or is none of those that are known."""
    try:
        return tuple(files.names(folder)) if files is not None else ()
    except (OSError, KeyError):
        return ()


def is_name(value: object, choice: FileChoice) -> TypeGuard[str]:
    """Whether a chosen value names a file; a choice that is no file (`FileChoice.extra`) does not."""
    return isinstance(value, str) and value not in choice.extra


def picked(choice: FileChoice | None, value: Any, files: Files) -> Any:
    """What a node function receives for a chosen value: the Path of a file, anything else as it is.

    choice: None where the input chooses no file. Raises FileNotFoundError.
    """
    return files.path(choice.folder, value) if choice is not None and is_name(value, choice) else value


def is_file(choice: FileChoice, name: str, files: Files) -> bool:
    """Whether a name that is not listed stands for a file all the same, as in "sub/face.png" or "grey.png [output]"."""
    try:
        found: Path = files.path(choice.folder, name)
    except (FileNotFoundError, OSError, ValueError):
        return False
    return bool(found)


def mentioned(mentions: FileMentions, text: object, files: Files | None) -> dict[str, Path]:
    """The files that a text names, by name as it stands there; names of no file in the folder are left out."""
    wanted = list(mentions.names(text)) if isinstance(text, str) else []
    if not wanted or files is None:
        return {}
    there = frozenset(names_in(mentions.folder, files))
    plain = {name: PurePosixPath(name.replace("\\", "/")).as_posix() for name in wanted}
    found: dict[str, Path] = {}
    for name, listed_name in plain.items():
        if listed_name in there:
            with suppress(FileNotFoundError):  # it went away after the folder was listed
                found[name] = files.path(mentions.folder, listed_name)
    return found
