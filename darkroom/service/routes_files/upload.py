"""Pictures and masks from browsers into the input, output or temp folder."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from aiohttp import web

from darkroom.files.folders import OWN_FOLDERS, split_annotation
from darkroom.service import routes_files
from darkroom.service.contracts import SERVICE, Facts, Refused, Route
from darkroom.service.routes_files.answers import nothing, refusal
from darkroom.service.routes_files.decoding import decoded
from darkroom.service.routes_files.form import Form, received_form
from darkroom.service.routes_files.locks import writing
from darkroom.service.routes_files.paths import BadPath, Folder, folder_at, open_file, parts_of

MOST_NAMES = 10_000
"""Numbers tried for a name that is taken."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an upload goes. kind: "input", "output" or "temp"; parts: of the subfolder"""

    root: Path
    kind: str
    parts: tuple[str, ...]
    name: str
    overwrite: bool


async def upload_image(request: web.Request) -> web.StreamResponse:
    """Keep a file as it is. An equal one of that name is not written again; another one gets a number."""
    facts = request.app[SERVICE].facts
    async with received_form(request, "image") as form:
        try:
            place = place_of(form, facts)
        except BadPath as error:
            return refusal(error, 400, "the upload")
        if place is None or form.file is None:
            return nothing(400, "no image")
        return web.json_response(await stored(place, form.file, facts))


async def upload_mask(request: web.Request) -> web.StreamResponse:
    """Keep the picture that `original_ref` names with the transparency of the uploaded one."""
    facts = request.app[SERVICE].facts
    async with received_form(request, "image") as form:
        try:
            place = place_of(form, facts)
            if place is None or form.file is None:
                return nothing(400, "no image")
            root, parts = original_of(form, facts)
            original = await asyncio.to_thread(open_file, root, parts)
        except BadPath as error:
            return refusal(error, 400, "the upload")
        except FileNotFoundError:
            raise bad_original("names a file that does not exist") from None
        mask, limits, source = form.file, facts.limits, parts[-1]
        with original:
            try:
                data = await decoded(lambda: routes_files.picture.with_mask(mask, original, source, limits))
            except ValueError as error:  # BadPicture, whose module needs Pillow
                message = f"the mask cannot be used: {error}"
                raise Refused(400, message, type="bad_picture", remedy="send an RGBA picture of equal size") from None
        mask.seek(0)
        mask.truncate()
        mask.write(data)
        return web.json_response(await stored(place, mask, facts))


def place_of(form: Form, facts: Facts) -> Place | None:
    """None where there is nothing to keep. Raises BadPath, or Refused for an unknown folder."""
    kind = form.fields.get("type", "input")
    if kind not in OWN_FOLDERS:
        raise Refused(400, f"type is {kind[:40]!r}", type="bad_type", remedy=f"use one of {', '.join(OWN_FOLDERS)}")
    if form.file is None or not form.filename:
        return None
    parts = parts_of(form.fields.get("subfolder", ""), hidden=False)
    names = parts_of(form.filename)
    if len(names) != 1:
        raise BadPath("has a folder in its name", climbs=True)
    name = names[0].lstrip(".").rstrip(". ")
    if not name:
        raise BadPath("has no name")
    overwrite = form.fields.get("overwrite", "").lower() in ("true", "1")
    return Place(facts.folders.directory(kind), kind, parts, name, overwrite)


def original_of(form: Form, facts: Facts) -> tuple[Path, tuple[str, ...]]:
    """The folder and path of the picture that a mask is for. Raises BadPath or Refused."""
    try:
        given = json.loads(form.fields.get("original_ref", ""))
    except (ValueError, RecursionError):
        raise bad_original("is no JSON") from None
    if not isinstance(given, dict):
        raise bad_original("is no object")
    texts: dict[str, Any] = {"type": "output", "subfolder": "", **{key: each for key, each in given.items() if each}}
    if not all(isinstance(texts.get(key), str) for key in ("filename", "type", "subfolder")):
        raise bad_original("lacks a filename, or holds something that is no text")
    name, kind = split_annotation(texts["filename"], texts["type"])
    if kind not in OWN_FOLDERS:
        raise bad_original(f"has the type {kind[:40]!r}")
    parts = (*parts_of(texts["subfolder"]), *parts_of(name))
    return facts.folders.directory(kind), parts


