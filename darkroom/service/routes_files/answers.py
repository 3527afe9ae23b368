"""Files as answers: from the open file, with ranges, and never as something that a browser would run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from email.utils import formatdate
from pathlib import PurePosixPath
from typing import Any, BinaryIO, NoReturn
from urllib.parse import quote

from aiohttp import web
from aiohttp.web_exceptions import HTTPException

from darkroom.service.contracts import Refused
from darkroom.service.routes_files.paths import BadPath

CHUNK = 256 * 1024

BINARY = "application/octet-stream"

HARMLESS: Mapping[str, str] = {
    ".png": "image/png", ".apng": "image/apng", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".jfif": "image/jpeg",
    ".webp": "image/webp", ".gif": "image/gif", ".bmp": "image/bmp", ".avif": "image/avif", ".tif": "image/tiff",
    ".tiff": "image/tiff", ".ico": "image/x-icon", ".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm",
    ".mov": "video/quicktime", ".mkv": "video/x-matroska", ".mp3": "audio/mpeg", ".wav": "audio/wav",
    ".flac": "audio/flac", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".m4a": "audio/mp4", ".aac": "audio/aac",
    ".json": "application/json", ".txt": "text/plain", ".csv": "text/plain", ".md": "text/plain",
    ".yaml": "text/plain", ".glb": "model/gltf-binary",
}  # fmt: skip
"""By extension, the kinds of files that browsers show without running anything; everything else is a download."""

EDITOR: Mapping[str, str] = {
    **HARMLESS,
    ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css",
    ".svg": "image/svg+xml", ".wasm": "application/wasm", ".map": "application/json", ".woff": "font/woff",
    ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf", ".webmanifest": "application/manifest+json",
}  # fmt: skip
"""Of the editor's own files, which are the program itself."""

PACK: Mapping[str, str] = {extension: kind for extension, kind in EDITOR.items() if extension != ".html"}
"""Of the browser files of node packs: scripts that the editor imports, but no pages of their own."""


ACTIVE = ("html", "xml", "svg", "javascript", "ecmascript", "pdf")
"""Words in the content types that browsers run, or open with what may run something."""


def is_active(kind: str) -> bool:
    """Whether an answer of this content type could run something in a browser."""
    return any(word in kind.lower() for word in ACTIVE)


def kind_of_file(name: str, kinds: Mapping[str, str] = HARMLESS) -> str:
    return kinds.get(PurePosixPath(name).suffix.lower(), BINARY)


def disposition(name: str, *, download: bool) -> str:
    """A Content-Disposition header: `filename="x"`, as ComfyUI sends it; RFC 6266's filename* for other letters."""
    plain = "".join(letter if " " <= letter <= "~" and letter not in '"\\' else "_" for letter in name)
    start = "attachment; " if download else ""
    if plain == name:
        return f'{start}filename="{plain}"'
    exact = quote(name.encode("utf-8", "replace"), safe="")
    return f"{start}filename=\"{plain}\"; filename*=UTF-8''{exact}"


def nothing(status: int, reason: str = "") -> web.Response:
    """An empty answer, as ComfyUI gives it; the reason stands in the status line."""
    line = "".join(letter for letter in reason if " " <= letter <= "~")[:200]
    return web.Response(status=status, reason=line or None)


def refusal(error: BadPath, status: int, source: str) -> web.Response:
    """The answer to a bad name: ComfyUI's where it has one. Raises Refused where only we look that closely.

    source: what the name was given as, for the message
    """
    if error.climbs:
        return nothing(status, f"{source} {error.what}")
    raise Refused(400, f"{source} {error.what}", type="bad_path", remedy="choose another name")


def refuse_bad(error: BadPath, source: str) -> NoReturn:
    """The answer of our own routes to a bad name."""
    raise Refused(400, f"{source} {error.what}", type="bad_path", remedy="choose another name") from error


async def send_file(
    request: web.Request,
    file: BinaryIO,
    name: str,
    *,
    kinds: Mapping[str, str] = HARMLESS,
    shown: bool = True,
    headers: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """Answer with an open file, which is closed here: the range that was asked for, or 304 where the client has it.

    shown: tell the file's name in a header
    """
    try:
        return await sent(request, file, name, kinds, shown, headers or {})
    finally:
        file.close()


async def sent(
    request: web.Request, file: BinaryIO, name: str, kinds: Mapping[str, str], shown: bool, headers: Mapping[str, str]
) -> web.StreamResponse:
    status = os.fstat(file.fileno())
    kind = kind_of_file(name, kinds)
    answer = web.StreamResponse(headers={**headers, "X-Content-Type-Options": "nosniff", "Accept-Ranges": "bytes"})
    answer.content_type = kind
    if kind.startswith("text/"):
        answer.charset = "utf-8"
    if shown or kind == BINARY:
        answer.headers["Content-Disposition"] = disposition(name, download=kind == BINARY)
    mark = f"{status.st_mtime_ns:x}-{status.st_size:x}"
    answer.headers["ETag"] = f'"{mark}"'
    answer.headers["Last-Modified"] = formatdate(status.st_mtime, usegmt=True)
    if is_known(request, mark, status.st_mtime):
        answer.set_status(304)
        answer.content_length = 0
        await answer.prepare(request)
        return answer
    start, end = range_of(request, status.st_size)
    if end - start != status.st_size:
        answer.set_status(206)
        answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{status.st_size}"
    answer.content_length = end - start
    await answer.prepare(request)
    if request.method != "HEAD":
        await stream(answer, file, start, end)
    return answer


def is_known(request: web.Request, mark: str, modified: float) -> bool:
    if request.if_none_match is not None:
        return any(tag.value in (mark, "*") for tag in request.if_none_match)
    since = request.if_modified_since
    return since is not None and int(modified) <= since.timestamp()


def range_of(request: web.Request, size: int) -> tuple[int, int]:
    """First byte and the one after the last. Raises 416 where the file does not have them."""
    if "Range" not in request.headers:
        return 0, size
    try:
        wanted: Any = request.http_range
    except ValueError:
        raise out_of_range(size) from None
    start = 0 if wanted.start is None else wanted.start
    if start < 0:
        return max(0, size + start), size
    end = size if wanted.stop is None else min(wanted.stop, size)
    if start >= end:
        raise out_of_range(size)
    return start, end


def out_of_range(size: int) -> HTTPException:
    return web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})


async def stream(answer: web.StreamResponse, file: BinaryIO, start: int, end: int) -> None:
    await asyncio.to_thread(file.seek, start)
    while start < end:
        data = await asyncio.to_thread(file.read, min(CHUNK, end - start))
        if not data:  # the file was cut while it was sent; the client sees a short answer
            return
        start += len(data)
        await answer.write(data)
    await answer.write_eof()
