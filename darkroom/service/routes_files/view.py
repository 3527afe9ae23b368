"""Pictures and other files of input, output and temp, and what weight files say of themselves."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, BinaryIO

from aiohttp import web

from darkroom.files.folders import FOLDERS, LEGACY_KEYS, OWN_FOLDERS, split_annotation
from darkroom.service import routes_files
from darkroom.service.contracts import SERVICE, Facts, Refused, Route
from darkroom.service.http.answers import json_text
from darkroom.service.routes_files.answers import disposition, nothing, refusal, send_file
from darkroom.service.routes_files.decoding import decoded
from darkroom.service.routes_files.paths import BadPath, open_file, parts_of

HEADER_BYTES = 2**20
"""Of a weight file's header; ComfyUI reads as much."""


class NoAnswer(Exception):
    """An answer that stands before the file is opened."""

    def __init__(self, answer: web.Response) -> None:
        self.answer = answer


async def view(request: web.Request) -> web.StreamResponse:
    """A file as it is, or its preview or one of its channels. Statuses as ComfyUI's: 400, 403, 404 with no body."""
    facts = request.app[SERVICE].facts
    try:
        root, parts = asked_for(facts, request)
    except NoAnswer as error:
        return error.answer
    name = parts[-1]
    try:
        file = await asyncio.to_thread(open_file, root, parts)
    except FileNotFoundError:
        return nothing(404, "no such file")
    except BadPath as error:
        return refusal(error, 403, "the file")
    channel = request.query.get("channel", "")
    if "preview" in request.query:
        with file:
            made, kind = await picture_answer(file, name, request.query["preview"], channel, facts)
    elif channel in ("rgb", "a"):
        with file:
            made, kind = await picture_answer(file, name, None, channel, facts)
    else:
        return await send_file(request, file, name)
    headers = {"Content-Disposition": disposition(name, download=False), "X-Content-Type-Options": "nosniff"}
    return web.Response(body=made, content_type=kind, headers=headers)


def asked_for(facts: Facts, request: web.Request) -> tuple[Path, tuple[str, ...]]:
    """The folder and the path below it that a request names. Raises NoAnswer."""
    given = request.query.get("filename")
    if not given:
        raise NoAnswer(nothing(404, "filename is missing"))
    name, kind = split_annotation(given, request.query.get("type", "output"))
    if kind not in OWN_FOLDERS:
        raise NoAnswer(nothing(400, "type is none of input, output and temp"))
    try:
        if ".." in name:  # also inside a name: ComfyUI refuses it so
            raise BadPath("holds two dots", climbs=True)
        parts = parts_of(name, hidden=False)
    except BadPath as error:
        raise NoAnswer(refusal(error, 400, "filename")) from None
    try:
        folder = parts_of(request.query.get("subfolder", ""), hidden=False)
    except BadPath as error:
        raise NoAnswer(refusal(error, 403, "subfolder")) from None
    if not parts:
        raise NoAnswer(nothing(404, "filename names no file"))
    return facts.folders.directory(kind), (*folder, parts[-1])


async def picture_answer(
    file: BinaryIO, name: str, preview: str | None, channel: str, facts: Facts
) -> tuple[bytes, str]:
    """Raises Refused where the file is no picture that can be shown so."""
    limits = facts.limits
    try:
        if preview is not None:
            return await decoded(lambda: routes_files.picture.preview(file, name, preview, channel, limits))
        return await decoded(lambda: routes_files.picture.channel_png(file, name, channel, limits)), "image/png"
    except ValueError as error:  # BadPicture, whose module needs Pillow
        raise Refused(400, str(error), type="bad_picture", remedy="leave preview and channel away") from None


async def view_metadata(request: web.Request) -> web.StreamResponse:
    """The `__metadata__` of a .safetensors file; 404 where there is none."""
    facts = request.app[SERVICE].facts
    folder, name = request.match_info["folder"], request.query.get("filename", "")
    found = await asyncio.to_thread(metadata_of, facts, folder, name)
    return nothing(404, "no metadata") if found is None else web.json_response(found, dumps=json_text)


def metadata_of(facts: Facts, folder: str, name: str) -> dict[str, object] | None:
    if not name.endswith(".safetensors") or LEGACY_KEYS.get(folder, folder) in OWN_FOLDERS:
        return None
    try:
        parts_of(name)
        path = facts.folders.path(folder, name)
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if length <= HEADER_BYTES else None
    except (OSError, KeyError, ValueError, RecursionError, BadPath):
        return None
    metadata = header.get("__metadata__") if isinstance(header, dict) else None
    return metadata if isinstance(metadata, dict) else None


TEXT = {"type": "string"}
FILE_QUERY: dict[str, dict[str, Any]] = {
    "filename": {**TEXT, "description": 'may end in " [input]", " [output]" or " [temp]"'},
    "type": {"type": "string", "enum": list(OWN_FOLDERS), "default": "output"},
    "subfolder": TEXT,
    "preview": {**TEXT, "description": "webp or jpeg, with ;quality"},
    "channel": {"type": "string", "enum": ["rgba", "rgb", "a"], "default": "rgba"},
}
FOLDER_KEYS = sorted(FOLDERS)

ROUTES = (
    Route("GET", "/view", view, "A file of input, output or temp, its preview, or a channel of it", query=FILE_QUERY),
    Route(
        *("GET", "/view_metadata/{folder}", view_metadata, "Metadata of a .safetensors file"),
        answer={"type": "object"},
        query={"filename": {**TEXT, "description": f"in one of the folders {', '.join(FOLDER_KEYS)}"}},
    ),
)
