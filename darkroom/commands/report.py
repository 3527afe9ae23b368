"""How a job is told: as lines and a progress bar for a person, or as JSON lines for a program."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TextIO

from darkroom.engine.events import (
    Event,
    Finished,
    NodeBlocked,
    NodeCached,
    NodeFailed,
    NodeFinished,
    NodeStarted,
    Preview,
    Progress,
    Started,
    Text,
)
from darkroom.engine.graph import Graph
from darkroom.engine.problems import Problem
from tqdm import tqdm


class Reporter(Protocol):
    """Receives every event of a job, and the problems found before it."""

    def event(self, event: Event) -> None: ...
    def problems(self, source: str, problems: Iterable[Problem]) -> None: ...
    def pictures(self, paths: list[str]) -> None: ...
    def close(self) -> None: ...


def event_name(event: Event) -> str:
    """`NodeStarted` is `node_started` in JSON."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()


def plain(value: object) -> Any:
    """A value that JSON can carry: numbers that JSON lacks become text, unknown objects their type's name."""
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return f"<{type(value).__name__}>"


def problem_as_json(problem: Problem) -> dict[str, Any]:
    fields = {each.name: plain(getattr(problem, each.name)) for each in dataclasses.fields(problem)}
    return {**fields, "message": str(problem)}


class JsonLines:
    """One JSON object a line on standard output; nothing else goes there."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self.stream = stream

    def line(self, content: Mapping[str, Any]) -> None:
        print(json.dumps(content, allow_nan=False), file=self.stream, flush=True)

    def event(self, event: Event) -> None:
        if isinstance(event, Preview):
            return
        fields = {each.name: plain(getattr(event, each.name)) for each in dataclasses.fields(event)}
        self.line({"event": event_name(event), **fields})

    def problems(self, source: str, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.line({"event": "problem", "file": source, **problem_as_json(problem)})

    def pictures(self, paths: list[str]) -> None:
        self.line({"event": "saved", "paths": paths})

    def close(self) -> None:
        """Nothing is held."""


class Terminal:
    """Lines on standard error, a bar while a node counts its steps; the paths of pictures on standard output."""

    def __init__(self, graph: Graph, stream: TextIO = sys.stderr) -> None:
        self.graph = graph
        self.stream = stream
        self.bar: tqdm[Any] | None = None

    def name(self, node: str) -> str:
        """What the file calls a node: its title or type, and its id."""
        found = self.graph.nodes.get(node)
        return f"{found.title or found.type} (node {node})" if found else f"node {node}"

    def say(self, text: str) -> None:
        self.close()
        print(text, file=self.stream, flush=True)

    def event(self, event: Event) -> None:
        where = self.name(event.display_node or event.node)
        match event:
            case Progress():
                self.advance(where, event)
            case NodeFinished() if event.seconds >= 0.5:
                self.say(f"{where}: {event.seconds:.1f} s")
            case NodeCached() if event.reason:
                self.say(f"{where}: cached, {event.reason}")
            case NodeFailed():
                self.say(f"{where} failed: {event.message}")
            case NodeBlocked() if event.message:
                self.say(f"{where}: stopped, {event.message}")
            case Text():
                self.say(f"{where}: {event.text}")
            case Finished():
                self.say(f"{event.outcome} in {event.seconds:.1f} s")
            case NodeStarted() | NodeFinished() | NodeCached() | NodeBlocked() | Preview() | Started() | _:
                pass

    def advance(self, where: str, event: Progress) -> None:
        if not self.stream.isatty():
            return
        if self.bar is None or self.bar.desc != where:
            self.close()
            self.bar = tqdm(total=event.maximum, desc=where, file=self.stream, leave=False, unit="step")
            self.bar.desc = where
        self.bar.update(event.value - self.bar.n)

    def problems(self, source: str, problems: Iterable[Problem]) -> None:
        for problem in problems:
            kind = "warning" if problem.warning else "error"
            self.say(f"{source}: {kind}: {problem}")

    def pictures(self, paths: list[str]) -> None:
        self.close()
        for path in paths:
            print(path, flush=True)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None
