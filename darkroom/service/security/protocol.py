"""Limits below the application: how many connections there may be, and how long the head of a request may take."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from darkroom.service.security.headers import HEADERS

log = logging.getLogger(__name__)

MAXIMUM_LINE = 8190
MAXIMUM_FIELD = 16_380
MAXIMUM_FIELDS = 100
LINGERING_SECONDS = 2.0
QUIET_SECONDS = 10.0

GUARDS = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
END = f"Content-Length: 0\r\nConnection: close\r\n{GUARDS}\r\n"
FULL = f"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n{END}".encode()
LATE = f"HTTP/1.1 408 Request Timeout\r\n{END}".encode()


@dataclass(frozen=True, slots=True)
class Bounds:
    """connections: at once; header_seconds: for the first request's head; keepalive_seconds: of an idle connection"""

    connections: int = 1000
    header_seconds: float = 10.0
    keepalive_seconds: float = 75.0


class Connection(RequestHandler):
    """One connection of a client, from its first byte on."""

    __slots__ = ("_bounds", "_deadline")

    def __init__(self, manager: Server, bounds: Bounds, **options: Any) -> None:
        super().__init__(manager, **options)
        self._bounds = bounds
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        manager = self._manager
        assert isinstance(manager, Server)
        if len(manager.connections) > self._bounds.connections:
            manager.tell_full()
            self._answer_and_leave(FULL)
        else:
            self._deadline = self._loop.call_later(self._bounds.header_seconds, self._see_whether_late)

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        super().connection_lost(exc)

    def _see_whether_late(self) -> None:
        """The first request has to be complete up to its body; keep-alive watches over the later ones."""
        self._deadline = None
        if self._request_count == 0:
            self._answer_and_leave(LATE)

    def _answer_and_leave(self, answer: bytes) -> None:
        if self.transport is not None:
            self.transport.write(answer)
        self.force_close()

    def log_exception(self, *args: Any, **options: Any) -> None:
        """A body that cannot be unpacked fails again when its rest is thrown away; it was answered, and is no news."""
        if not isinstance(sys.exception(), web.RequestPayloadError):
            super().log_exception(*args, **options)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP in one plain line; such noise is no error of ours."""
        if status >= 500:
            return super().handle_error(request, status, exc, message)
        log.debug("a malformed request from %s: %s", request.remote, type(exc).__name__)
        response = web.Response(status=status, text="the request is malformed\n", headers=HEADERS)
        response.force_close()
        return response


class Server(web.Server):
    """Makes a `Connection` for each client."""

    def __init__(self, handler: Any, bounds: Bounds, **options: Any) -> None:
        super().__init__(handler, **options)
        self._bounds = bounds
        self._said = float("-inf")

    def __call__(self) -> Connection:
        return Connection(self, self._bounds, loop=self._loop, **self._kwargs)

    def tell_full(self) -> None:
        """Log that clients are turned away, once in a while."""
        if time.monotonic() - self._said > QUIET_SECONDS:
            self._said = time.monotonic()
            log.warning("%d connections are open: further ones are turned away", self._bounds.connections)


class Runner(web.AppRunner):
    """Runs an application behind `Connection`."""

    __slots__ = ("_bounds",)

    def __init__(self, app: web.Application, bounds: Bounds, *, shutdown_seconds: float) -> None:
        super().__init__(
            app,
            access_log=None,
            shutdown_timeout=shutdown_seconds,
            keepalive_timeout=bounds.keepalive_seconds,
            max_line_size=MAXIMUM_LINE,
            max_field_size=MAXIMUM_FIELD,
            max_headers=MAXIMUM_FIELDS,
            lingering_time=LINGERING_SECONDS,
        )
        self._bounds = bounds

    async def _make_server(self) -> Server:
        made = await super()._make_server()
        return Server(
            made.request_handler,
            self._bounds,
            request_factory=made.request_factory,
            loop=asyncio.get_running_loop(),
            **made._kwargs,
        )
