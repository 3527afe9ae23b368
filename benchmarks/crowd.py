"""Clients that are connected to a server and read all they are sent, in a process of their own."""

from __future__ import annotations

import multiprocessing
import selectors
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import websocket

LARGEST_READ = 2**16


def read_all(port: int, count: int, told: Connection) -> None:
    """Connect so many clients, say that they are there, and throw away what comes, for ever."""
    url = f"ws://127.0.0.1:{port}/ws?clientId=crowd"
    clients = [websocket.create_connection(f"{url}{number}", timeout=60) for number in range(count)]
    ready = selectors.DefaultSelector()
    for client in clients:
        ready.register(client.sock, selectors.EVENT_READ)
    told.send(count)
    while True:
        for key, _ in ready.select():
            if not key.fileobj.recv(LARGEST_READ):  # type: ignore[union-attr]
                ready.unregister(key.fileobj)


@contextmanager
def crowd(port: int, count: int) -> Iterator[None]:
    """So many clients that read, for the body of the `with`."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=read_all, args=(port, count, theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(60):
            raise RuntimeError(f"{count} clients could not connect within a minute")
        ours.recv()
        yield
    finally:
        process.terminate()
        process.join()
