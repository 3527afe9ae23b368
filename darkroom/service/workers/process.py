"""A worker process with its pipe: frames are sent and received by threads, so that a stuck worker holds nothing up."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import multiprocessing
import os
import queue
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from darkroom.frames.codec import decoded, encoded
from darkroom.frames.messages import Message
from darkroom.service.workers.entry import enter

FRAMES_AT_ONCE = 200
"""So many messages are handled before the loop may do something else."""
BACKLOG = 5_000
"""A worker that talks faster than the loop can follow waits from here on."""

Receive = Callable[[Message], None]
Gone = Callable[[int | None, str], None]


class WorkerProcess(Protocol):
    """A worker as its seat sees it; `start` is called once, in the event loop, and returns at once."""

    @property
    def pid(self) -> int | None: ...

    def start(self, receive: Receive, gone: Gone) -> None:
        """Begin. receive: gets every message, in the loop. gone: called last and once, with the exit code (negative for
        a signal, None if it never began) and words where more is known."""
        ...

    def send(self, message: Message) -> None:
        """Hand over a message without waiting; nothing happens if the worker is gone."""
        ...

    def kill(self) -> None: ...


class Spawned:
    """A process of Python's "spawn" kind. target: "package.module:function", called with (connection, settings).

    settings: anything that can be pickled

    Three threads: one starts the process and waits for its end (the kernel ties the child to the thread that started
    it), one reads, one writes.
    """

    def __init__(self, target: str, settings: Any, name: str) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._ours, theirs = self._context.Pipe()
        self._process = self._context.Process(target=enter, args=(target, theirs, settings, os.getpid()), name=name)
        self._theirs = theirs
        self._lock = threading.Lock()
        self._name = name
        self._out: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._in: deque[Message] = deque()
        self._room = threading.Event()
        self._room.set()
        self._scheduled = False
        self._nonsense = ""
        self._ended = False
        self._killed = False

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def start(self, receive: Receive, gone: Gone) -> None:
        self._loop = asyncio.get_running_loop()
        self._receive, self._gone = receive, gone
        threading.Thread(target=self._live, name=f"{self._name} life", daemon=True).start()

    def send(self, message: Message) -> None:
        if not self._ended:
            self._out.put(encoded(message))

    def kill(self) -> None:
        """End the process and what it started."""
        with self._lock:
            self._killed = True
            if self._process.pid is not None and not self._ended:
                _end_group(self._process.pid)

    def _live(self) -> None:
        """The life thread."""
        try:
            self._process.start()
        except Exception as error:
            self._ours.close()
            self._call(partial(self._gone, None, f"could not be started: {error}"))
            return
        finally:
            self._theirs.close()
        pid = self._process.pid
        assert pid is not None
        atexit.register(self.kill)  # before multiprocessing waits for its children
        if self._killed:
            self.kill()
        reader = threading.Thread(target=self._read, name=f"{self._name} reader", daemon=True)
        writer = threading.Thread(target=self._write, name=f"{self._name} writer", daemon=True)
        reader.start()
        writer.start()
        exit_code = self._await_end(pid)
        atexit.unregister(self.kill)
        with socket.socket(fileno=os.dup(self._ours.fileno())) as pipe, contextlib.suppress(OSError):
            pipe.shutdown(socket.SHUT_RDWR)  # a process that outlived the worker may hold its end open
        self._out.put(None)
        reader.join()
        writer.join()
        self._ours.close()
        self._call(partial(self._leave, exit_code))

    def _await_end(self, pid: int) -> int | None:
        """Wait until the process ends, end what it left behind, and only then give its pid free."""
        with contextlib.suppress(ChildProcessError):  # the start of another process may have reaped it
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            self._ended = True
            _end_group(pid)
        self._process.join()
        while self._process.exitcode is None:
            time.sleep(0.001)  # whoever reaped it is about to note its exit code
        return self._process.exitcode

    def _read(self) -> None:
        """The reader thread."""
        while True:
            try:
                message = decoded(self._ours.recv_bytes())
            except (EOFError, OSError):
                return
            except ValueError as error:
                self._nonsense = f"it sent {error}"
                self.kill()
                return
            self._in.append(message)
            if not self._scheduled:
                self._scheduled = True
                if not self._call(self._drain):
                    return
            if len(self._in) > BACKLOG:
                self._room.clear()
                if len(self._in) > BACKLOG:
                    self._room.wait()

    def _write(self) -> None:
        """The writer thread."""
        while (frame := self._out.get()) is not None:
            try:
                self._ours.send_bytes(frame)
            except OSError:
                return

    def _drain(self) -> None:
        self._scheduled = False
        for _ in range(FRAMES_AT_ONCE):
            if not self._in:
                break
            self._receive(self._in.popleft())
        if self._in and not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._drain)
        if len(self._in) <= BACKLOG:
            self._room.set()

    def _leave(self, exit_code: int | None) -> None:
        while self._in:
            self._receive(self._in.popleft())
        self._gone(exit_code, self._nonsense)

    def _call(self, callback: Callable[[], None]) -> bool:
        try:
            self._loop.call_soon_threadsafe(callback)
        except RuntimeError:  # the loop is closed: the server ends
            self.kill()
            return False
        return True


def _end_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)  # it may not lead a group yet
