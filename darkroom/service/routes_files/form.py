"""Multipart forms, streamed to disk within limits."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import IO, NoReturn

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from darkroom.service.contracts import Refused
from darkroom.service.http.body import too_large
from darkroom.service.routes_files.body import limits_of

FIELD_BYTES = 64 * 1024
CHUNK = 256 * 1024
IN_MEMORY = 2**20
"""Bytes of a file that are kept in memory; a larger one goes to disk at once."""

ROOM = 2**20
"""Bytes that a request may hold beside its file: headers, boundaries, fields."""

MALFORMED = (ValueError, AssertionError, LookupError, TypeError, RuntimeError, EOFError, HttpProcessingError)
"""What aiohttp's reader raises for bodies that are no multipart form."""


@dataclass(slots=True)
class Form:
    """What was sent. fields: the first value of each; file: that of the wanted part, at its start, or None."""

    fields: dict[str, str] = field(default_factory=dict)
    file: IO[bytes] | None = None
    filename: str = ""


@asynccontextmanager
async def received_form(request: web.Request, wanted: str) -> AsyncIterator[Form]:
    """Read a form with one file in the part called `wanted`; the file is gone when the block ends.

    Raises Refused: 400 for what is no form, has too many parts or too long fields, 413 for a file beyond the limit,
    408 for one that comes too slowly.
    """
    limits = limits_of(request)
    if not request.content_type.startswith("multipart/"):
        refuse(f"the body is {request.content_type}, a form was wanted", "send multipart/form-data")
    if (request.content_length or 0) > limits.upload_bytes + ROOM:
        raise too_large(limits.upload_bytes)
    form = Form()
    try:
        try:
            await read_parts(request, form, wanted)
        except MALFORMED as error:
            refuse(f"the body is no well-formed form ({type(error).__name__})", "send multipart/form-data whole")
        yield form
    finally:
        if form.file is not None:
            form.file.close()


async def read_parts(request: web.Request, form: Form, wanted: str) -> None:
    limits = limits_of(request)
    reader = await request.multipart()
    parts = 0
    while (part := await reader.next()) is not None:
        parts += 1
        if parts > limits.form_parts:
            refuse(f"the form has more than {limits.form_parts} parts", "send one file at a time")
        if not isinstance(part, BodyPartReader):
            refuse("a part of the form is itself a form", "send plain fields and one file")
        if part.name == wanted and part.filename is not None and form.file is None:
            form.filename = part.filename
            form.file = await spooled(part, limits.upload_bytes)
        else:
            value = await read_field(part)
            if part.name is not None:
                form.fields.setdefault(part.name, value)


async def spooled(part: BodyPartReader, most: int) -> IO[bytes]:
    """The contents of a part in a temporary file, at its start."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by `received_form`
    size = 0
    try:
        while chunk := await part.read_chunk(CHUNK):
            size += len(chunk)
            if size > most:
                raise too_large(most)
            if size > IN_MEMORY:
                await asyncio.to_thread(file.write, chunk)
            else:
                file.write(chunk)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


async def read_field(part: BodyPartReader) -> str:
    data = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        data += chunk
        if len(data) > FIELD_BYTES:
            refuse(f"the field {(part.name or '')[:40]!r} is longer than {FIELD_BYTES} bytes", "send it shorter")
    return data.decode()


def refuse(message: str, remedy: str) -> NoReturn:
    raise Refused(400, message, type="bad_form", remedy=remedy)
