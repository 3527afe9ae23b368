"""The JSON in a request, read within limits.

Taken as ComfyUI's server takes it: whatever the content type says, with NaN and infinities, the last of two equal keys.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import hdrs, web

from darkroom.service.contracts import SERVICE, Limits, Refused


async def read_json_body(request: web.Request) -> Any:
    """Raises Refused: 400 where it is no JSON, 413 where it is too large, 408 where it comes too slowly."""
    limits = request.app[SERVICE].facts.limits
    return parsed(await read_bytes(request, min(limits.json_bytes, limits.upload_bytes)), limits)


async def read_json_object(request: web.Request) -> dict[str, Any]:
    """As `read_json_body`, but an object. Raises Refused with 400 for anything else."""
    body = await read_json_body(request)
    if not isinstance(body, dict):
        raise Refused(400, f"the body is {kind(body)}", type="invalid_json", remedy="send a JSON object")
    return body


async def read_bytes(request: web.Request, most: int) -> bytes:
    """The whole body. Raises Refused: 413 above `most` bytes (unpacked), 408 after the time that a body may take."""
    if request.content_length is not None and request.content_length > most:
        raise too_large(most)
    seconds = request.app[SERVICE].facts.limits.body_seconds
    data = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.content.iter_any():
                data += chunk
                if len(data) > most:
                    leave_packed(request)
                    raise too_large(most)
    except TimeoutError:
        raise Refused(
            408, f"the body did not arrive within {seconds:g} seconds", type="timeout", remedy="send it again"
        ) from None
    return bytes(data)


def leave_packed(request: web.Request) -> None:
    """Do not unpack the rest of a body only to throw it away: it may be a thousand times what was sent."""
    if hdrs.CONTENT_ENCODING in request.headers:
        request.content.set_exception(web.RequestPayloadError("the rest is left"))


def parsed(data: bytes, limits: Limits) -> Any:
    """The JSON in some bytes. Raises Refused with 400."""
    if not data.strip():
        raise _no_json("the body is empty")
    refuse_many(data, limits)
    try:
        value = json.loads(data)
    except json.JSONDecodeError as error:
        raise _no_json(f"{error.msg} (line {error.lineno}, column {error.colno})") from None
    except UnicodeDecodeError:
        raise _no_json("the body is no UTF-8 text") from None
    except RecursionError:
        raise _too_deep(limits.json_depth) from None
    except ValueError:  # Python reads no whole numbers of more than 4300 digits
        raise _no_json("the body holds a number of thousands of digits") from None
    if deeper_than(value, limits.json_depth):
        raise _too_deep(limits.json_depth)
    return value


def refuse_many(data: bytes, limits: Limits) -> None:
    """Raises Refused with 413 where reading would take long: each "[" and "{" counts, also one in a text."""
    count = data.count(b"[") + data.count(b"{")
    if count > limits.json_groups:
        raise Refused(
            413,
            f"the JSON holds {count} lists and objects; at most {limits.json_groups} are taken",
            type="too_large",
            remedy="send less, or start the server with a larger --limit-json-groups",
        )


def deeper_than(value: Any, limit: int) -> bool:
    """Whether lists and objects are nested in more than `limit` levels."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(limit):
        if not level:
            return False
        level = [
            inner
            for each in level
            for inner in (each.values() if type(each) is dict else each)
            if type(inner) is dict or type(inner) is list
        ]
    return bool(level)


def kind(value: Any) -> str:
    """What some JSON is, for messages."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return "text"
    return "null" if value is None else "true or false" if isinstance(value, bool) else "a number"


def too_large(most: int) -> Refused:
    """413, with the limit in words."""
    size = f"{most / 2**20:.0f} MiB" if most >= 2**20 else f"{most} bytes"
    return Refused(
        413,
        f"the body is larger than {size}",
        type="too_large",
        remedy="send less, or start the server with larger limits (--max-upload-size, --limit-json-bytes)",
    )


def _no_json(came: str) -> Refused:
    return Refused(400, f"the body is no JSON: {came}", type="invalid_json", remedy="send JSON in UTF-8")


def _too_deep(limit: int) -> Refused:
    return Refused(
        400,
        f"lists and objects are nested in more than {limit} levels",
        type="invalid_json",
        remedy="send JSON that is nested less",
    )
