"""Is this request meant for this server, and does it come from its own pages or from no page at all?

A browser sends requests for any page that its user opens, also to servers on the user's machine. What gives such
requests away: a Host that is not ours (the page's name was pointed at us), an Origin that is not ours, and the
Sec-Fetch headers, which no page can change.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from darkroom.service.contracts import Refused
from darkroom.service.security.addresses import KnownHosts, Place, is_same_origin, place_of

NEVER_IN_PATHS = re.compile(rb"[\x00-\x1f\x7f]")
OWN_SITES = ("", "same-origin", "none")
"""What `Sec-Fetch-Site` says of our own pages and of what a person typed; programs do not send it."""

ONCE = (hdrs.HOST, hdrs.ORIGIN, hdrs.CONTENT_LENGTH, hdrs.CONTENT_TYPE, hdrs.AUTHORIZATION)


def form_guard() -> Middleware:
    """Refuse what no honest client sends: targets with a host, control characters in paths, doubled headers."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        target = request.raw_path
        if not target.startswith("/") and not (request.method == hdrs.METH_OPTIONS and target == "*"):
            raise Refused(400, "the request's target is no path", remedy="send a path; this server is no proxy")
        if NEVER_IN_PATHS.search(unquote_to_bytes(target.partition("?")[0])):
            raise Refused(400, "the path holds control characters", remedy="leave them out")
        for name in ONCE:
            if len(request.headers.getall(name, ())) > 1:
                raise Refused(400, f"the header {name} came twice", remedy="send it once")
        return await handler(request)

    return guard


def host_guard(known: KnownHosts) -> Middleware:
    """Refuse requests whose Host is not a name of this server (DNS rebinding)."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        place = host_of(request)
        if place is not None and not known.knows(place.host):
            raise Refused(
                403,
                f"this server is not called {place.host}",
                remedy=f"use its address, or start it with --allow-host {place.host} if the name is yours",
            )
        return await handler(request)

    return guard


def host_of(request: web.Request) -> Place | None:
    """What the Host header names; None for an HTTP/1.0 client without one, which no browser is. Raises Refused."""
    given = request.headers.get(hdrs.HOST)
    if given is None:
        if request.version >= (1, 1):
            raise Refused(400, "the request has no Host header", remedy="send one")
        return None
    try:
        return place_of(given)
    except ValueError:
        raise Refused(400, "the Host header names no host", remedy="send the name or address of this server") from None


def origin_guard(known: KnownHosts, scheme: str, cors: str | None = None) -> Middleware:
    """Refuse requests of other sites' pages with an empty 403.

    scheme: of this server; cors: an origin whose pages may use it, or "*" for all (`--enable-cors-header`)
    """

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if cors == "*" or is_ours(request):
            return await handler(request)
        return web.Response(status=403)

    def is_ours(request: web.Request) -> bool:
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None:
            if cors is not None and origin == cors.rstrip("/"):
                return True
            place = host_of(request)
            if place is None:
                return False
            proxied = place.host in known.allowed
            if not is_same_origin(origin, place, None if proxied else scheme):
                return False
        site = ",".join(request.headers.getall("Sec-Fetch-Site", ())).strip().lower()
        return site in OWN_SITES or is_visit(request)

    return guard


def is_visit(request: web.Request) -> bool:
    """Whether somebody followed a link to the editor: the only thing that another site's page may bring about."""
    return (
        request.method == hdrs.METH_GET
        and request.path == "/"
        and request.headers.get("Sec-Fetch-Mode", "").lower() == "navigate"
        and request.headers.get("Sec-Fetch-Dest", "").lower() == "document"
    )
