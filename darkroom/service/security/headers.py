"""What browsers may do with our answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import hdrs, web

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "connect-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
METHODS = "POST, GET, DELETE, PUT, OPTIONS, PATCH"
COMPRESSED = ("application/json", "text/")

Prepare = Callable[[web.Request, web.StreamResponse], Awaitable[None]]


def on_prepare(cors: str | None = None, *, compress: bool = False) -> Prepare:
    """A signal of the application that completes the headers of each answer; a handler's own policy stays.

    cors: an origin, or "*" for any, whose pages may read answers; compress: JSON and text go packed
    """

    async def complete(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        # It says which software and version answers, which is nobody's business.
        response.headers[hdrs.SERVER] = "darkroom"
        if cors is not None:
            allow(response, cors)
        is_whole = isinstance(response, web.Response) and not isinstance(response, web.FileResponse)
        if compress and is_whole and response.content_type.startswith(COMPRESSED):
            response.enable_compression()

    return complete


def allow(response: web.StreamResponse, origin: str) -> None:
    """Let pages of an origin read this answer, as ComfyUI does (interface section 1.1)."""
    response.headers.update(
        {
            hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: origin,
            hdrs.ACCESS_CONTROL_ALLOW_METHODS: METHODS,
            hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "Content-Type, Authorization",
            hdrs.ACCESS_CONTROL_ALLOW_CREDENTIALS: "true",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
    )
