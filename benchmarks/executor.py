"""What the executor itself costs: chains of trivial nodes, cold and all cached.

    python -m benchmarks.executor

Times are CPU seconds of the one thread that runs the job (it never waits), so that other work on the machine counts
little; of several runs the fastest counts.
"""

from __future__ import annotations

import gc
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import Row, finish
from darkroom.engine.execute import Executor
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.results import Shown
from darkroom.engine.running.cache import Cache
from darkroom.engine.spec import InputSpec, NodeSpec, OutputSpec

NUMBER = (OutputSpec("number", "INT"),)
SPECS = {
    spec.id: spec
    for spec in (
        NodeSpec("Number", (InputSpec("value", "INT", options={"default": 1}),), NUMBER, function=lambda value: value),
        NodeSpec(
            "Add",
            (InputSpec("a", "INT", options={"forceInput": True}), InputSpec("b", "INT", options={"default": 0})),
            NUMBER,
            function=lambda a, b: a + b,
        ),
        NodeSpec("Show", (InputSpec("value", "*"),), final=True, function=lambda value: Shown({"text": [value]})),
    )
}


class NoFiles:
    """A disk without files: these nodes choose none."""

    allow_pickle = False

    def names(self, folder: str) -> list[str]:
        return []

    def path(self, folder: str, name: str) -> Path:
        raise FileNotFoundError(name)

    def stamp(self, path: Path) -> str:
        raise FileNotFoundError(path)

    def directory(self, kind: str) -> Path:
        raise FileNotFoundError(kind)


class Cost(NamedTuple):
    """Microseconds per node."""

    cold: float
    cached: float


def chain(length: int) -> Graph:
    """A number, additions in a row, and a node that shows the last."""
    nodes = {"0": Node("0", "Number", {"value": 1})}
    for index in range(1, length - 1):
        nodes[str(index)] = Node(str(index), "Add", {"a": Link(str(index - 1), 0), "b": index % 7})
    nodes[str(length - 1)] = Node(str(length - 1), "Show", {"value": Link(str(length - 2), 0)})
    return Graph(nodes)


def measure(length: int, repeats: int) -> Cost:
    """Run a chain cold and then cached, a number of times, each time with an empty cache."""
    graph = chain(length)
    cold, cached = [], []
    for _ in range(repeats):
        executor = Executor(SPECS, NoFiles(), Cache(1 << 32))
        gc.collect()
        began = time.thread_time()
        first = executor.run(graph, emit=lambda event: None)
        between = time.thread_time()
        second = executor.run(graph, emit=lambda event: None)
        ended = time.thread_time()
        if len(first.ran) != length or len(second.cached) != length or second.ran:
            raise RuntimeError(f"the chain did not run as it should: {first.error} {second.error}")
        cold.append(between - began)
        cached.append(ended - between)
    return Cost(min(cold) / length * 1e6, min(cached) / length * 1e6)


def main() -> None:
    short, long = measure(1_000, 20), measure(100_000, 2)
    rows = [
        Row("executor, chain of 1,000 trivial nodes, cold, per node", 50, short.cold, "us"),
        Row("executor, chain of 1,000 trivial nodes, all cached, per node", 10, short.cached, "us"),
        Row("executor, per node at 100,000 over at 1,000, cold", 2, long.cold / short.cold),
        Row("executor, per node at 100,000 over at 1,000, all cached", 2, long.cached / short.cached),
    ]
    finish(rows, "python -m benchmarks.executor")


if __name__ == "__main__":
    main()
