"""Each request as a number, and at DEBUG as a line."""

from __future__ import annotations

import logging
import time

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from darkroom.service.observe.metrics import Metrics

log = logging.getLogger("darkroom.access")

UNKNOWN = "unknown"
"""The route of a request that none takes: its path would make a new number for each."""

ACCEPTING = ("/prompt", "/api/prompt")


def counted(metrics: Metrics) -> Middleware:
    """Tell `metrics` of each answer, and the access log."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.perf_counter()
        response = await handler(request)
        seconds = time.perf_counter() - started
        is_socket = isinstance(response, web.WebSocketResponse)
        metrics.answered(request.method, template_of(request), response.status, None if is_socket else seconds)
        if request.method == "POST" and request.path in ACCEPTING and response.status == 200:
            metrics.accepted(seconds)
        if log.isEnabledFor(logging.DEBUG):
            # Without the query, which can hold the access token and what people search for.
            log.debug(
                "%s %s -> %d in %.1f ms",
                *(request.method, request.raw_path.partition("?")[0], response.status, seconds * 1000),
                extra={"remote": request.remote},
            )
        return response

    return count


def template_of(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else UNKNOWN
