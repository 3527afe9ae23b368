"""What a running node may ask of its surroundings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol


class Files(Protocol):
    """Where files are; `darkroom.files.folders.Folders` is one. The engine itself never touches the disk."""

    @property
    def allow_pickle(self) -> bool:
        """Whether the user asked to read weights in pickle files, which can carry code."""
        ...

    def names(self, folder: str) -> Sequence[str]:
        """Names one can choose in a models folder, or in "input"; sorted, relative, with "/"."""
        ...

    def path(self, folder: str, name: str) -> Path:
        """The file behind a name. Raises FileNotFoundError; a name that leaves the folder counts as not found."""
        ...

    def stamp(self, path: Path) -> str:
        """Changes when the file's content does; part of the cache key."""
        ...

    def directory(self, kind: str) -> Path:
        """The "output", "temp" or "input" folder."""
        ...


class Cancelled(Exception):
    """The user stopped the job."""


class Run(Protocol):
    """Handed to a node function that has a parameter annotated `Run`; not drawn."""

    @property
    def node_id(self) -> str: ...
    @property
    def files(self) -> Files: ...
    @property
    def prompt(self) -> Mapping[str, Any]:
        """API JSON of the whole job, for metadata."""
        ...

    @property
    def extra_pnginfo(self) -> Mapping[str, Any]:
        """What else goes into a picture's metadata ("workflow": the drawn graph)."""
        ...

    def progress(self, value: float, maximum: float, preview: Callable[[], Any] | None = None) -> None:
        """Report progress; raises Cancelled when the job was cancelled.

        preview: makes a PIL image, if anybody looks
        """
        ...

    def show(self, picture: Callable[[], Any]) -> None:
        """Send a picture (`picture` makes a PIL image) at full size to whoever asked for the job."""
        ...

    def text(self, text: str) -> None:
        """Show a line of text on the node."""
        ...

    def raise_if_cancelled(self) -> None: ...
