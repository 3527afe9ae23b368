"""Toy nodes and helpers for tests of planning, keys, cache and execution."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from darkroom.engine.events import Event
from darkroom.engine.execute import Executor
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.results import Shown
from darkroom.engine.running.cache import Cache
from darkroom.engine.running.report import Outcome
from darkroom.engine.spec import InputSpec, NodeSpec, OutputSpec

PLENTY = 1 << 30


def wire(name: str, **options: Any) -> InputSpec:
    return InputSpec(name, "*", options={"forceInput": True, **options})


def setting(name: str, type: str = "INT", **options: Any) -> InputSpec:
    return InputSpec(name, type, options=options)


def toy(
    id: str,
    function: Callable[..., Any],
    inputs: Sequence[InputSpec] = (),
    *,
    outputs: int = 1,
    lists: Sequence[int] = (),
    **more: Any,
) -> NodeSpec:
    """A node type; `lists` says which outputs are lists."""
    slots = tuple(OutputSpec(f"out{slot}", "*", is_list=slot in lists) for slot in range(outputs))
    return NodeSpec(id, tuple(inputs), slots, function=function, **more)


def make(**nodes: tuple[str, Mapping[str, Any]] | tuple[str]) -> Graph:
    """A graph; each argument is `id=("Type", {inputs})`, where "@a" or "@a.1" is a link to node a."""
    made = {}
    for id, (kind, *rest) in nodes.items():
        made[id.lstrip("_")] = Node(
            id.lstrip("_"), kind, {name: link(each) for name, each in (rest or [{}])[0].items()}
        )
    return Graph(made)


def link(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("@"):
        source, _, slot = value[1:].partition(".")
        return Link(source, int(slot or 0))
    return value


class Disk:
    """Files that exist only here: by folder and name, a stamp."""

    allow_pickle = False

    def __init__(self, **files: str) -> None:
        self.stamps = {f"{name}.bin": stamp for name, stamp in files.items()}

    def names(self, folder: str) -> Sequence[str]:
        return sorted(self.stamps)

    def path(self, folder: str, name: str) -> Path:
        if name not in self.stamps:
            raise FileNotFoundError(f"there is no {name} in {folder}")
        return Path("/disk") / folder / name

    def stamp(self, path: Path) -> str:
        return self.stamps[path.name]

    def directory(self, kind: str) -> Path:
        return Path("/disk") / kind


class Bench:
    """An executor with its events written down."""

    def __init__(self, *specs: NodeSpec, budget: int = PLENTY, disk: Disk | None = None, guard: bool = False) -> None:
        self.registry = {spec.id: spec for spec in (*TOYS, *specs)}
        self.cache = Cache(budget)
        self.disk = disk or Disk()
        self.executor = Executor(self.registry, self.disk, self.cache, guard=guard)
        self.events: list[Event] = []

    def run(self, graph: Graph, **more: Any) -> Outcome:
        self.events = []
        return self.executor.run(graph, emit=self.events.append, **more)

    def value(self, graph: Graph, id: str, **more: Any) -> Any:
        """The value of a node's first output; a list where it is none or several."""
        outcome = self.run(graph, targets=[id], **more)
        assert outcome.outcome == "done", outcome.error
        values = outcome.outputs[id][0]
        return values[0] if len(values) == 1 else values

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if type(event) is kind]


TOYS = (
    toy("Number", lambda value: value, [setting("value", default=1)]),
    toy("Add", lambda a, b: a + b, [wire("a"), setting("b", default=1)]),
    toy("Sum", lambda a, b: a + b, [wire("a"), wire("b")]),
    toy("Range", lambda count: (list(range(count)), count), [setting("count", default=3)], outputs=2, lists=[0]),
    toy("Total", lambda values: sum(values), [wire("values")], input_is_list=True),
    toy("Show", lambda value: Shown({"text": [value]}), [wire("value")], outputs=0, final=True),
)
