"""Which models there are, and the pictures beside them. Models folders may hold links that lead elsewhere."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from aiohttp import web

from darkroom.files.folders import OWN_FOLDERS, PICTURES, Folders
from darkroom.service import routes_files
from darkroom.service.contracts import SERVICE, Facts, Limits, Route
from darkroom.service.routes_files.answers import nothing
from darkroom.service.routes_files.decoding import decoded
from darkroom.service.routes_files.paths import BadPath, parts_of

NODE_PACKS = "custom_nodes"
NO_MODELS = ("configs", NODE_PACKS)
"""Keys that are no folders of models."""

PREVIEW_BYTES = 50 * 2**20
HEADER_BYTES = 16 * 2**20
"""Of a weight file's header, in which training tools put cover pictures."""

COVERS = "ssmd_cover_images"
"""Metadata key: a JSON list of pictures in Base64."""


def model_keys(facts: Facts) -> tuple[str, ...]:
    return facts.folders.keys if isinstance(facts.folders, Folders) else ()


def places_of(facts: Facts, key: str) -> Sequence[Path]:
    """The folders of a key, none for an unknown one."""
    if key == NODE_PACKS:
        return facts.custom_nodes
    if key in OWN_FOLDERS or not isinstance(facts.folders, Folders):
        return ()
    try:
        return facts.folders.places(key)
    except KeyError:
        return ()


def names_of(facts: Facts, key: str) -> list[str] | None:
    """Files of a models folder; None for an unknown one."""
    if key == NODE_PACKS:
        return []
    return list(facts.folders.names(key)) if places_of(facts, key) else None


async def embeddings(request: web.Request) -> web.StreamResponse:
    names = await asyncio.to_thread(names_of, request.app[SERVICE].facts, "embeddings")
    return web.json_response([str(PurePosixPath(name).with_suffix("")) for name in names or ()])


async def models(request: web.Request) -> web.StreamResponse:
    return web.json_response([*model_keys(request.app[SERVICE].facts), NODE_PACKS])


async def models_in(request: web.Request) -> web.StreamResponse:
    names = await asyncio.to_thread(names_of, request.app[SERVICE].facts, request.match_info["folder"])
    return nothing(404, "no such folder") if names is None else web.json_response(names)


async def folders(request: web.Request) -> web.StreamResponse:
    facts = request.app[SERVICE].facts
    keys = [key for key in model_keys(facts) if key not in NO_MODELS]
    return web.json_response([{"name": key, "folders": [str(each) for each in places_of(facts, key)]} for key in keys])


async def files_in(request: web.Request) -> web.StreamResponse:
    found = await asyncio.to_thread(described, request.app[SERVICE].facts, request.match_info["folder"])
    return nothing(404, "no such folder") if found is None else web.json_response(found)


def described(facts: Facts, key: str) -> list[dict[str, Any]] | None:
    """Each file of a models folder, in the first place that has it."""
    names = names_of(facts, key)
    if names is None or key in NO_MODELS:
        return None
    found = []
    for name in names:
        for index, place in enumerate(places_of(facts, key)):
            try:
                status = (place / name).stat()
            except OSError:
                continue
            times = {"modified": status.st_mtime, "created": status.st_ctime}
            found.append({"name": name, "pathIndex": index, **times, "size": status.st_size})
            break
    return found


async def preview(request: web.Request) -> web.StreamResponse:
    """A WebP of the picture beside a model, else of the first one inside it; 404 where there is neither."""
    facts = request.app[SERVICE].facts
    key, index, name = (request.match_info[each] for each in ("folder", "path_index", "filename"))
    pictures = await asyncio.to_thread(pictures_of, facts, key, index, name)
    for data in pictures:
        try:
            made = await decoded(lambda data=data: thumbnail(data, name, facts.limits))  # type: ignore[misc]
        except ValueError:  # BadPicture, whose module needs Pillow
            continue
        return web.Response(body=made, content_type="image/webp")
    return nothing(404, "no preview")


def thumbnail(data: bytes, name: str, limits: Limits) -> bytes:
    return routes_files.picture.thumbnail(data, name, limits)


def pictures_of(facts: Facts, key: str, index: str, name: str) -> list[bytes]:
    """The files of pictures that belong to a model, best first."""
    places = places_of(facts, key)
    if key in NO_MODELS or not (index.isascii() and index.isdecimal()) or int(index[:4]) >= len(places):
        return []
    try:
        parts = parts_of(name, hidden=False)
    except BadPath:
        return []
    model = places[int(index[:4])].joinpath(*parts)
    return [*beside(model), *inside(model)] if parts else []


def beside(model: Path) -> list[bytes]:
    """Pictures whose name is the model's, with or without ".preview"."""
    stem = model.name if model.suffix in PICTURES else model.stem
    candidates = [model.with_name(stem + middle + suffix) for middle in ("", ".preview") for suffix in PICTURES]
    found = []
    for path in candidates:
        try:
            if path.is_file() and path.stat().st_size <= PREVIEW_BYTES:
                found.append(path.read_bytes())
        except OSError:
            continue
    return found[:1]


def inside(model: Path) -> list[bytes]:
    if model.suffix != ".safetensors":
        return []
    try:
        with model.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if length <= HEADER_BYTES else {}
        covers = json.loads(header["__metadata__"][COVERS])
        return [base64.b64decode(covers[0])]
    except (OSError, ValueError, LookupError, TypeError, RecursionError, binascii.Error):
        return []


NAMES = {"type": "array", "items": {"type": "string"}}
OBJECTS = {"type": "array", "items": {"type": "object"}}

ROUTES = (
    Route("GET", "/embeddings", embeddings, "Names of embeddings, without extension", answer=NAMES),
    Route("GET", "/models", models, "Keys of the models folders", answer=NAMES),
    Route("GET", "/models/{folder}", models_in, "Files of a models folder", answer=NAMES),
    Route("GET", "/experiment/models", folders, "Models folders and where they are", answer=OBJECTS),
    Route("GET", "/experiment/models/{folder}", files_in, "Files of a models folder with sizes", answer=OBJECTS),
    Route(
        "GET", "/experiment/models/preview/{folder}/{path_index}/{filename:.+}", preview, "The picture of a model, WebP"
    ),
)
