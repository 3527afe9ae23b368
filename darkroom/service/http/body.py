"""The JSON in a request, read within limits.

Taken as ComfyUI's server takes it: whatever the content type says, with NaN and infinities, the last of two equal keys.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

from aiohttp import hdrs, web

from darkroom.engine.read import deeper_than
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
    """The whole body. Raises Refused: 413 above `most` bytes (unpacked), 408 where it comes too slowly."""
    if request.content_length is not None and request.content_length > most:
        raise too_large(most)
    data = bytearray()
    async for chunk in request.content.iter_any():
        data += chunk
        if len(data) > most:
            leave_packed(request)
            raise too_large(most)
    return bytes(data)


def leave_packed(request: web.Request) -> None:
    """Do not unpack the rest of a body only to throw it away: it may be a thousand times what was sent."""
    if hdrs.CONTENT_ENCODING in request.headers:
        request.content.set_exception(web.RequestPayloadError("the rest is left"))


def parsed(data: bytes, limits: Limits, *, strict: bool = False) -> Any:
    """The JSON in some bytes. Raises Refused with 400. strict: NaN and infinities are none"""
    if not data.strip():
        raise _no_json("the body is empty")
    refuse_many(data, limits)
    try:
        value = _strictly(data) if strict else json.loads(data)
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


def _strictly(data: bytes) -> Any:
    def refuse(word: str) -> NoReturn:
        raise Refused(
            400, f"the body holds {word}, which is no JSON", type="invalid_json", remedy="send a number or null"
        )

    def finite(text: str) -> float:
        number = float(text)
        return number if math.isfinite(number) else refuse(text[:40])

    return json.loads(data, parse_constant=refuse, parse_float=finite)


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
