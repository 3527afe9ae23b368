"""Who is it? A client shows the token as `Authorization: Bearer`, or once in a link that gives its browser a cookie."""

from __future__ import annotations

import math

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from darkroom.service.contracts import Refused
from darkroom.service.security.token import Attempts, Token

PARAMETER = "token"
COOKIE_SECONDS = 365 * 24 * 3600
SCHEME = "bearer"
IN_FILE = "use the one in the file __server/token.json of the user folder"

ONCE_MORE = (
    '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=/"><title>Darkroom</title>'
    '<p><a href="/">Open the editor</a></p>'
)
LOCKED = (
    '<!doctype html><meta charset="utf-8"><title>Darkroom</title><p>This server wants its access token. Open the link '
    "that it printed at its first start, or look for the token in the file <code>__server/token.json</code> of its "
    "user folder and open <code>/?token=...</code> with it.</p>"
)


def access(token: Token | None, cookie: str, *, https: bool, attempts: Attempts | None = None) -> Middleware:
    """Let in who knows the token; everybody where there is none.

    cookie: name of the cookie, of this server alone as cookies know no ports
    Refuses with 401, and with 429 from an address that failed too often.
    """
    tries = attempts or Attempts()

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if token is None:
            return await handler(request)
        given = request.cookies.get(cookie, "")
        if given and token.is_cookie(given):
            return visited(cookie, token, https) if shown_in_link(request) else await handler(request)
        if request.method == hdrs.METH_OPTIONS and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers:
            return await handler(request)  # browsers ask this without credentials, and learn nothing from it
        shown = shown_in_header(request) or shown_in_link(request)
        if shown is None:
            return unknown(request, had_cookie=bool(given))
        address = request.remote or ""
        seconds = tries.seconds_closed(address)
        if seconds:
            raise web_refusal(429, "too many wrong tokens from this address", f"wait {math.ceil(seconds)} seconds")
        if not token.is_text(shown):
            tries.failed(address)
            raise web_refusal(401, "the token is wrong", IN_FILE)
        return visited(cookie, token, https) if shown_in_link(request) else await handler(request)

    return guard


def shown_in_header(request: web.Request) -> str | None:
    scheme, _, given = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return given.strip() if scheme.lower() == SCHEME and given.strip() else None


def shown_in_link(request: web.Request) -> str | None:
    """Only the editor's own address takes a token, so that none stands in links to pictures."""
    if request.method != hdrs.METH_GET or request.path != "/":
        return None
    return request.query.get(PARAMETER) or None


def visited(cookie: str, token: Token, https: bool) -> web.Response:
    """The token leaves the address line for a cookie that no script can read."""
    response = web.Response(status=303, headers={hdrs.LOCATION: "/", hdrs.CACHE_CONTROL: "no-store"})
    response.set_cookie(
        cookie, token.cookie, max_age=COOKIE_SECONDS, httponly=True, samesite="Strict", secure=https, path="/"
    )
    return response


def unknown(request: web.Request, *, had_cookie: bool) -> web.StreamResponse:
    """What somebody without a token sees: a browser a page, anything else an error."""
    is_page = (
        request.method == hdrs.METH_GET and request.path == "/" and "text/html" in request.headers.get("Accept", "")
    )
    if not is_page:
        wrong = "the cookie is of another token" if had_cookie else "this server wants its access token"
        raise web_refusal(401, wrong, "send it as `Authorization: Bearer TOKEN`, or open its link in the browser")
    # A browser keeps strict cookies back when a page of another site led here; from our own page it sends them.
    is_led = not had_cookie and request.headers.get("Sec-Fetch-Site", "").lower() in ("cross-site", "same-site")
    page, status = (ONCE_MORE, 200) if is_led else (LOCKED, 401)
    return web.Response(text=page, status=status, content_type="text/html", headers={hdrs.CACHE_CONTROL: "no-store"})


def web_refusal(status: int, message: str, remedy: str) -> Refused:
    return Refused(status, message, type="unauthorized", remedy=remedy)
