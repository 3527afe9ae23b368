"""`darkroom serve` and `server.py`: put the parts of a server together, run them, and take them down in order."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import socket
import ssl
import sys
import webbrowser
from collections.abc import Sequence
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from darkroom.commands.exits import DONE, FAILED_RUN, USAGE, Stop
from darkroom.commands.memory import give_large_memory_back
from darkroom.commands.opening import REPOSITORY
from darkroom.commands.serve_parts import BACKLOG, Places, Temp, bind, facts, packs_digest, tls, urls, worker_settings
from darkroom.engine.problems import printable
from darkroom.frames.messages import LogLine
from darkroom.service.catalogue import PackCatalogue
from darkroom.service.contracts import JobStore, Service
from darkroom.service.http.app import build_app
from darkroom.service.http.pack_proxy import PackProxy
from darkroom.service.http.routes import ROUTES
from darkroom.service.http.system import features
from darkroom.service.jobs.rows import Retention, StoreBroken
from darkroom.service.jobs.store import Store, default_url
from darkroom.service.observe import metrics
from darkroom.service.observe.counted import CountedStore
from darkroom.service.observe.logs import start_logging
from darkroom.service.observe.requests import counted
from darkroom.service.observe.sanitise import SECRETS
from darkroom.service.routes_files import static, table
from darkroom.service.security.addresses import is_exposed
from darkroom.service.security.chain import install, middlewares
from darkroom.service.security.protocol import Bounds, Runner
from darkroom.service.security.token import Token, token_of
from darkroom.service.settings.sources import SettingsError, read_settings
from darkroom.service.settings.table import Settings
from darkroom.service.socket.hub import SocketHub
from darkroom.service.workers.leftovers import Leftovers
from darkroom.service.workers.options import Options
from darkroom.service.workers.pool import Pool
from darkroom.service.workers.process import Spawned
from nodes.library import library

log = logging.getLogger(__name__)

WORKER = "darkroom.worker.main:main"
SHUTDOWN_SECONDS = 2.0
QUICK_TEST_SECONDS = 300.0
SAME_SIGNAL_SECONDS = 0.3


def main(arguments: Sequence[str], prog: str = "server.py") -> int:
    """Serve until a signal comes; returns an exit code of `commands.exits`."""
    try:
        return served(arguments, prog)
    except Stop as stop:
        print(printable(f"{prog}: {SECRETS.scrubbed(str(stop))}"), file=sys.stderr)
        return stop.code


def serve(options: argparse.Namespace) -> int:
    """`darkroom serve`."""
    return served(options.arguments, "darkroom serve")


def served(arguments: Sequence[str], prog: str) -> int:
    """Read the settings, then run the server. Raises Stop where it cannot begin."""
    give_large_memory_back()
    try:
        settings = read_settings(arguments, os.environ, REPOSITORY, prog)
    except SettingsError as error:
        raise Stop(USAGE, str(error)) from error
    start_logging(settings.level, settings.log_format, stream=sys.stdout if settings.log_stdout else sys.stderr)
    if settings.token:
        SECRETS.add(settings.token)
    if settings.ignored:
        log.warning("these flags of ComfyUI do nothing here: %s", ", ".join(settings.ignored))
    if settings.cuda_device:
        os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(settings.cuda_device)
    places = Places(settings)
    token = access_token(settings, places)
    context = tls(settings)
    sockets = bind(settings)
    port = sockets[0].getsockname()[1]
    try:
        return asyncio.run(live(settings, places, token, port, arguments, sockets, context))
    except StoreBroken as error:
        raise Stop(USAGE, f"the queue of jobs: {error}") from error


async def live(
    settings: Settings,
    places: Places,
    token: Token | None,
    port: int,
    arguments: Sequence[str],
    sockets: Sequence[socket.socket],
    context: ssl.SSLContext | None,
) -> int:
    """A server's life, within the loop that its parts are made for."""
    return await Server(settings, places, token, port, arguments).run(sockets, context)


