"""Whatever a client sends over its WebSocket, it is heard or dropped, and the server goes on."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.service.security.hostile import UPGRADE
from tests.service.security.running import Running, running

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9
PROTOCOL, NO_TEXT, POLICY, TOO_BIG = 1002, 1007, 1008, 1009
PATIENCE_SECONDS = 3.0


@dataclass(frozen=True)
class Case:
    """code: with which the server closes; None where the frames are heard and ignored."""

    title: str
    frames: bytes
    code: int | None


def frame(kind: int, data: bytes = b"", *, last: bool = True, reserved: int = 0, length: int | None = None) -> bytes:
    """One masked frame. length: what it claims, if not the truth"""
    size = len(data) if length is None else length
    if size < 126:
        head = struct.pack(">B", 0x80 | size)
    else:
        head = struct.pack(">BH", 0x80 | 126, size) if size < 2**16 else struct.pack(">BQ", 0x80 | 127, size)
    return bytes([last << 7 | reserved << 4 | kind]) + head + bytes(4) + data


CASES = [
    Case("a message of 2 MiB", frame(TEXT, b"a" * (2 * 2**20)), TOO_BIG),
    Case("a message that claims 2^40 bytes", frame(TEXT, length=2**40), TOO_BIG),
    Case("a message that claims 2^63 bytes", frame(BINARY, length=2**63), TOO_BIG),
    Case("2 MiB in pieces", frame(TEXT, b"a" * 999, last=False) + frame(0, b"a" * 999, last=False) * 2100, TOO_BIG),
    Case("a packed message, which nobody agreed to", frame(TEXT, b"abc", reserved=4), PROTOCOL),
    Case("reserved bits", frame(TEXT, b"abc", reserved=3), PROTOCOL),
    Case("a kind that is reserved", frame(5, b"a"), PROTOCOL),
    Case("a control frame of 126 bytes", frame(PING, b"a" * 126), PROTOCOL),
    Case("a ping in pieces", frame(PING, b"a", last=False), PROTOCOL),
    Case("the rest of nothing", frame(0, b"a"), PROTOCOL),
    Case("a second message inside of one", frame(TEXT, b"a", last=False) + frame(TEXT, b"b"), PROTOCOL),
    Case("bytes that are no UTF-8", frame(TEXT, b"\xff\xfe"), NO_TEXT),
    Case("a goodbye of one byte", frame(CLOSE, b"a"), PROTOCOL),
    Case("a goodbye with a code that is none", frame(CLOSE, struct.pack(">H", 7)), PROTOCOL),
    Case("2,000 messages at once", frame(TEXT, b"a") * 2000, POLICY),
    Case("2,000 pings at once", frame(PING, b"a") * 2000, POLICY),
    Case("no JSON", frame(TEXT, b"{"), None),
    Case("JSON that is nested deep", frame(TEXT, b"[" * 500_000), None),
    Case("a number of 100,000 digits", frame(TEXT, b"9" * 100_000), None),
    Case("flags that are no object", frame(TEXT, b'{"type": "feature_flags", "data": [1]}'), None),
    Case("flags of prototypes", frame(TEXT, b'{"type": "feature_flags", "data": {"__proto__": {"a": 1}}}'), None),
    Case("bytes", frame(BINARY, bytes(1000)), None),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("sockets")) as started:
        yield started


def connected(server: Running, id: str) -> socket.socket:
    """A client that has been greeted; it asks for packing, which is not given."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS)
    head = f"GET /ws?clientId={id} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: Upgrade\r\n{UPGRADE}"
    connection.sendall(f"{head}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n".encode())
    got = b""
    while b'"sid"' not in got:
        got += connection.recv(4096)
    assert got.startswith(b"HTTP/1.1 101 ") and b"permessage-deflate" not in got
    return connection


def said_until(connection: socket.socket, end: bytes) -> bytes:
    """Everything up to `end`, or to the end of the connection."""
    got = b""
    while end not in got:
        try:
            more = connection.recv(65536)
        except ConnectionError:
            break
        if not more:
            break
        got += more
    return got


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_hostile_message_is_ignored_or_ends_its_own_connection(case: Case, server: Running) -> None:
    with connected(server, "a") as connection:
        try:
            connection.sendall(case.frames)
            if case.code is None:
                connection.sendall(frame(PING, b"still there?"))
        except ConnectionError:
            pass  # dropped while it was still talking
        if case.code is None:
            assert b"still there?" in said_until(connection, b"still there?")
        else:
            got = said_until(connection, b"never said")
            code = struct.pack(">H", case.code)
            # Where the client still sent, the system may throw away our goodbye.
            assert code in got[-60:] or len(case.frames) > 2**20 or case.code == POLICY, got[-60:]
    assert server.ask().status == 200


def test_flags_are_kept_only_as_far_as_they_are_short(server: Running) -> None:
    long = b'{"type": "feature_flags", "data": {"supports_preview_metadata": true, "x": [' + b"[]," * 300_000 + b"0]}}"
    with connected(server, "flags") as connection:
        connection.sendall(frame(TEXT, long))
        assert b"max_upload_size" in said_until(connection, b"max_upload_size")
    assert server.ask().status == 200


def test_more_clients_than_allowed_are_told_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running(tmp_path_factory.mktemp("few"), "--limit-socket-clients", "2") as few:
        with connected(few, "a"), connected(few, "b"):
            head = f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{few.port}\r\nConnection: Upgrade\r\n{UPGRADE}\r\n"
            assert few.send(head.encode()).status == 503
        assert few.ask().status == 200
