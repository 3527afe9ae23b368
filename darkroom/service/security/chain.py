"""All that stands before the routes, in its order."""

from __future__ import annotations

import asyncio

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from darkroom.service.contracts import Refused
from darkroom.service.routes_files.body import SLOWEST
from darkroom.service.security.access import access
from darkroom.service.security.addresses import known_hosts
from darkroom.service.security.guard import form_guard, host_guard, origin_guard
from darkroom.service.security.headers import on_prepare
from darkroom.service.security.token import Token
from darkroom.service.settings.table import Settings


def middlewares(settings: Settings, token: Token | None, port: int) -> list[Middleware]:
    """The first one outermost: what is malformed, then for whom it is, from where, who sends it, and how fast.

    token: None where everybody may come; port: where the server listens, which names its cookie
    """
    known = known_hosts(settings)
    https = settings.tls_certfile is not None
    return [
        form_guard(),
        host_guard(known),
        origin_guard(known, "https" if https else "http", settings.enable_cors_header),
        access(token, f"darkroom_{port}", https=https),
        body_timer(settings.limits.body_seconds),
    ]


def install(app: web.Application, settings: Settings) -> None:
    """Let the application complete the headers of every answer."""
    compress = settings.enable_compress_response_body
    app.on_response_prepare.append(on_prepare(settings.enable_cors_header, compress=compress))


class SlowBody(Refused, TimeoutError):
    """A body that does not arrive. Also a TimeoutError, which aiohttp takes when it throws the rest of a body away."""


def body_timer(seconds: float) -> Middleware:
    """Whoever waits for a body that does not come within `seconds`, and more for a large one, gets a `SlowBody`."""

    @web.middleware
    async def timed(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.body_exists or hdrs.UPGRADE in request.headers:
            return await handler(request)
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
        message = f"the body did not arrive within {spent:.3g} seconds"
        return SlowBody(408, message, type="timeout", remedy="send it again, faster")

    return timed