def access_token(settings: Settings, places: Places) -> Token | None:
    """The token that clients need; None where none is needed. Raises Stop where it cannot be kept."""
    is_needed = settings.token is not None or is_exposed(settings)
    if settings.no_token or not is_needed:
        if settings.no_token and is_exposed(settings):
            log.warning("--no-token: everybody who reaches this server can use it, and run what its nodes can run")
        return None
    try:
        token = token_of(places.token, settings.token)
    except OSError as error:
        raise Stop(
            USAGE,
            f"{places.token}: the access token cannot be kept there ({error}); make the folder writable, or start with "
            "--no-token if everybody may use this server",
        ) from error
    SECRETS.add(token.text)
    SECRETS.add(token.cookie)
    return token


class Server:
    """All parts of one server, from `begin` to `end`, both of which `run` calls. To be made within its event loop."""

    def __init__(
        self, settings: Settings, places: Places, token: Token | None, port: int, arguments: Sequence[str]
    ) -> None:
        self._settings, self._places, self._token, self._port = settings, places, token, port
        self._stopping = asyncio.Event()
        self._signalled_at = 0.0
        self._opened = asyncio.Event()
        self._metrics = metrics.Metrics()
        self._temp = Temp(places.temp)
        self._store = self._make_store()
        self._hub = SocketHub(settings.limits, features(settings.limits))
        self._pool = self._make_pool()
        self._proxy = PackProxy(self._pool, settings.limits.upload_bytes)
        bounds = Bounds(settings.max_connections, settings.header_seconds, settings.keepalive_seconds)
        self._runner = Runner(self._make_app(arguments), bounds, shutdown_seconds=SHUTDOWN_SECONDS)

    async def run(self, sockets: Sequence[socket.socket], context: ssl.SSLContext | None) -> int:
        """Be a server until a signal comes; returns an exit code."""
        self._watch_signals()
        await self.begin(sockets, context)
        self._greet()
        code = await self._until_stopped()
        await self.end()
        return code

    async def begin(self, sockets: Sequence[socket.socket], context: ssl.SSLContext | None = None) -> None:
        """Listen, open the queue, start workers. Raises StoreBroken."""
        opening = asyncio.create_task(self._store.open())
        await self._runner.setup()
        for each in sockets:
            await web.SockSite(self._runner, each, ssl_context=context, backlog=BACKLOG).start()
        try:
            taken = await opening
        except BaseException:
            await self._runner.cleanup()
            raise
        if taken:
            log.info("%d jobs that ran when the server stopped were taken back", len(taken))
        await asyncio.to_thread(self._temp.begin)
        await self._pool.start()
        self._tidying = asyncio.create_task(self._keep_tidy())
        self._opened.set()

    async def end(self) -> None:
        """First nobody new, then the workers, then the queue, which has to note what they leave."""
        log.info("the server stops")
        for site in list(self._runner.sites):
            await site.stop()
        self._tidying.cancel()
        await self._pool.stop()
        await self._hub.close()
        await self._proxy.close()
        await self._runner.cleanup()
        await self._store.close()
        await asyncio.to_thread(self._temp.end)

    async def _until_stopped(self) -> int:
        if not self._settings.quick_test_for_ci:
            await self._stopping.wait()
            return DONE
        ready = asyncio.create_task(self._pool.ready(QUICK_TEST_SECONDS))
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait((ready, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        return DONE if ready.done() and ready.result() else FAILED_RUN

    def _make_store(self) -> Store:
        settings = self._settings
        self._places.user.mkdir(parents=True, exist_ok=True)
        return Store(
            settings.database or default_url(self._places.user),
            settings.name or f"{socket.gethostname()}:{self._port}",
            retention=Retention(settings.retention_jobs, settings.retention),
        )

    def _make_pool(self) -> Pool:
        settings = self._settings
        options = Options(
            heartbeat_timeout=settings.heartbeat_timeout,
            lease_seconds=settings.lease_seconds,
            preview=settings.preview_method,
            preview_size=settings.preview_size,
            metadata=not settings.disable_metadata,
        )
        devices = {worker_name(device, place): device for place, device in enumerate(settings.devices)}

        def spawn(name: str) -> Spawned:
            return Spawned(WORKER, worker_settings(settings, self._places, devices[name]), name)

        counted_store = cast(JobStore, CountedStore(self._store, self._metrics))
        return Pool(counted_store, self._hub, spawn, list(devices), options, log_line=log_of_worker)

    def _make_app(self, arguments: Sequence[str]) -> web.Application:
        settings, places = self._settings, self._places
        known = facts(settings, places, arguments)
        digest = packs_digest(known.custom_nodes, settings)
        catalogue = PackCatalogue(library(), self._pool, places.definitions, digest)
        service = Service(known, self._store, self._pool, self._hub, catalogue)
        guards = middlewares(settings, self._token, self._port)
        before = [counted(self._metrics), *guards, self._once_open(), self._proxy.middleware]
        app = build_app(service, [*ROUTES, *metrics.ROUTES, *table.ROUTES, *static.ROUTES], before)
        app[metrics.METRICS] = self._metrics
        install(app, settings)
        return app

    async def _keep_tidy(self) -> None:
        files = self._places.files
        output, temp, uploads = (files.directory(kind) for kind in ("output", "temp", "input"))
        leftovers = Leftovers(cast(JobStore, self._store), self._places.journals, [output, temp])
        await leftovers.keep_tidy([output, uploads, self._places.user])

    def _once_open(self) -> Middleware:
        """Requests that come while the queue is still being opened wait for it."""

        @web.middleware
        async def wait(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not self._opened.is_set():
                await self._opened.wait()
            return await handler(request)

        return wait

    def _watch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, self._signalled, each)

    def _signalled(self, number: signal.Signals) -> None:
        """The first one stops in order; whoever sends a second one does not want to wait. Workers end with us."""
        now = asyncio.get_running_loop().time()
        # Some tools send one signal to the process and the same one to its group.
        if self._stopping.is_set() and now - self._signalled_at > SAME_SIGNAL_SECONDS:
            os._exit(128 + number)
        if not self._stopping.is_set():
            self._signalled_at = now
            self._stopping.set()

    def _greet(self) -> None:
        """Say where the server is. A new token is shown once, here, and never in the log."""
        found = urls(self._settings, self._port)
        outside = next((url for url in found if "//127." not in url and "//[::1]" not in url), found[0])
        if not self._settings.dont_print_server:
            print("To see the editor, open: " + "  ".join(f"{url}/" for url in found), flush=True)
        if self._token is not None and self._token.is_new and self._settings.token is None:
            print(f"Open this link once, it carries the access token: {outside}/?token={self._token.text}", flush=True)
        elif self._token is not None:
            print(f"The access token is in {self._places.token}", flush=True)
        if self._settings.auto_launch and not self._settings.disable_auto_launch and has_screen():
            opened = f"{found[0]}/" + (f"?token={self._token.text}" if self._token else "")
            asyncio.get_running_loop().run_in_executor(None, webbrowser.open, opened)


def has_screen() -> bool:
    """Whether a browser would show on a screen here; a terminal's own browser would take the terminal."""
    return sys.platform in ("win32", "darwin") or any(os.environ.get(each) for each in ("DISPLAY", "WAYLAND_DISPLAY"))


def worker_name(device: str, place: int) -> str:
    """Of the worker of a device; two workers of one device have different names."""
    return f"{device}#{place}" if place else device


def log_of_worker(name: str, line: LogLine) -> None:
    """What nodes print, as lines of our log."""
    level = logging.getLevelNamesMapping().get(line.level, logging.INFO)
    for text in line.text.splitlines():
        if text.strip():
            logging.getLogger(f"worker.{name}").log(level, "%s", text)
