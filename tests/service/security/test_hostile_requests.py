"""Whatever comes, the answer is the right 4xx within a second, tells nothing of the inside, and the server goes on."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from darkroom.service.observe.ring import RING
from tests.service.security import hostile_bodies, hostile_files, hostile_heads, hostile_results
from tests.service.security.hostile import PORT, Case, chunk, png
from tests.service.security.running import Running, running

WITHIN_SECONDS = 1.0
LONGEST_ANSWER = 2**20

CLASSES: Mapping[str, Sequence[Case]] = {
    "names of hosts (DNS rebinding)": hostile_heads.NAMES_OF_HOSTS,
    "pages of other sites": hostile_heads.PAGES_OF_OTHERS,
    "sockets of other sites and malformed ones": hostile_heads.SOCKETS_OF_OTHERS,
    "request lines and headers": hostile_heads.FIELDS,
    "methods that change nothing": hostile_heads.METHODS,
    "paths": hostile_heads.PATHS,
    "framing, truncation and packing of bodies": hostile_bodies.FRAMES,
    "huge numbers, NaN and infinities": hostile_bodies.NUMBERS,
    "half characters, prototype keys, markup and escapes": hostile_bodies.TEXTS,
    "shape, depth and size of JSON": hostile_bodies.SHAPES,
    "graphs, ids and prompts": hostile_bodies.GRAPHS,
    "forms, parts and names of uploads": hostile_files.FORMS,
    "pixels and frames of pictures": hostile_files.PICTURES,
    "text chunks of pictures": hostile_files.TEXT_CHUNKS,
    "small pictures": hostile_results.THUMBNAILS,
    "galleries": hostile_results.RESULTS,
    "tokens and the order of the queue": hostile_results.QUESTIONS,
    "versions": hostile_results.KEPT,
}
CASES = [case for cases in CLASSES.values() for case in cases]
SECRET = "the secret text"


def animation(frames: int) -> bytes:
    """The start of an APNG that claims so many frames."""
    control = struct.pack(">IIIIIHHBB", 0, 1, 1, 0, 0, 1, 10, 0, 0)
    return png(1, 1, chunk(b"acTL", struct.pack(">II", frames, 0)), chunk(b"fcTL", control))


def furnish(base: Path) -> None:
    """Files that hostile requests ask for, and what they must not get."""
    folder = base / "input"
    folder.mkdir()
    (base / "secret.txt").write_text(SECRET)
    (folder / "out.txt").symlink_to(base / "secret.txt")
    (folder / "outside").symlink_to(base)
    (folder / "small.png").write_bytes(png(1, 1))
    (folder / "huge.png").write_bytes(png(60_000, 60_000))
    (folder / "frames.png").write_bytes(animation(100_000))
    (folder / "broken.png").write_bytes(png(100, 100)[:30])
    (folder / "text.txt").write_text("no picture")
    os.mkfifo(folder / "pipe.png")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    base = tmp_path_factory.mktemp("base")
    furnish(base)
    with running(base) as started:
        yield started


def test_there_are_cases_of_each_class_and_no_two_have_one_title() -> None:
    titles = [case.title for case in CASES]
    assert len(set(titles)) == len(titles) >= 280
    assert all(len(cases) >= 8 for cases in CLASSES.values())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_hostile_request_gets_its_4xx_within_a_second_and_the_server_goes_on(case: Case, server: Running) -> None:
    reply = server.send(case.raw.replace(PORT, str(server.port).encode()), closing=case.closing)
    assert reply.status in case.statuses, (reply.status, reply.body[:300])
    assert reply.seconds < WITHIN_SECONDS
    assert b"Traceback" not in reply.body and b'File "' not in reply.body and SECRET.encode() not in reply.body
    assert len(reply.body) < LONGEST_ANSWER and b"\x1b" not in reply.body
    if reply.status:
        assert reply.head["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in reply.head["content-security-policy"]
        assert "set-cookie" not in reply.head
        assert not reply.head.get("content-type", "").startswith(("text/html", "image/svg"))
    if case.empty:
        assert reply.body == b"" and "content-type" not in reply.head
    assert server.ask().status == 200


def test_nothing_of_all_this_left_a_trace(server: Running) -> None:
    logged = "".join(entry["m"] for entry in RING.entries())
    assert "Traceback" not in logged and "\x1b" not in logged and not any("\n" in e["m"][:-1] for e in RING.entries())
    assert (server.base / "secret.txt").read_text() == SECRET
    names = {path.name for path in (server.base / "input").iterdir()}
    assert names == {"out.txt", "outside", "small.png", "huge.png", "frames.png", "broken.png", "text.txt", "pipe.png"}
    assert server.ask().body == b'{"queue_running":[],"queue_pending":[]}'


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
