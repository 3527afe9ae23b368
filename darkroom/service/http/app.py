"""The application: every route under its path and under /api, and what all of them share."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from darkroom.engine.problems import printable
from darkroom.service.contracts import SERVICE, Refused, Route, Service
from darkroom.service.http.answers import answer
from darkroom.service.http.body import too_large
from darkroom.service.http.slow_bodies import body_timer

log = logging.getLogger(__name__)

ROUTES: web.AppKey[Sequence[Route]] = web.AppKey("routes", Sequence[Route])

BEGUN: web.RequestKey[bool] = web.RequestKey("begun", bool)
"""Key of a request whose answer has begun."""

PICTURES = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".gif", ".webp", ".svg", ".apng", ".avif", ".ico")


def build_app(
    service: Service, route_tables: Sequence[Route], middlewares: Sequence[Middleware] = ()
) -> web.Application:
    """The aiohttp application of a service.

    middlewares: run for every request, also one that no route takes, the first one outermost. They see answers, not
    exceptions, of everything inside them; what they raise themselves is answered like errors of a route.
    """
    app = web.Application(
        middlewares=[errors, *middlewares, errors, body_timer, options, cached_by_path],
        client_max_size=service.facts.limits.upload_bytes,
    )
    app.on_response_prepare.append(note_begin)
    app[SERVICE] = service
    app[ROUTES] = tuple(route_tables)
    resources: dict[str, web.Resource] = {}
    for route in route_tables:
        for path in paths_of(route):
            resource = resources.get(path)
            if resource is None:
                resource = resources[path] = app.router.add_resource(path)
            resource.add_route(route.method, route.handler)
            if route.method == "GET":
                resource.add_route("HEAD", route.handler)
    return app


def paths_of(route: Route) -> Iterable[str]:
    """Where a route is served."""
    return (route.path, f"/api{route.path}") if route.api else (route.path,)


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure as an answer: the reason where the client can mend it, an id of the log line where it cannot.

    A failure in the middle of an answer ends the connection: a second answer would pass for the rest of the first.
    """
    try:
        return await handler(request)
    except ConnectionResetError:
        raise  # the client is gone: there is nobody to answer
    except Exception as error:
        if request.get(BEGUN) is None:
            return failure(request, error)
        log.warning("%s %s broke off: %s", request.method, request.rel_url.raw_path, error or type(error).__name__)
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError("the answer broke off") from None


def failure(request: web.Request, error: Exception) -> web.Response:
    """The answer to whatever a handler raised."""
    if isinstance(error, Refused):
        return refusal(request, error)
    if isinstance(error, web.HTTPException):
        return _http_error(request, error)
    if isinstance(error, web.RequestPayloadError):
        return refusal(request, Refused(400, "the body cannot be read", type="bad_body", remedy="send it again, whole"))
    id = secrets.token_hex(6)
    path = request.rel_url.raw_path
    log.error("error %s while answering %s %s", id, request.method, path, exc_info=error)
    remedy = f"look for error {id} in the server's log"
    return refusal(request, Refused(500, f"the server failed (error {id})", type="server_error", remedy=remedy))


async def note_begin(request: web.Request, _response: web.StreamResponse) -> None:
    """From now on this request has an answer."""
    request[BEGUN] = True


@web.middleware
async def options(request: web.Request, handler: Handler) -> web.StreamResponse:
    """OPTIONS of any path is fine; what it allows, the middlewares outside of this one say."""
    return web.Response() if request.method == "OPTIONS" else await handler(request)


@web.middleware
async def cached_by_path(request: web.Request, handler: Handler) -> web.StreamResponse:
    """How long browsers may keep an answer, where its handler did not say."""
    response = await handler(request)
    if "Cache-Control" not in response.headers and not response.prepared:
        rule = cache_control(request.path, response.status)
        if rule is not None:
            response.headers["Cache-Control"] = rule
    return response


def cache_control(path: str, status: int) -> str | None:
    """The header for a path, None for none: code is asked for each time, pictures are kept."""
    name = PurePosixPath(path).name.lower()
    suffix = PurePosixPath(name).suffix
    if suffix in (".js", ".css") or (name.startswith("index") and suffix == ".json"):
        return "no-cache"
    if suffix not in PICTURES:
        return None
    if status == 404:
        return "public, max-age=3600"
    if 200 <= status < 300 or status in (301, 308):
        return "public, max-age=86400"
    return "no-cache" if status in (302, 303, 307) else None


def refusal(request: web.Request, refused: Refused) -> web.Response:
    """The answer to a refused request, in the shape that the route's clients know."""
    if request.method == "POST" and request.path in ("/prompt", "/api/prompt"):
        extra = {"remedy": refused.remedy} if refused.remedy else {}
        error: dict[str, Any] = {
            "type": refused.type or "refused",
            "message": refused.message,
            "details": refused.details,
            "extra_info": extra,
        }
        return answer({"error": error, "node_errors": {}}, refused.status)
    body: dict[str, Any] = {"error": refused.message}
    body.update({key: text for key in ("type", "details", "remedy") if (text := getattr(refused, key))})
    return answer(body, refused.status)


def _http_error(request: web.Request, error: web.HTTPException) -> web.Response:
    """aiohttp's own errors; those that carry an answer of a handler keep it."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = sorted(error.allowed_methods)
        refused = Refused(
            405, f"{error.method} is not possible here", type="method_not_allowed", remedy=f"use {' or '.join(allowed)}"
        )
        response = refusal(request, refused)
        response.headers["Allow"] = ", ".join(allowed)
        return response
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return refusal(request, too_large(request.client_max_size))
    if error.status == 404 and request.match_info.http_exception is error:
        return _no_route(request)
    if error.status < 400:
        return web.Response(status=error.status, headers={"Location": error.headers.get("Location", "/")})
    return refusal(request, Refused(error.status, error.text or error.reason))


def _no_route(request: web.Request) -> web.Response:
    if request.path.startswith("/api/darkroom/"):
        path = printable(request.path)
        return refusal(request, Refused(404, f"there is no {path}", remedy="see /api/darkroom/openapi.json"))
    return web.Response(status=404, content_type="application/octet-stream")
