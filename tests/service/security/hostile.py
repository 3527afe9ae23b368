"""Cases of hostile requests: what is sent, and which answers are right."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

PORT = b"{port}"


@dataclass(frozen=True)
class Case:
    """raw: with {port} for the server's port. closing: nothing comes after it. empty: the answer has no body."""

    title: str
    raw: bytes
    statuses: tuple[int, ...]
    closing: bool = False
    empty: bool = False


def get(title: str, path: str, *statuses: int, headers: str = "", method: str = "GET", empty: bool = False) -> Case:
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{{port}}\r\nConnection: close\r\n{headers}\r\n"
    return Case(title, head.encode("utf-8", "surrogateescape"), statuses, empty=empty)


def raw(title: str, content: str | bytes, *statuses: int, closing: bool = False) -> Case:
    """A whole request; `\\n` alone stays as it is."""
    return Case(title, content.encode("latin-1") if isinstance(content, str) else content, statuses, closing)


def post(title: str, path: str, body: bytes, *statuses: int, headers: str = "", closing: bool = False) -> Case:
    length = "" if "length" in headers.lower() or "chunked" in headers.lower() else f"Content-Length: {len(body)}\r\n"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{{port}}\r\nConnection: close\r\n{length}{headers}\r\n"
    return Case(title, head.encode("latin-1") + body, statuses, closing)


def named(host: str, status: int) -> Case:
    return raw(f"Host {host!r}", f"GET /queue HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n", status)


START = "GET /queue HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
UPGRADE = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"


def form(title: str, body: bytes, *statuses: int, path: str = "/upload/image") -> Case:
    """A multipart form whose boundary is "a"."""
    return post(title, path, body, *statuses, headers="Content-Type: multipart/form-data; boundary=a\r\n")


def part(content: bytes = b"x", *, name: str = "image", filename: str | None = "a.png") -> bytes:
    """One part of such a form, without its end."""
    file = "" if filename is None else f'; filename="{filename}"'
    head = f'--a\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
    return head.encode("utf-8", "surrogateescape") + content + b"\r\n"


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG of one black row, whatever size it claims, with further chunks before its pixels."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(1 + 3 * min(width, 1000))))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + pixels + chunk(b"IEND", b"")


def packed_text(text: bytes, name: bytes = b"workflow") -> bytes:
    """A zTXt chunk."""
    return chunk(b"zTXt", name + b"\0\0" + zlib.compress(text, 9))
