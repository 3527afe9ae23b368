"""A real server in a thread, without workers, and raw sockets to talk to it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from darkroom.commands.serve import Server, access_token
from darkroom.commands.serve_parts import Places, bind
from darkroom.service.security.token import Token
from darkroom.service.settings.sources import read_settings

NO_WORKERS = "[]"


@dataclass(frozen=True)
class Reply:
    status: int
    head: dict[str, str]
    body: bytes
    seconds: float


@dataclass(frozen=True)
class Running:
    port: int
    base: Path
    token: Token | None

    def send(self, raw: bytes, *, closing: bool = False, wait: float = 2.0) -> Reply:
        """The answer to raw bytes. closing: say after them that nothing more comes. Status 0: closed without one."""
        started = time.perf_counter()
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as connection:
            try:
                connection.sendall(raw)
                if closing:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # the server has already said what it thinks of it
            got = received(connection)
        return parsed(got, time.perf_counter() - started)

    def ask(
        self, path: str = "/queue", *, method: str = "GET", body: bytes = b"", host: str | None = None, **headers: str
    ) -> Reply:
        """The answer to a well-formed request; `_` in names of headers stands for `-`."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{self.port}'}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        return self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)


def received(connection: socket.socket) -> bytes:
    """All bytes up to the end of the first answer, or of the connection."""
    got = b""
    while True:
        head, gap, body = got.partition(b"\r\n\r\n")
        if gap:
            if head.startswith(b"HTTP/1.1 101"):
                return got
            length = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), None
            )
            if length is not None and len(body) >= length:
                return got
        try:
            more = connection.recv(65536)
        except ConnectionError:
            more = b""
        if not more:
            return got
        got += more


def parsed(got: bytes, seconds: float) -> Reply:
    if not got:
        return Reply(0, {}, b"", seconds)
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return Reply(int(first.split(" ")[1]), {name.lower(): value.strip() for name, _, value in pairs}, body, seconds)


@contextmanager
def running(base: Path, *flags: str) -> Iterator[Running]:
    """A server with these flags, from its first answer to its end."""
    (base / "darkroom.toml").write_text(f"devices = {NO_WORKERS}\n", encoding="utf-8")
    arguments = ["--base-directory", str(base), "--port", "0", *flags]
    settings = read_settings(arguments, {}, base)
    places = Places(settings)
    token = access_token(settings, places)
    sockets = bind(settings)
    port = sockets[0].getsockname()[1]
    ready, over, failures = threading.Event(), threading.Event(), list[BaseException]()

    async def live() -> None:
        server = Server(settings, places, token, port, arguments)
        await server.begin(sockets)
        ready.set()
        await asyncio.to_thread(over.wait)
        await server.end()

    def run() -> None:
        try:
            asyncio.run(live())
        except BaseException as error:
            failures.append(error)
            ready.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(20)
    assert not failures, failures
    try:
        yield Running(port, base, token)
    finally:
        over.set()
        thread.join(20)
    assert not thread.is_alive() and not failures, failures
