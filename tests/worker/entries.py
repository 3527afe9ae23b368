"""What spawned workers of tests begin with."""

from __future__ import annotations

import logging
import os
import signal
import sys
from multiprocessing.connection import Connection

from darkroom.engine.registry import Registry
from darkroom.engine.results import Shown
from darkroom.engine.run import Run
from darkroom.files.names import save_next, save_place
from darkroom.worker.main import be
from darkroom.worker.settings import WorkerSettings
from tests.engine.toys import TOYS, setting, toy


def leave_at_once(code: int) -> Shown:
    os._exit(code)


def save_and_die(text: str, die: bool, run: Run) -> Shown:
    place = save_place(text, run.files.directory("output"))
    name, _ = save_next(place, text.encode(), "txt", place.counter)
    if die:
        os.kill(os.getpid(), signal.SIGKILL)
    return Shown({"files": [name]})


def speak(text: str) -> Shown:
    print(text)
    print("to stderr", file=sys.stderr)
    logging.getLogger("pack").warning("careful")
    logging.getLogger("torch.inner").info("of no interest")
    return Shown({"text": [text]})


SPECS = (
    toy("Leave", leave_at_once, [setting("code")], outputs=0, final=True),
    toy(
        "Save",
        save_and_die,
        [setting("text", "STRING"), setting("die", "BOOLEAN", default=False)],
        outputs=0,
        final=True,
        run_parameter="run",
    ),
    toy("Speak", speak, [setting("text", "STRING")], outputs=0, final=True),
)


def toys(connection: Connection, settings: WorkerSettings) -> None:
    be(connection, settings, Registry([*TOYS, *SPECS]))
