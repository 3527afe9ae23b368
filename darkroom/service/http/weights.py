"""What is in the models folders, with what the files' headers say: /api/darkroom/models."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from aiohttp import web

from darkroom.files.folders import PICTURES
from darkroom.service.contracts import SERVICE, Facts, Route, Service, WorkerGone
from darkroom.service.http import schemas
from darkroom.service.http.answers import answer
from darkroom.service.routes_files.models import NO_MODELS, model_keys, names_of, places_of

AT_ONCE = 16
"""So many headers does the worker read for one question; each may be megabytes of JSON."""

ASK_SECONDS = 20.0
MOST_KEPT = 20_000

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """A file of a models folder. place: which of the folder's places has it"""

    folder: str
    name: str
    path: Path
    place: int
    modified_ns: int
    size: int
    has_preview: bool

    @property
    def key(self) -> tuple[Path, int, int]:
        return self.path, self.modified_ns, self.size


class Known:
    """What headers said, for each state of a file."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._facts: OrderedDict[tuple[Path, int, int], Told] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, file: File) -> Told | None:
        with self._lock:
            return self._facts.get(file.key)

    def put(self, file: File, facts: Told) -> None:
        with self._lock:
            self._facts[file.key] = facts
            if len(self._facts) > self._most:
                self._facts.popitem(last=False)


KNOWN = Known()


async def get_models(request: web.Request) -> web.Response:
    """Every file of the models folders with size, family, kind and precision. `complete` is false where the worker was
    not there to read some headers: ask again then."""
    service = request.app[SERVICE]
    files = await asyncio.to_thread(files_of, service.facts)
    complete = await learn(service, [file for file in files if KNOWN.get(file) is None])
    keys = [key for key in model_keys(service.facts) if key not in NO_MODELS]
    return answer({"folders": keys, "models": [told(file) for file in files], "complete": complete})


def told(file: File) -> dict[str, Any]:
    return {
        "folder": file.folder,
        "name": file.name,
        "place": file.place,
        "bytes": file.size,
        "modified": file.modified_ns // 1_000_000,
        "preview": file.has_preview,
        **(KNOWN.get(file) or {}),
    }


async def learn(service: Service, files: Sequence[File]) -> bool:
    """Have headers read in the worker, which knows the families; whether all of them were."""
    for start in range(0, len(files), AT_ONCE):
        some = files[start : start + AT_ONCE]
        question = {"files": [[file.folder, file.name] for file in some]}
        try:
            said = await service.workers.ask("weights", question, ASK_SECONDS)
        except (WorkerGone, TimeoutError):
            return False
        found = said.data.get("facts") if said.error is None else None
        if not isinstance(found, list) or len(found) != len(some):
            return False
        for file, facts in zip(some, found, strict=True):
            KNOWN.put(file, facts)
    return True


def files_of(facts: Facts) -> list[File]:
    """In the order of folders and names; of equal names in several places the first one counts."""
    found = []
    for key in model_keys(facts):
        if key in NO_MODELS:
            continue
        places = places_of(facts, key)
        pictures = {place: pictures_in(place) for place in places}
        for name in names_of(facts, key) or ():
            file = file_of(key, name, places, pictures)
            if file is not None:
                found.append(file)
    return found


def file_of(key: str, name: str, places: Sequence[Path], pictures: Mapping[Path, frozenset[str]]) -> File | None:
    for index, place in enumerate(places):
        path = place / name
        try:
            status = path.stat()
        except OSError:
            continue
        stem = str(PurePosixPath(name).with_suffix(""))
        beside = any(stem + middle in pictures[place] for middle in ("", ".preview"))
        return File(key, name, path, index, status.st_mtime_ns, status.st_size, beside)
    return None


def pictures_in(place: Path) -> frozenset[str]:
    """Names of pictures below a folder, without their endings."""
    found = (path.relative_to(place) for path in place.rglob("*") if path.suffix.lower() in PICTURES)
    return frozenset(path.with_suffix("").as_posix() for path in found)


MODEL = schemas.record(
    {
        "folder": schemas.STRING,
        "name": schemas.STRING,
        "place": schemas.INTEGER,
        "bytes": schemas.INTEGER,
        "modified": schemas.INTEGER,
        "preview": schemas.BOOLEAN,
    },
    {
        "format": schemas.STRING,
        "kind": schemas.STRING,
        "family": schemas.STRING,
        "family_title": schemas.STRING,
        "precision": schemas.STRING,
        "parameters": schemas.INTEGER,
        "rank": schemas.INTEGER,
        "title": schemas.STRING,
        "trouble": schemas.STRING,
    },
)

ROUTES = (
    Route(
        "GET",
        "/api/darkroom/models",
        get_models,
        "Model files with family, size and precision",
        api=False,
        answer=schemas.record({"folders": schemas.IDS, "models": schemas.listing(MODEL), "complete": schemas.BOOLEAN}),
    ),
)
