"""Where files are: the models folders by kind, and input, output and temp. A name never leaves its folder."""

from __future__ import annotations

import difflib
import os
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

WEIGHTS = (".ckpt", ".pt", ".pt2", ".bin", ".pth", ".safetensors", ".pkl", ".sft")
PICTURES = (
    *(".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif", ".bmp"),
    *(".tif", ".tiff", ".apng", ".avif", ".mpo", ".ppm"),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What one folder key stands for.

    places: folders under models/, the first one is where new files go
    extensions: lower case with the dot; empty takes every file
    holds: only folders that contain this file are listed, and they themselves are the names
    """

    places: tuple[str, ...]
    extensions: tuple[str, ...] = WEIGHTS
    holds: str | None = None


FOLDERS: Mapping[str, Kind] = {
    "checkpoints": Kind(("checkpoints",)),
    "configs": Kind(("configs",), (".yaml",)),
    "loras": Kind(("loras",)),
    "vae": Kind(("vae",)),
    "text_encoders": Kind(("text_encoders", "clip")),
    "diffusion_models": Kind(("unet", "diffusion_models")),
    "clip_vision": Kind(("clip_vision",)),
    "style_models": Kind(("style_models",)),
    "embeddings": Kind(("embeddings",)),
    "diffusers": Kind(("diffusers",), (), holds="model_index.json"),
    "vae_approx": Kind(("vae_approx",)),
    "controlnet": Kind(("controlnet", "t2i_adapter")),
    "gligen": Kind(("gligen",)),
    "upscale_models": Kind(("upscale_models",)),
    "latent_upscale_models": Kind(("latent_upscale_models",)),
    "hypernetworks": Kind(("hypernetworks",)),
    "photomaker": Kind(("photomaker",)),
    "classifiers": Kind(("classifiers",), ("",)),
    "model_patches": Kind(("model_patches",)),
    "audio_encoders": Kind(("audio_encoders",)),
}
"""The models folders. A file is found in the first place that has it."""

LEGACY_KEYS: Mapping[str, str] = {"unet": "diffusion_models", "clip": "text_encoders"}

LEGACY_NAMES: Mapping[str, tuple[str, ...]] = {key: (old,) for old, key in LEGACY_KEYS.items()}

Table = Mapping[str, tuple[Sequence[str], Collection[str]]]

SAVED_MODELS = ("checkpoints", "clip", "vae", "diffusion_models", "loras")
"""Folders of the output folder whose models are offered too: what a graph saved there can be loaded at once."""

OWN_FOLDERS = ("input", "output", "temp")

SETTLED_SECONDS = 2.0
"""A folder that changed less than this before it was listed may change again within the same tick of its clock."""


@dataclass(frozen=True, slots=True)
class Listing:
    names: tuple[str, ...]
    times: Mapping[Path, int | None]
    """Modification time of every folder that was looked into; None where there was none."""
    settled: bool
    """Every time was well past when the listing was made, so that a later change must show in it."""


class Folders:
    """The files one process works with; implements `darkroom.engine.run.Files`.

    base: holds `models`, and `input`, `output`, `temp` unless they are given
    extra_paths: folder key to more folders, looked into after our own; an unknown key becomes a new models folder
    allow_pickle: the user asked to read weights in pickle files
    """

    def __init__(
        self,
        base: Path,
        *,
        models: Path | None = None,
        output: Path | None = None,
        input: Path | None = None,
        temp: Path | None = None,
        extra_paths: Mapping[str, Sequence[Path]] | None = None,
        allow_pickle: bool = False,
    ) -> None:
        self.base = base.absolute()
        self.models = (models or self.base / "models").absolute()
        own = {"input": input, "output": output, "temp": temp}
        self._own = {kind: (given or self.base / kind).absolute() for kind, given in own.items()}
        self._extra = {LEGACY_KEYS.get(key, key): tuple(paths) for key, paths in (extra_paths or {}).items()}
        self._allow_pickle = allow_pickle
        self._table: Table = {}
        self._listings: dict[str, tuple[object, Listing]] = {}
        self._lock = threading.Lock()

    @property
    def allow_pickle(self) -> bool:
        return self._allow_pickle

    def follow(self, table: Table) -> None:
        """Look also into the folders of a table that others change, as it stands at each question.

        table: by key, more folders and the extensions of files in them; a key that is not ours becomes a models folder
        """
        self._table = table

    @property
    def keys(self) -> tuple[str, ...]:
        """The models folders there are: ours, and those that extra paths add."""
        return tuple(dict.fromkeys((*FOLDERS, *self._extra)))

    def directory(self, kind: str) -> Path:
        """The "output", "temp" or "input" folder; it may not exist yet."""
        return self._own[kind]

    def places(self, folder: str) -> tuple[Path, ...]:
        """The folders that a key stands for, in the order of search. Raises KeyError for an unknown key."""
        if folder in self._own:
            return (self._own[folder],)
        key = LEGACY_KEYS.get(folder, folder)
        kind = FOLDERS.get(key)
        followed = self._followed(key)
        if kind is None and key not in self._extra and followed is None:
            raise KeyError(f"no models folder is called {folder!r}; there are {', '.join(sorted(FOLDERS))}")
        ours = [self.models / place for place in kind.places] if kind else []
        saved = [self._own["output"] / place for place in (kind.places if kind else ()) if place in SAVED_MODELS]
        more = [Path(place) for place in followed[0]] if followed else []
        return tuple(dict.fromkeys((*ours, *self._extra.get(key, ()), *saved, *more)))

    def names(self, folder: str) -> Sequence[str]:
        """Names one can choose, sorted, relative, with "/"; hidden files and folders are left out.

        Models folders are listed with their subfolders and through links; "input" lists the pictures at its top.
        """
        with self._lock:
            state = (self.places(folder), self._kind(folder))
            then, listing = self._listings.get(folder, (None, None))
            if listing is None or then != state or not is_current(listing):
                listing = self._list(folder)
                self._listings[folder] = (state, listing)
        return listing.names

    def path(self, folder: str, name: str) -> Path:
        """The file behind a name, or the folder where the key lists folders.

        "\\" separates like "/", for files written on Windows; in "input", "output" and "temp" a name may end in
        " [input]", " [output]" or " [temp]" and is then looked for there, and a link must not lead out of its folder.
        Raises FileNotFoundError, which names what comes nearest; a name that leaves its folder counts as not found.
        """
        plain = name
        if folder in self._own:
            plain, folder = split_annotation(name, folder)
        relative = safe_relative(plain)
        if relative is not None:
            for place in self.places(folder):
                found = place / relative
                if self._is_choice(folder, place, found):
                    return found
        raise FileNotFoundError(self._not_found(folder, name))

    def stamp(self, path: Path) -> str:
        """Size, modification time in nanoseconds and inode: as cheap as one `stat`, and different after any honest
        change (a save that keeps all three on purpose goes unseen). Of a folder: of all its files.

        Raises FileNotFoundError.
        """
        if not path.is_dir():
            return stamp_of(path.stat())
        files = sorted(each for each in path.rglob("*") if each.is_file())
        return "|".join(f"{each.relative_to(path).as_posix()}:{stamp_of(each.stat())}" for each in files)

    def _followed(self, key: str) -> tuple[Sequence[str], Collection[str]] | None:
        return next((self._table[name] for name in (key, *LEGACY_NAMES.get(key, ())) if name in self._table), None)

    def _kind(self, folder: str) -> Kind | None:
        """What a key stands for, with the extensions of the table that is followed."""
        key = LEGACY_KEYS.get(folder, folder)
        kind, followed = FOLDERS.get(key), self._followed(key)
        if followed is None or (kind is not None and (not kind.extensions or kind.holds)):
            return kind
        extensions = tuple(sorted({*(kind.extensions if kind else ()), *map(str.lower, followed[1])}))
        return Kind(kind.places if kind else (), extensions if followed[1] else ())

    def _is_choice(self, folder: str, place: Path, found: Path) -> bool:
        kind = self._kind(folder)
        try:
            if folder in self._own:
                return found.is_file() and found.resolve().is_relative_to(place.resolve())
            if kind is not None and kind.holds is not None:
                return (found / kind.holds).is_file()
            return found.is_file() and (kind is None or has_extension(found.name, kind.extensions))
        except OSError:  # a name longer than the file system takes, or a loop of links
            return False

    def _list(self, folder: str) -> Listing:
        limit = time.time_ns() - int(SETTLED_SECONDS * 1e9)
        names: dict[str, None] = {}
        times: dict[Path, int | None] = {}
        kind = self._kind(folder) or Kind((), ())
        for place in self.places(folder):
            if folder in self._own:
                found = (entry.name for entry in entries(place, times) if has_extension(entry.name, PICTURES))
                names.update((name, None) for name in found if (place / name).is_file())
            else:
                names.update((name, None) for name in walk(place, kind, times))
        settled = all(when is None or when < limit for when in times.values())
        return Listing(tuple(sorted(names)), times, settled)

    def _not_found(self, folder: str, name: str) -> str:
        try:
            known = self.names(folder)
        except KeyError:
            known = ()
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        where = " or ".join(str(place) for place in self.places(folder))
        hint = f"; the nearest there: {', '.join(near)}" if near else ""
        return f"{name!r} is no file of the folder {folder!r} ({where}){hint}"


def stamp_of(status: os.stat_result) -> str:
    return f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}"


def split_annotation(name: str, folder: str) -> tuple[str, str]:
    """`"a.png [output]"` is `a.png` in the output folder; without an annotation the name belongs to `folder`."""
    for kind in OWN_FOLDERS:
        if name.endswith(f"[{kind}]"):
            return name[: -len(kind) - 2].rstrip(), kind
    return name, folder


def safe_relative(name: str) -> Path | None:
    """The name as a relative path that cannot climb, or None: no root, no drive, no "..", no NUL."""
    if not name or "\0" in name:
        return None
    pure = PurePosixPath(name.replace("\\", "/"))
    if pure.is_absolute() or ".." in pure.parts or not pure.parts or name[1:2] == ":":
        return None
    return Path(*pure.parts)


def has_extension(name: str, extensions: tuple[str, ...]) -> bool:
    return not extensions or PurePosixPath(name).suffix.lower() in extensions


def entries(place: Path, times: dict[Path, int | None]) -> Iterator[os.DirEntry[str]]:
    """What lies in a folder and is not hidden; remembers the folder's time. A folder that is gone holds nothing."""
    times[place] = modified(place)
    try:
        with os.scandir(place) as found:
            yield from [entry for entry in found if not entry.name.startswith(".")]
    except OSError:
        return


def walk(place: Path, kind: Kind, times: dict[Path, int | None]) -> Iterator[str]:
    """Names below `place`, through links, each real folder once (so that a link to a parent ends)."""
    seen: set[tuple[int, int]] = set()
    waiting = [(place, "")]
    while waiting:
        here, prefix = waiting.pop()
        try:
            status = here.stat()
        except OSError:
            times[here] = None
            continue
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        found = list(entries(here, times))
        if kind.holds is not None and any(entry.name == kind.holds for entry in found) and prefix:
            yield prefix.rstrip("/")
            continue
        for entry in found:
            if is_folder(entry):
                waiting.append((here / entry.name, f"{prefix}{entry.name}/"))
            elif kind.holds is None and has_extension(entry.name, kind.extensions) and (here / entry.name).is_file():
                yield prefix + entry.name


def is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a loop of links
        return False


def is_current(listing: Listing) -> bool:
    return listing.settled and all(modified(folder) == then for folder, then in listing.times.items())


def modified(folder: Path) -> int | None:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return None
