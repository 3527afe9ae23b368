"""Small pictures for lists: /api/darkroom/thumbnail, made once for each state of a file and kept in memory."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import OrderedDict

from aiohttp import web

from darkroom.files.folders import OWN_FOLDERS, split_annotation
from darkroom.service import routes_files
from darkroom.service.contracts import SERVICE, Refused, Route
from darkroom.service.http import schemas
from darkroom.service.http.queue import whole_number
from darkroom.service.routes_files.answers import refuse_bad
from darkroom.service.routes_files.decoding import decoded
from darkroom.service.routes_files.paths import BadPath, open_file, parts_of

SIZES = (128, 256, 512)
"""Longest sides that are made; a request gets the next larger one, so that few are kept."""

SIZE = "X-Picture-Size"
"""Header of an answer to HEAD: width, height and frames of the picture itself, such as 512x768x1; empty if unknown."""

KEPT_BYTES = 64 * 2**20


class Kept:
    """The newest small pictures, up to a number of bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._pictures: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        with self._lock:
            if key in self._pictures:
                self._pictures.move_to_end(key)
            return self._pictures.get(key)

    def put(self, key: str, data: bytes) -> None:
        with self._lock:
            self._held += len(data) - len(self._pictures.pop(key, b""))
            self._pictures[key] = data
            while self._held > self._most and len(self._pictures) > 1:
                self._held -= len(self._pictures.popitem(last=False)[1])


MADE = Kept(KEPT_BYTES)


async def get_thumbnail(request: web.Request) -> web.StreamResponse:
    """A WebP of a picture of input, output or temp, at most 512 pixels wide and high."""
    service = request.app[SERVICE]
    name, kind = split_annotation(request.query.get("filename", ""), request.query.get("type", "output"))
    if kind not in OWN_FOLDERS:
        raise Refused(400, "type is none of input, output and temp", remedy="send one of those")
    wanted = whole_number(request, "size") or SIZES[1]
    if wanted < 0:
        raise Refused(400, "size is negative", remedy="send pixels, or leave it out")
    pixels = next((size for size in SIZES if size >= wanted), SIZES[-1])
    try:
        parts = (*parts_of(request.query.get("subfolder", ""), hidden=False), *parts_of(name, hidden=False))
        file = await asyncio.to_thread(open_file, service.facts.folders.directory(kind), parts)
    except BadPath as error:
        refuse_bad(error, "the file")
    except FileNotFoundError:
        raise Refused(404, "there is no such picture", remedy="see /api/darkroom/results for those there are") from None
    with file:
        status = os.fstat(file.fileno())
        mark = f"{status.st_dev:x}-{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}-{pixels}"
        headers = {"ETag": f'"{mark}"', "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
        if request.method == "HEAD":
            size = await decoded(lambda: routes_files.glance.size_of(file))
            return web.Response(headers={**headers, SIZE: "x".join(map(str, size or ()))}, content_type="image/webp")
        if any(tag.value == mark for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        made = MADE.get(mark)
        if made is None:
            try:
                made = await decoded(lambda: routes_files.glance.small(file, parts[-1], pixels, service.facts.limits))
            except ValueError as error:  # BadPicture, whose module needs Pillow
                raise Refused(400, str(error), type="bad_picture", remedy="ask /view for the file itself") from None
            MADE.put(mark, made)
    return web.Response(body=made, content_type="image/webp", headers=headers)


ROUTES = (
    Route(
        "GET",
        "/api/darkroom/thumbnail",
        get_thumbnail,
        "A small picture of a file of input, output or temp",
        api=False,
        query={
            "filename": schemas.STRING,
            "subfolder": schemas.STRING,
            "type": {"enum": list(OWN_FOLDERS)},
            "size": {"type": "integer", "minimum": 0, "maximum": SIZES[-1]},
        },
    ),
)
