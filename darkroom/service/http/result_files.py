"""The files that a job showed: which are still there, how large they are, and taking them away."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from darkroom.files.folders import PICTURES
from darkroom.service import routes_files
from darkroom.service.contracts import Facts
from darkroom.service.routes_files.paths import BadPath, folder_at, open_file, parts_of

SHOWN_KEYS = ("images", "gifs")
KINDS = ("output", "temp", "input")
REMOVABLE = ("output", "temp")
"""What lies in input belongs to the person, not to a run."""

MOST_SIZES = 50_000


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that a node of a job showed."""

    node: str
    filename: str
    subfolder: str
    type: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.filename, self.subfolder, self.type


def shown_in(outputs: Mapping[str, Any]) -> Iterator[Shown]:
    """The pictures of a job's outputs, in the order of nodes; packs write what they like there."""
    for node, ui in outputs.items():
        for key in SHOWN_KEYS if isinstance(ui, Mapping) else ():
            items = ui.get(key)
            for item in items if isinstance(items, list) else ():
                shown = shown_of(node, item)
                if shown is not None:
                    yield shown


def shown_of(node: str, item: Any) -> Shown | None:
    if not isinstance(item, Mapping):
        return None
    filename, subfolder, type = (item.get("filename"), item.get("subfolder", ""), item.get("type", "output"))
    if not isinstance(filename, str) or not isinstance(subfolder, str) or type not in KINDS:
        return None
    if PurePosixPath(filename).suffix.lower() not in PICTURES:
        return None
    return Shown(node, filename, subfolder, type)


def place_of(facts: Facts, shown: Shown) -> tuple[Path, tuple[str, ...]] | None:
    """The folder and the path below it; None for names that lead elsewhere."""
    try:
        parts = (*parts_of(shown.subfolder, hidden=False), *parts_of(shown.filename, hidden=False))
    except BadPath:
        return None
    return (facts.folders.directory(shown.type), parts) if parts else None


Glance = tuple[int, int, int]
"""Width, height and frames."""

SIZES: OrderedDict[tuple[Path, int, int], Glance | None] = OrderedDict()
SIZES_LOCK = threading.Lock()


def described(facts: Facts, shown: Shown) -> dict[str, Any] | None:
    """The picture with width, height, frames and bytes; "gone" where its file is not there.

    None for a temporary one that is gone: nobody kept it.
    """
    found: dict[str, Any] = {"filename": shown.filename, "subfolder": shown.subfolder, "type": shown.type}
    place = place_of(facts, shown)
    glance, size = (None, None) if place is None else looked_at(*place)
    if size is None:
        return None if shown.type == "temp" else {**found, "gone": True}
    if glance is not None:
        found |= {"width": glance[0], "height": glance[1], "frames": glance[2]}
    return {**found, "bytes": size}


def looked_at(root: Path, parts: tuple[str, ...]) -> tuple[Glance | None, int | None]:
    """What the file's header says, read once for each state of the file, and its bytes; None where there is none."""
    try:
        with open_file(root, parts) as file:
            status = routes_files.glance.status(file)
            key = (root.joinpath(*parts), status.st_mtime_ns, status.st_size)
            with SIZES_LOCK:
                if key in SIZES:
                    SIZES.move_to_end(key)
                    return SIZES[key], status.st_size
            glance = routes_files.glance.size_of(file)
    except (OSError, BadPath):
        return None, None
    with SIZES_LOCK:
        SIZES[key] = glance
        if len(SIZES) > MOST_SIZES:
            SIZES.popitem(last=False)
    return glance, status.st_size


def removed(facts: Facts, shown: Shown) -> str | None:
    """Take a file away; why not, where it stays. A file that is not there is as good as removed."""
    if shown.type not in REMOVABLE:
        return "it lies in the input folder"
    place = place_of(facts, shown)
    if place is None:
        return "its name leads out of the folder"
    root, parts = place
    try:
        with folder_at(root, parts[:-1]) as folder:
            if folder.stat(parts[-1]) is None:
                return None
            if not folder.is_file(parts[-1]):
                return "it is no file"
            folder.remove(parts[-1])
            folder.flush()
    except FileNotFoundError:
        return None
    except BadPath as error:
        return f"its folder {error.what}"
    except OSError as error:
        return f"the system does not let it go ({error.strerror})"
    return None
