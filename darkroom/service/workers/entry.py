"""The first code of a worker process: tie it to the server's life, then call its real main function by name."""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import sys
from multiprocessing.connection import Connection
from typing import Any

PR_SET_PDEATHSIG = 1


def enter(target: str, connection: Connection, settings: Any, server: int) -> None:
    """Run `target` ("package.module:function") with the pipe and its settings. server: the pid of the server.

    The process leads a group of its own: a Ctrl-C in the terminal reaches the server only, which stops us in order,
    and whatever a node starts can be ended with us.
    """
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(1)  # the server died before it could take us along
    module, _, function = target.partition(":")
    getattr(importlib.import_module(module), function)(connection, settings)
