"""Bodies of our own routes: JSON, taken strictly."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from darkroom.service.contracts import SERVICE, Limits
from darkroom.service.http.body import parsed, read_bytes


def limits_of(request: web.Request) -> Limits:
    return request.app[SERVICE].facts.limits


async def read_json(request: web.Request, most: int) -> Any:
    """The body as JSON. Raises Refused where it is none, is nested too deep, or holds NaN or an infinity."""
    data = await read_bytes(request, most)
    return await asyncio.to_thread(parsed, data, limits_of(request), strict=True)
