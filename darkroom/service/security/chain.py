"""All that stands before the routes, in its order."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Middleware

from darkroom.service.security.access import access
from darkroom.service.security.addresses import known_hosts
from darkroom.service.security.guard import form_guard, host_guard, origin_guard
from darkroom.service.security.headers import on_prepare
from darkroom.service.security.token import Token
from darkroom.service.settings.table import Settings


def middlewares(settings: Settings, token: Token | None, port: int) -> list[Middleware]:
    """The first one outermost: what is malformed, then for whom it is, from where, and who sends it.

    token: None where everybody may come; port: where the server listens, which names its cookie
    """
    known = known_hosts(settings)
    https = settings.tls_certfile is not None
    return [
        form_guard(),
        host_guard(known),
        origin_guard(known, "https" if https else "http", settings.enable_cors_header),
        access(token, f"darkroom_{port}", https=https),
    ]


def install(app: web.Application, settings: Settings) -> None:
    """Let the application complete the headers of every answer."""
    compress = settings.enable_compress_response_body
    app.on_response_prepare.append(on_prepare(settings.enable_cors_header, compress=compress))
