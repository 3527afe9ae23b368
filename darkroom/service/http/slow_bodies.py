"""How long a body may take to arrive: one clock for every route, however the route reads."""

from __future__ import annotations

import asyncio

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from darkroom.service.contracts import SERVICE, Refused

SLOWEST = 16 * 1024
"""Bytes per second that a body must bring in the long run, beside the seconds that every body has."""


class SlowBody(Refused, TimeoutError):
    """A body that does not arrive. Also a TimeoutError, which aiohttp takes when it throws the rest of a body away."""


@web.middleware
async def body_timer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whoever waits for a body that does not come in the seconds of the limits, and more for a large one, gets a
    `SlowBody`.
    """
    if not request.body_exists or hdrs.UPGRADE in request.headers:
        return await handler(request)
    seconds = request.app[SERVICE].facts.limits.body_seconds
    loop = asyncio.get_running_loop()

    def look(spent: float) -> None:
        allowed = seconds + request.content.total_bytes / SLOWEST
        if request.content.is_eof():
            return
        if allowed > spent + 1:
            timers.append(loop.call_later(allowed - spent, look, allowed))
        else:
            request.content.set_exception(slow(spent))

    timers = [loop.call_later(seconds, look, seconds)]
    try:
        return await handler(request)
    finally:
        timers[-1].cancel()


def slow(spent: float) -> SlowBody:
    """408, with the time in words."""
    message = f"the body did not arrive within {spent:.3g} seconds"
    return SlowBody(408, message, type="timeout", remedy="send it again, faster")
