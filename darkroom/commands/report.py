"""How a job and its problems are told: to a program as JSON lines, to a person as text (see `terminal`)."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, TextIO

from darkroom.engine.events import Event, Preview
from darkroom.engine.problems import Problem, printable

SHOWN_OF_A_KIND = 100
"""A person reads no more than this of one kind of problem; `--json` gives them all."""


class Reporter(Protocol):
    """Receives every event of a job, and the problems found before it."""

    def event(self, event: Event) -> None: ...
    def problems(self, source: str, problems: Iterable[Problem]) -> None: ...
    def pictures(self, paths: list[str]) -> None: ...


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

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout

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


def problem_lines(source: str, problems: Iterable[Problem]) -> Iterator[str]:
    """Each problem as a person reads it; of very many of one kind, the first ones and how many more there are."""
    counts: Counter[str] = Counter()
    for problem in problems:
        counts[problem.type] += 1
        if counts[problem.type] <= SHOWN_OF_A_KIND:
            yield printable(f"{source}: {'warning' if problem.warning else 'error'}: {problem}")
    for kind, count in counts.items():
        if count > SHOWN_OF_A_KIND:
            yield printable(f"{source}: and {count - SHOWN_OF_A_KIND} more like these ({kind.replace('_', ' ')})")
