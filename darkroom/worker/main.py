"""The worker process: `main` is what a spawned process begins with.

Threads: this one runs jobs, one at a time; the reader takes in frames, so that a cancelled job knows it at once, and
ends the process when the server is gone; control answers questions; heart sends a beat each second.
"""

from __future__ import annotations

import os
import platform
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from hashlib import blake2b
from multiprocessing.connection import Connection
from typing import Any

from darkroom import worker
from darkroom.engine.execute import Executor
from darkroom.engine.registry import Registry
from darkroom.engine.running.cache import Cache
from darkroom.files.folders import Folders
from darkroom.frames.codec import encoded
from darkroom.frames.messages import Beat, FreeMemory, Hello, Ready
from darkroom.worker import resources
from darkroom.worker.answers import Answers, definitions
from darkroom.worker.brought import Brought
from darkroom.worker.disk_cache import DiskCache
from darkroom.worker.host import Host
from darkroom.worker.inbox import Inbox
from darkroom.worker.journal import Journal
from darkroom.worker.line import Line
from darkroom.worker.output import capture
from darkroom.worker.recent import Recent
from darkroom.worker.running import Runner, cache_bytes, resized
from darkroom.worker.settings import WorkerSettings
from darkroom.worker.warming import Warming, choose_device
from nodes.library import library


def main(connection: Connection, settings: WorkerSettings | Mapping[str, Any]) -> None:
    """Be a worker until the server says stop, or is gone.

    settings: also as plain fields, from a server that does not import this layer
    """
    be(connection, settings if isinstance(settings, WorkerSettings) else WorkerSettings(**settings), library())


def be(connection: Connection, settings: WorkerSettings, registry: Registry) -> None:
    """Be a worker with these node types, to which those of packs are added."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the whole group; the server decides what it means
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    choose_device(settings)
    line = Line(connection, leave)
    capture(line, settings.log_level)
    Worker(line, settings, registry).run()
    leave()  # taking down an interpreter with torch in it takes seconds


def leave() -> None:
    """End at once, whatever runs: the server said so, or is gone and nobody wants results any more."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def folders(settings: WorkerSettings) -> Folders:
    """The folders a worker works with."""
    return Folders(
        settings.base,
        models=settings.models,
        output=settings.output,
        input=settings.input,
        temp=settings.temp,
        extra_paths=settings.extra_paths,
        allow_pickle=settings.allow_pickle,
    )


def disk_cache(settings: WorkerSettings) -> DiskCache | None:
    """Where results outlive this worker; None where they shall not."""
    if settings.results is None or settings.cache == "none" or settings.results_bytes <= 0:
        return None
    return DiskCache(settings.results, settings.results_bytes)


class Worker:
    """One worker; `run` returns when the server says stop."""

    def __init__(self, line: Line, settings: WorkerSettings, registry: Registry) -> None:
        self._line = line
        self._settings = settings
        self._files = folders(settings)
        self._registry = registry
        self._disk = disk_cache(settings)
        self._cache = Cache(cache_bytes(settings, 0), self._disk)
        self._recent = Recent(self._cache, self._registry)
        self._inbox = Inbox()
        self._host = Host(line, self._inbox)
        self._stopped = threading.Event()

    def run(self) -> None:
        """Load packs, then do what comes."""
        self._line.send(Hello(os.getpid(), self._settings.device, platform.python_version()))
        _begin(self._read, "reader")
        _begin(self._beat, "heart")
        brought = self._load()
        described, failures = definitions(brought.specs, self._files)
        self._line.send(self._ready(brought, described, failures))
        _begin(lambda: self._answer(brought), "control")
        try:
            self._work(brought)
        finally:
            self._stopped.set()
            brought.close()

    def _load(self) -> Brought:
        settings = self._settings
        none_wanted = settings.disable_all_custom_nodes and not settings.whitelist
        if none_wanted or not any(any(folder.glob("*")) for folder in settings.custom_nodes):
            return Brought()  # without even importing what packs would see of us
        return worker.packing.load(self._settings, self._registry, self._files, self._host)

    def _ready(self, brought: Brought, described: list[dict[str, object]], failures: list[dict[str, str]]) -> Ready:
        return Ready(
            definitions=described,
            failures=[*brought.failures, *failures],
            packs=brought.packs,
            routes=brought.routes,
            socket=brought.socket,
            web=brought.web,
            device=resources.device_info(self._settings.device),
            versions=resources.versions(),
            digest=blake2b(
                encoded(Ready(described, web=brought.web, routes=brought.routes)), digest_size=16
            ).hexdigest(),
            on_prompt=bool(brought.on_prompt),
        )

    def _work(self, brought: Brought) -> None:
        warming = Warming(self._settings)
        runner = Runner(
            self._line,
            Executor(self._registry, self._files, self._cache),
            self._cache,
            Journal(self._files, self._settings.journals),
            self._recent,
            self._host,
            without_gradients=bool(brought.specs),
        )
        while not self._inbox.stopping:
            work = self._inbox.work.get()
            if isinstance(work, FreeMemory):
                if work.free_memory:
                    brought.forget()
                    if self._disk is not None:
                        self._disk.clear()
                if work.free_memory or work.unload_models:
                    resources.free(self._cache, everything=work.free_memory)
            elif isinstance(work, tuple):
                job, cancel = work
                warming.wait(cancel)
                resized(self._cache, self._settings)
                runner.run(job, cancel)
                self._inbox.ended(job.job, cancel)

    def _read(self) -> None:
        for message in self._line.received():
            self._inbox.take(message)

    def _beat(self) -> None:
        while not self._stopped.wait(self._settings.heartbeat_seconds):
            self._line.send(Beat(resources.resident(), resources.device_memory()))

    def _answer(self, brought: Brought) -> None:
        answers = Answers(
            self._settings.device,
            self._registry,
            self._files,
            self._cache,
            self._recent,
            brought.specs,
            brought.on_prompt,
        )
        while True:
            self._line.send(answers.to(self._inbox.questions.get()))


def _begin(target: Callable[[], None], name: str) -> None:
    threading.Thread(target=target, name=name, daemon=True).start()
