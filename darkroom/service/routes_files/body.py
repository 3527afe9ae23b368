"""Bodies of requests: read as far as allowed, in the time allowed, and parsed strictly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from aiohttp import web

from darkroom.service.contracts import SERVICE, Limits, Refused
from darkroom.service.http.body import leave_packed, refuse_many

SLOWEST = 16 * 1024
"""Bytes per second that an upload must bring in the long run, beside the seconds that every body has."""

CHUNK = 256 * 1024

Count = Callable[[int], None]


def limits_of(request: web.Request) -> Limits:
    return request.app[SERVICE].facts.limits


@asynccontextmanager
async def in_time(request: web.Request) -> AsyncIterator[Count]:
    """Allow a body its time, lengthened by what has come: call what is yielded with each number of bytes.

    Raises Refused 408 where it comes too slowly.
    """
    seconds = limits_of(request).body_seconds
    start = asyncio.get_running_loop().time()
    total = 0
    try:
        async with asyncio.timeout(seconds) as limit:

            def count(size: int) -> None:
                nonlocal total
                total += size
                limit.reschedule(start + seconds + total / SLOWEST)

            yield count
    except TimeoutError:
        message = f"the body did not come within {seconds:g} seconds"
        raise Refused(408, message, type="too_slow", remedy="send it again over a faster connection") from None


async def read_bytes(request: web.Request, most: int) -> bytes:
    """The whole body. Raises Refused: 413 where it is larger than `most` bytes, 408 where it is too slow."""
    if (request.content_length or 0) > most:
        too_large(most)
    data = bytearray()
    async with in_time(request) as count:
        while chunk := await request.content.read(CHUNK):
            count(len(chunk))
            data += chunk
            if len(data) > most:
                leave_packed(request)
                too_large(most)
    return bytes(data)


def too_large(most: int) -> NoReturn:
    message = f"the body is larger than the limit of {most:,} bytes"
    raise Refused(413, message, type="too_large", remedy="send less, or raise the limit in the settings")


async def read_json(request: web.Request, most: int) -> Any:
    """The body as JSON. Raises Refused where it is none, is nested too deep, or holds NaN or an infinity."""
    data = await read_bytes(request, most)
    refuse_many(data, limits_of(request))
    return await asyncio.to_thread(parse_json, data, limits_of(request).json_depth)


def parse_json(data: bytes, depth: int) -> Any:
    try:
        parsed = json.loads(data, parse_constant=refuse_constant, parse_float=finite)
    except Refused:
        raise
    except RecursionError:
        raise too_deep(depth) from None
    except ValueError as error:  # also text that is not UTF-8, and whole numbers of thousands of digits
        what = f"the body is no JSON ({error})" if isinstance(error, json.JSONDecodeError) else "the body is no JSON"
        raise Refused(400, what, type="no_json", remedy="send JSON in UTF-8") from None
    level = [parsed]
    for _ in range(depth):
        level = [inner for each in level for inner in inner_of(each)]
        if not level:
            return parsed
    raise too_deep(depth)


def inner_of(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def too_deep(depth: int) -> Refused:
    return Refused(400, f"the JSON is nested deeper than {depth} levels", type="too_deep", remedy="send it flatter")


def refuse_constant(word: str) -> NoReturn:
    raise Refused(400, f"the body holds {word}, which is no JSON", type="no_json", remedy="send a number or null")


def finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        refuse_constant(text[:40])
    return number
