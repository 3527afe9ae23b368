"""How a job is told to a person: lines, and a progress bar while a node counts its steps."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, TextIO

from tqdm import tqdm

from darkroom.commands.report import problem_lines
from darkroom.engine.events import (
    FIRST_RUN,
    Event,
    Finished,
    NodeBlocked,
    NodeCached,
    NodeFailed,
    NodeFinished,
    NodeStarted,
    Progress,
    Text,
)
from darkroom.engine.graph import Graph
from darkroom.engine.problems import Problem, printable

WORTH_A_LINE_SECONDS = 0.5


class Terminal:
    """Lines on standard error, a bar while a node counts its steps; the paths of pictures on standard output."""

    def __init__(self, graph: Graph, stream: TextIO | None = None) -> None:
        self.graph = graph
        self.stream = stream or sys.stderr
        self.bar: tqdm[Any] | None = None
        self.reason = ""

    def name(self, node: str) -> str:
        """What the file calls a node: its title or type, and its id."""
        found = self.graph.nodes.get(node)
        return printable(f"{found.title or found.type} (node {node})" if found else f"node {node}")

    def say(self, text: str) -> None:
        self.close()
        print(printable(text), file=self.stream, flush=True)

    def event(self, event: Event) -> None:
        where = self.name(event.display_node or event.node)
        match event:
            case Progress():
                self.advance(where, event)
            case NodeStarted():
                self.reason = "" if event.reason == FIRST_RUN else f" ({event.reason})"
            case NodeFinished() if self.reason or event.seconds >= WORTH_A_LINE_SECONDS:
                self.say(f"{where}: {event.seconds:.1f} s{self.reason}")
            case NodeCached() if event.reason:
                self.say(f"{where}: cached, {event.reason}")
            case NodeFailed():
                # Some exceptions say one word only ("'x'" of a KeyError), which means nothing without their class.
                what = event.message if " " in event.message else f"{event.exception_type}: {event.message}"
                self.say(f"{where} failed: {what}")
            case NodeBlocked() if event.message:
                self.say(f"{where}: stopped, {event.message}")
            case Text():
                self.say(f"{where}: {event.text}")
            case Finished():
                self.say(f"{event.outcome} in {event.seconds:.1f} s")
            case _:  # previews, and nodes too quick to be worth a line
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
        for line in problem_lines(source, problems):
            self.say(line)

    def pictures(self, paths: list[str]) -> None:
        self.close()
        for path in paths:
            print(path, flush=True)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None