def bad_original(what: str) -> Refused:
    remedy = 'send {"filename": ..., "subfolder": ..., "type": "input", "output" or "temp"}'
    return Refused(400, f"original_ref {what}", type="bad_original", remedy=remedy)


async def stored(place: Place, file: IO[bytes], facts: Facts) -> dict[str, str]:
    """Write an upload; what clients are told of it. Raises Refused where a link leads out, or the disk refuses."""
    try:
        name = await asyncio.to_thread(store, place, file, facts.hashing)
    except BadPath as error:
        raise Refused(400, f"the subfolder {error.what}", type="bad_path", remedy="choose another one") from None
    except (FileNotFoundError, FileExistsError, NotADirectoryError, IsADirectoryError):
        raise Refused(400, "the subfolder is no folder", type="bad_path", remedy="choose another one") from None
    return {"name": name, "subfolder": "/".join(place.parts), "type": place.kind}


def store(place: Place, file: IO[bytes], hashing: str) -> str:
    """Write an upload as a whole under the first name that fits; the name."""
    with (
        writing(place.root.joinpath(*place.parts, place.name)),
        folder_at(place.root, place.parts, make=True) as folder,
    ):
        part, target = folder.new_part()
        try:
            with target:
                file.seek(0)
                shutil.copyfileobj(file, target, 2**20)
                target.flush()
                size = target.tell()
            digest = digest_by(lambda: folder.open(part), hashing)
            for name in names_for(place.name):
                if place.overwrite:
                    folder.place(part, name, replace=True)
                    return name
                if folder.place(part, name, replace=False):
                    return name
                if is_same(folder, name, size, digest, hashing):
                    folder.remove(part)
                    return name
        except BaseException:
            folder.remove(part)
            raise
        folder.remove(part)
    raise Refused(409, f"{MOST_NAMES} files have this name", type="name_taken", remedy="choose another name")


def names_for(name: str) -> Iterator[str]:
    pure = PurePosixPath(name)
    yield name
    for number in range(1, MOST_NAMES):
        yield f"{pure.stem} ({number}){pure.suffix}"


def is_same(folder: Folder, name: str, size: int, digest: str, hashing: str) -> bool:
    status = folder.stat(name)
    if status is None or status.st_size != size or not folder.is_file(name):
        return False
    return digest_by(lambda: folder.open(name), hashing) == digest


def digest_by(open_it: Callable[[], IO[bytes]], hashing: str) -> str:
    with open_it() as file:
        return hashlib.file_digest(file, hashing).hexdigest()  # type: ignore[arg-type]


PLACE = {
    "image": {"type": "string", "format": "binary"},
    "type": {"type": "string", "enum": list(OWN_FOLDERS), "default": "input"},
    "subfolder": {"type": "string"},
    "overwrite": {"type": "string", "enum": ["true", "1"]},
}
ORIGINAL = {"original_ref": {"type": "string", "description": "JSON {filename, subfolder, type}"}}
STORED = {
    "type": "object",
    "properties": {each: {"type": "string"} for each in ("name", "subfolder", "type")},
    "required": ["name", "subfolder", "type"],
}


def form_of(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    """The schema of a multipart form."""
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {**schema, "contentMediaType": "multipart/form-data"}


ROUTES = (
    Route(
        *("POST", "/upload/image", upload_image, "Upload a picture or another file"),
        body=form_of(PLACE, "image"),
        answer=STORED,
    ),
    Route(
        *("POST", "/upload/mask", upload_mask, "Upload the mask of a picture"),
        body=form_of({**PLACE, **ORIGINAL}, "image", "original_ref"),
        answer=STORED,
    ),
)
