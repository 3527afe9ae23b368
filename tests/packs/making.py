"""Packs written into a folder, loaded, and run."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from darkroom.engine.check import check
from darkroom.engine.checking.coerce import coerced
from darkroom.engine.events import Event
from darkroom.engine.execute import Executor
from darkroom.engine.problems import Problem
from darkroom.engine.read_api import parse_api
from darkroom.engine.registry import Registry
from darkroom.engine.running.cache import Cache
from darkroom.engine.running.report import Outcome
from darkroom.files.folders import Folders
from darkroom.packs import aliases
from darkroom.packs.host import QuietHost
from darkroom.packs.loading import Loaded, load_packs
from darkroom.packs.shims import nodes as nodes_shim
from nodes.library import library

PLENTY = 1 << 30
GOLDEN = Path(__file__).parents[1] / "data" / "golden"


@dataclass
class Bench:
    """Loaded packs with our nodes, an executor and what it told."""

    loaded: Loaded
    registry: Registry
    files: Folders
    host: QuietHost
    cache: Cache
    events: list[Event] = field(default_factory=list)

    def problems(self, prompt: Mapping[str, Any]) -> list[Problem]:
        graph, problems = parse_api(prompt)
        return problems or check(coerced(graph, self.registry), self.registry, self.files)

    def run(self, prompt: Mapping[str, Any], on_event: Callable[[Event], None] | None = None, **more: Any) -> Outcome:
        self.events = []
        emit = self.events.append if on_event is None else on_event
        graph, problems = parse_api(prompt)
        assert not problems, problems
        prompt = json.loads(json.dumps(prompt))
        more = {"prompt": prompt, "cancel": self.host.cancel, **more}
        return self.executor.run(coerced(graph, self.registry), emit=emit, **more)

    def __post_init__(self) -> None:
        self.executor = Executor(self.registry, self.files, self.cache)

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if type(event) is kind]

    def ran(self) -> list[str]:
        return [event.node for event in self.events if type(event).__name__ == "NodeStarted"]


@contextmanager
def loaded(
    *folders: Path, base: Path, budget: int = PLENTY, host: QuietHost | None = None, **more: Any
) -> Iterator[Bench]:
    """Packs of these folders, loaded until the end of the block."""
    files = Folders(base)
    host = host or QuietHost()
    search_path = list(sys.path)  # packs add to it
    try:
        packs = load_packs(folders, library(), files=files, host=host, **more)
        registry = Registry([*library(), *packs.specs])
        yield Bench(packs, registry, files, host, Cache(budget))
    finally:
        aliases.uninstall()
        nodes_shim.end()
        sys.path[:] = search_path


def write_pack(folder: Path, name: str, source: str) -> Path:
    """A pack in one file of a folder; the head that all need is added."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(textwrap.dedent(source))
    return folder


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def texts(outcome: Outcome) -> dict[str, Any]:
    """What each node shows as text."""
    assert outcome.outcome == "done", outcome.error
    return {id: shown["text"] for id, shown in outcome.ui.items()}
