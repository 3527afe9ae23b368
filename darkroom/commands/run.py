"""`darkroom run FILE`: check a workflow, run it, and tell where its pictures are."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from darkroom.commands.exits import CANCELLED, DONE, FAILED_CHECK, FAILED_RUN
from darkroom.commands.opening import errors, folders, opened, problems_of
from darkroom.commands.report import JsonLines, Reporter
from darkroom.commands.terminal import Terminal
from darkroom.engine.checking.coerce import coerced
from darkroom.engine.execute import Executor
from darkroom.engine.read import Loaded
from darkroom.engine.registry import Registry
from darkroom.engine.running.cache import Cache
from darkroom.engine.running.cancel import CancelToken
from darkroom.engine.running.report import Outcome
from darkroom.engine.write import to_api, to_ui
from darkroom.files.folders import Folders
from nodes.library import library

CACHE_BYTES = 4 * 1024**3
CODES = {"done": DONE, "failed": FAILED_RUN, "cancelled": CANCELLED}


def run(options: argparse.Namespace) -> int:
    """Run the workflow `--count` times over one cache; the first run that does not succeed ends it."""
    registry = library()
    files = folders(options)
    executor = Executor(registry, files, Cache(CACHE_BYTES))
    with stopped_by_signals() as cancel:
        for step in range(options.count):
            loaded = opened(options.file, registry, options.set, seed=options.seed, step=step)
            code = run_once(loaded, options, executor, cancel, registry, files)
            if code != DONE:
                return code
    return DONE


def run_once(
    loaded: Loaded,
    options: argparse.Namespace,
    executor: Executor,
    cancel: CancelToken,
    registry: Registry,
    files: Folders,
) -> int:
    """One job: its problems if it has any, else its events and the paths of what it saved."""
    reporter: Reporter = JsonLines() if options.json else Terminal(loaded.graph)
    problems = problems_of(loaded, registry, files)
    reporter.problems(options.file.name, problems)
    if errors(problems):
        return FAILED_CHECK
    graph = coerced(loaded.graph, registry)
    drawn = {"workflow": to_ui(loaded.workflow, registry)} if loaded.workflow else {}
    outcome = executor.run(graph, emit=reporter.event, cancel=cancel, extra_pnginfo=drawn, prompt=to_api(graph))
    reporter.pictures(saved_files(outcome, files))
    return CODES[outcome.outcome]


def saved_files(outcome: Outcome, files: Folders) -> list[str]:
    """Paths of everything the job saved or shows, in the order of the nodes."""
    return [
        str(files.directory(str(item.get("type", "output"))) / str(item.get("subfolder", "")) / str(item["filename"]))
        for ui in outcome.ui.values()
        for items in ui.values()
        for item in items
        if isinstance(item, Mapping) and "filename" in item
    ]


@contextmanager
def stopped_by_signals() -> Iterator[CancelToken]:
    """A token that Ctrl+C and SIGTERM cancel; the second of them ends the command at once."""
    token = CancelToken()

    def stop(number: int, frame: Any) -> None:
        if token.cancelled:
            raise KeyboardInterrupt  # no node takes this for a failure of its own
        token.cancel()

    old = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield token
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
