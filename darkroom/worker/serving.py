"""The HTTP routes of packs, on a socket that only this user can reach; the server forwards requests to it."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from pathlib import Path

from aiohttp import web

SOCKET = "routes.sock"


class PackRoutes:
    """Serves an application in a thread of its own until the process ends. path: of the socket, which is there."""

    def __init__(self, app: web.Application) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="darkroom-", ignore_cleanup_errors=True)
        self.path = Path(self._folder.name) / SOCKET
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._failed: BaseException | None = None
        ready = threading.Event()
        threading.Thread(target=self._serve, args=(ready,), name="routes of packs", daemon=True).start()
        ready.wait()
        if self._failed is not None:
            raise self._failed

    def close(self) -> None:
        """Remove the socket; open requests are not waited for."""
        self._folder.cleanup()

    def _serve(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._start())
        except BaseException as error:
            self._failed = error
            return
        finally:
            ready.set()
        self._loop.run_forever()

    async def _start(self) -> None:
        runner = web.AppRunner(self._app, access_log=None)
        await runner.setup()
        await web.UnixSite(runner, str(self.path)).start()
