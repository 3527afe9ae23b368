"""Whatever comes, the answer is the right 4xx within a second, tells nothing of the inside, and the server goes on."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.service.security.running import Running, running

WITHIN_SECONDS = 1.0
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

HOSTS = [
    *[(host, 403) for host in ("evil.example", "evil.example:{port}", "127.0.0.1.evil.example", "evil.example.")],
    *[(host, 403) for host in ("localhost.evil.example", "xn--lcalhost-64a", "0x7f000001", "notlocalhost")],
    *[(host, 403) for host in ("192.168.1.5:{port}", "10.0.0.1", "0.0.0.0:{port}", "[::]:{port}", "[fe80::1]")],
    *[(host, 400) for host in ("2130706433", "127.1", "", "localhost:99999", "localhost:-1", "localhost:http")],
    *[(host, 400) for host in ("localhost, evil.example", "me@localhost", "http://localhost", "localhost/", "[::1")],
    *[(host, 400) for host in ("local host", "localhost?", "localhost#", "\xe4\xf6.example", "[::1]evil", "-a.b")],
]
ORIGINS = [
    *(
        "http://evil.example",
        "https://evil.example:{port}",
        "http://127.0.0.1:1",
        "http://127.0.0.1",
        "null",
        "file://",
    ),
    *("https://127.0.0.1:{port}", "http://localhost:{port}", "http://127.0.0.1:{port}.evil.example", "", "*"),
    *("http://127.0.0.1:{port}@evil.example", "http://evil.example/127.0.0.1:{port}", "HTTP://EVIL.EXAMPLE"),
    *(
        "http://127.0.0.1:{port} http://evil.example",
        "chrome-extension://abcdefgh",
        "http://[::1]:{port}",
        "//127.0.0.1",
    ),
]
UPGRADE = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
FETCHES = [
    ("cross-site", "GET", "/queue", ""),
    ("same-site", "GET", "/queue", ""),
    ("cross-site", "POST", "/interrupt", ""),
    ("CROSS-SITE", "GET", "/object_info", ""),
    ("cross-site", "GET", "/view?filename=a.png", "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n"),
    ("cross-site", "GET", "/queue", "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"),
    ("cross-site", "GET", "/", "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n"),
    ("cross-site", "POST", "/", "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"),
]

HEADERS = [
    *[named(host, status) for host, status in HOSTS],
    *[get(f"Origin {each!r}", "/queue", 403, headers=f"Origin: {each}\r\n", empty=True) for each in ORIGINS],
    *[
        get(f"Origin {each!r} of a WebSocket", "/ws", 403, headers=f"{UPGRADE}Origin: {each}\r\n", empty=True)
        for each in ("http://evil.example", "null", "https://127.0.0.1:{port}")
    ],
    get("Origin of a page that posts", "/interrupt", 403, method="POST", headers="Origin: http://evil.example\r\n"),
    *[
        get(
            f"Sec-Fetch-Site {site} {method} {path} {more!r}",
            path,
            403,
            method=method,
            headers=f"Sec-Fetch-Site: {site}\r\n{more}",
            empty=True,
        )
        for site, method, path, more in FETCHES
    ],
    get("a WebSocket of a page of another site", "/ws", 403, headers=f"{UPGRADE}Sec-Fetch-Site: cross-site\r\n"),
    get("a WebSocket without a key", "/ws", 400, headers="Upgrade: websocket\r\nConnection: Upgrade\r\n"),
    get("no WebSocket", "/ws", 400),
    raw("no Host", "GET /queue HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    raw("two Hosts", START + "Host: localhost\r\nConnection: close\r\n\r\n", 400),
    raw("two Origins", START + "Origin: http://127.0.0.1:{port}\r\nOrigin: http://evil.example\r\n\r\n", 400, 403),
    raw("a folded header", START + "X-A: b\r\n c\r\n\r\n", 400),
    raw("a space before the colon", START + "X-A : b\r\n\r\n", 400),
    raw("a header without a colon", START + "nonsense\r\n\r\n", 400),
    raw("a header without a name", START + ": b\r\n\r\n", 400),
    raw("NUL in a header", START + "X-A: a\0b\r\n\r\n", 400),
    raw("CR in a header", START + "X-A: a\rSet-Cookie: b\r\n\r\n", 400),
    raw("LF alone before a forged header", START + "X-A: a\nHost: evil.example\r\n\r\n", 400, 403),
    raw("a header of 100 kB", START + "X-A: " + "a" * 100_000 + "\r\n\r\n", 400, 431),
    raw("a name of 100 kB", START + "X" * 100_000 + ": a\r\n\r\n", 400, 431),
    raw("1,000 headers", START + "".join(f"X-{n}: a\r\n" for n in range(1000)) + "\r\n", 400, 431),
    raw("headers without end", START + "X-A: a\r\n" * 50_000, 400, 431),
    get("an expectation nobody knows", "/queue", 417, headers="Expect: a miracle\r\n"),
]
LINES = [
    raw("HTTP/0.9", "GET /queue\r\n", 400, 0, closing=True),
    raw("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 405),
    raw("HTTP/3.0", "GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 400, 505),
    raw("HTTP/1.1.1", "GET / HTTP/1.1.1\r\nHost: localhost\r\n\r\n", 400),
    raw("no version", "GET / \r\nHost: localhost\r\n\r\n", 400),
    raw("a TLS greeting", bytes.fromhex("16030100c8010000c40303") + bytes(190), 400),
    raw("random bytes", bytes(range(128, 256)) * 8 + b"\r\n\r\n", 400),
    raw("an address with spaces", "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    raw("an address of 100 kB", f"GET /{'a' * 100_000} HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, 414),
    raw(
        "an absolute address of another host", "GET http://evil.example/queue HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400
    ),
    raw("an absolute address of this host", "GET http://127.0.0.1/queue HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400),
    raw("CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", 400, 403, 405),
    raw("a method in small letters", "get / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, 405),
    raw("a method nobody knows", "BREW /queue HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400, 405),
    get("TRACE", "/queue", 400, 405, method="TRACE"),
    get("PUT of the queue", "/queue", 405, method="PUT"),
    get("DELETE of the queue", "/queue", 405, method="DELETE"),
    get("GET of what changes something", "/interrupt", 404, 405),
    get("GET of what frees memory", "/free", 404, 405),
    get("HEAD of what changes something", "/interrupt", 404, 405, method="HEAD"),
    get("NUL in a path", "/queue%00", 400),
    get("CR LF in a path", "/queue%0d%0aSet-Cookie:%20a=b", 400),
    get("ESC in a path", "/%1b[2J", 400),
    get("DEL in a path", "/%7f", 400),
    get("* as a path", "*", 400),
    get("a path that climbs", "/../../etc/passwd", 400, 404),
    get("a path that climbs, encoded", "/%2e%2e/%2e%2e/etc/passwd", 400, 404),
    get("a path that climbs, slashes encoded", "/..%2f..%2fetc%2fpasswd", 400, 404),
    get("a path that climbs, twice encoded", "/%252e%252e/etc/passwd", 400, 404),
    get("a path that climbs, Windows", "/..%5c..%5cwindows%5cwin.ini", 400, 404),
    get("a path with two slashes", "//etc/passwd", 400, 404),
    get("a path that is no UTF-8", "/%ff%fe", 400, 404),
    get("a file of another folder", "/view?filename=../../../etc/passwd", 400, 403, 404),
    get("an absolute file", "/view?filename=/etc/passwd", 400, 403, 404),
    get("a folder that climbs", "/view?filename=passwd&subfolder=../../../etc", 400, 403, 404),
    get("NUL in a file name", "/view?filename=a%00.png", 400, 403, 404),
    get("the access token as userdata", "/userdata/..%2f__server%2ftoken.json", 400, 403, 404),
]
BODIES = [
    post("two lengths", "/prompt", b"{}", 400, headers="Content-Length: 2\r\nContent-Length: 3\r\n"),
    post(
        "length and chunks", "/prompt", b"0\r\n\r\n", 400, headers="Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
    ),
    post("a negative length", "/prompt", b"", 400, headers="Content-Length: -1\r\n"),
    post("a length in words", "/prompt", b"", 400, headers="Content-Length: many\r\n"),
    post("a length with a sign", "/prompt", b"{}", 400, headers="Content-Length: +2\r\n"),
    post("a length beyond numbers", "/prompt", b"", 400, 413, headers=f"Content-Length: {10**30}\r\n"),
    post("a length beyond the limit", "/prompt", b"", 413, headers=f"Content-Length: {2**40}\r\n"),
    post("a chunk of no size", "/prompt", b"zz\r\n{}\r\n0\r\n\r\n", 400, headers="Transfer-Encoding: chunked\r\n"),
    post(
        "a chunk longer than it says", "/prompt", b"1\r\n{}\r\n0\r\n\r\n", 400, headers="Transfer-Encoding: chunked\r\n"
    ),
    post("a chunk of 2^64 bytes", "/prompt", b"ffffffffffffffffff\r\n", 400, headers="Transfer-Encoding: chunked\r\n"),
    post("chunks in chunks", "/prompt", b"0\r\n\r\n", 400, headers="Transfer-Encoding: chunked, chunked\r\n"),
    post("an encoding nobody knows", "/prompt", b"", 400, 501, headers="Transfer-Encoding: rot13\r\n"),
    post("a body that stops early", "/prompt", b'{"prompt":', 400, 0, headers="Content-Length: 100\r\n", closing=True),
    post(
        "chunks that stop early", "/prompt", b"5\r\nab", 400, 0, headers="Transfer-Encoding: chunked\r\n", closing=True
    ),
    post("gzip that is none", "/prompt", b"not gzip", 400, headers="Content-Encoding: gzip\r\n"),
    post("half of gzip", "/prompt", gzip.compress(b"{}" * 999)[:-12], 400, headers="Content-Encoding: gzip\r\n"),
    post("a bomb", "/prompt", gzip.compress(bytes(300_000_000), 9), 400, 413, headers="Content-Encoding: gzip\r\n"),
    post("no body", "/prompt", b"", 400),
    post("no JSON", "/prompt", b"prompt=1", 400, headers="Content-Type: application/x-www-form-urlencoded\r\n"),
    post("half of JSON", "/prompt", b'{"prompt": {', 400),
    post("JSON that is no object", "/prompt", b"[1, 2]", 400),
    post("text alone", "/prompt", b'"prompt"', 400),
    post("JSON in UTF-16", "/prompt", '{"prompt": {}}'.encode("utf-16"), 400),
    post("bytes that are no UTF-8", "/prompt", b'{"prompt": "\xff\xfe"}', 400),
    post("JSON 100,000 deep", "/prompt", b"[" * 100_000 + b"]" * 100_000, 400),
    post("a number of 100,000 digits", "/prompt", b'{"number": ' + b"9" * 100_000 + b"}", 400),
    post("prototype keys", "/prompt", b'{"__proto__": {"admin": true}, "prompt": {"__proto__": {}}}', 400),
    post("a prompt that is a list", "/prompt", b'{"prompt": [1]}', 400),
    post("a node nobody knows", "/prompt", b'{"prompt": {"1": {"class_type": "<script>", "inputs": {}}}}', 400),
    post("a lone surrogate", "/prompt", b'{"prompt": {"\\ud800": {"class_type": "A", "inputs": {}}}}', 400),
    post(
        "a form without a boundary",
        "/upload/image",
        b"--a--",
        400,
        415,
        headers="Content-Type: multipart/form-data\r\n",
    ),
    post(
        "a form that is none",
        "/upload/image",
        b"nothing",
        400,
        headers="Content-Type: multipart/form-data; boundary=a\r\n",
    ),
    post(
        "a form cut off",
        "/upload/image",
        b"--a\r\nContent-Disposition: form-data; name=image; filename=a.png\r\n\r\nxx",
        400,
        headers="Content-Type: multipart/form-data; boundary=a\r\n",
    ),
    post("an upload as JSON", "/upload/image", b"{}", 400, 415, headers="Content-Type: application/json\r\n"),
    post(
        "a boundary of 10 kB",
        "/upload/image",
        b"x",
        400,
        415,
        431,
        headers=f"Content-Type: multipart/form-data; boundary={'a' * 8000}\r\n",
    ),
]
CASES = [*HEADERS, *LINES, *BODIES]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("base")) as started:
        yield started


def test_there_are_many_cases_and_no_two_have_one_title() -> None:
    titles = [case.title for case in CASES]
    assert len(titles) >= 90
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_hostile_request_gets_its_4xx_within_a_second_and_the_server_goes_on(case: Case, server: Running) -> None:
    reply = server.send(case.raw.replace(PORT, str(server.port).encode()), closing=case.closing)
    assert reply.status in case.statuses, (reply.status, reply.body[:300])
    assert reply.seconds < WITHIN_SECONDS
    assert b"Traceback" not in reply.body and b'File "' not in reply.body
    assert len(reply.body) < 4096
    if reply.status:
        assert reply.head["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in reply.head
    if case.empty:
        assert reply.body == b"" and "content-type" not in reply.head
    assert server.ask().status == 200


GOOD_HOSTS = (
    "localhost",
    "LOCALHOST:{port}",
    "127.0.0.2",
    "[::1]:{port}",
    "app.localhost",
    "localhost.",
    "[::ffff:127.0.0.1]",
)


@pytest.mark.parametrize("host", GOOD_HOSTS)
def test_every_name_of_loopback_is_ours(host: str, server: Running) -> None:
    assert server.ask(host=host.format(port=server.port)).status == 200


def test_our_own_pages_may_ask(server: Running) -> None:
    origin = f"http://127.0.0.1:{server.port}"
    assert server.ask(Origin=origin, Sec_Fetch_Site="same-origin").status == 200
    assert server.ask(host=f"[::1]:{server.port}", Origin=f"http://[::1]:{server.port}").status == 200


def test_somebody_may_follow_a_link_to_the_editor(server: Running) -> None:
    visit: dict[str, Any] = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert server.ask("/", **visit).status == 200


def test_a_socket_of_ours_opens_and_one_of_a_client_without_a_browser_too(server: Running) -> None:
    head = {"Upgrade": "websocket", "Sec_WebSocket_Version": "13", "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in head.items())
    start = f"GET /ws?clientId=a HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: Upgrade\r\n{lines}"
    assert server.send(f"{start}\r\n".encode()).status == 101
    assert server.send(f"{start}Origin: http://127.0.0.1:{server.port}\r\n\r\n".encode()).status == 101


def test_a_client_of_http_1_0_needs_no_host(server: Running) -> None:
    assert server.send(b"GET /queue HTTP/1.0\r\n\r\n").status == 200


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    flags = ("--header-seconds", "0.3", "--limit-body-seconds", "0.3")
    with running(tmp_path_factory.mktemp("hasty"), *flags) as started:
        yield started


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"GET /queue HTTP/1.1\r\nHo",
        b"POST /prompt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
        b"POST /prompt HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        b"POST /upload/image HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=a\r\n"
        b"Content-Length: 1000\r\n\r\n--a\r\nContent-Disposition: form-data; name=image; filename=a.png\r\n\r\nx",
    ],
    ids=["nothing", "half a head", "half a body", "half of chunks", "half a form"],
)
def test_who_is_slow_is_told_so_and_left(start: bytes, hasty: Running) -> None:
    reply = hasty.send(start)
    assert reply.status == 408
    assert reply.seconds < WITHIN_SECONDS
    assert hasty.ask().status == 200


def test_more_connections_than_allowed_are_turned_away_at_once_and_taken_again_later(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with running(tmp_path_factory.mktemp("full"), "--max-connections", "2") as server:
        address = ("127.0.0.1", server.port)
        with socket.create_connection(address), socket.create_connection(address):
            assert server.ask().status == 503
        # The server learns of the ends of connections a moment later.
        assert any(server.ask().status == 200 for _ in range(200))
