"""From a graph to what must be computed: data, made by pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.problems import Problem, WorkflowError
from darkroom.engine.running.binding import Kinds, Step
from darkroom.engine.spec import Specs


@dataclass(frozen=True)
class Plan:
    """The steps that the targets rest on, each after all that it may read, and what follows from them.

    An input that is computed only if asked for counts as something its node may read.
    """

    steps: tuple[Step, ...]
    targets: tuple[str, ...]

    @cached_property
    def consumers(self) -> Mapping[str, tuple[str, ...]]:
        """Which steps read a step's outputs, in plan order; a step that reads two of them stands there once."""
        found: dict[str, dict[str, None]] = {step.id: {} for step in self.steps}
        for step in self.steps:
            for field, link in step.links():
                if not field.raw:
                    found[link.source][step.id] = None
        return {id: tuple(readers) for id, readers in found.items()}

    @cached_property
    def last_reader(self) -> Mapping[str, str]:
        """After which step an output is no longer needed. Targets are absent: they are what the job is for."""
        return {id: readers[-1] for id, readers in self.consumers.items() if readers and id not in self.targets}

    @cached_property
    def lazy(self) -> Mapping[str, tuple[str, ...]]:
        """By step, the names of the wires that are computed only if it asks."""
        asked = {step.id: tuple(field.name for field, _ in step.links() if field.lazy) for step in self.steps}
        return {id: names for id, names in asked.items() if names}

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """Who goes first of ready steps: 0 final or async, 1 feeds a final one, 2 feeds such a one, 3 the rest."""
        return ranks(self.steps, self.targets)


def plan(graph: Graph, registry: Specs, targets: Sequence[str] | None = None) -> Plan:
    """Work out which nodes are needed, and in which order they depend on each other.

    targets: node ids; None means every node that shows or saves something
    Raises WorkflowError where a needed node is unknown, missing or part of a cycle, and where nothing is to be done.
    """
    return plan_with(graph, Kinds(registry), targets)


def plan_with(graph: Graph, kinds: Kinds, targets: Sequence[str] | None = None) -> Plan:
    """Like `plan`, with node types that are already worked out."""
    if targets is None:
        known = {type: kinds.find(type) for type in {node.type for node in graph}}
        final = {type for type, kind in known.items() if kind is not None and kind.spec.final}
        targets = [node.id for node in graph if node.type in final]
    if not targets:
        raise WorkflowError([_nothing_to_do()], graph.source)
    return Plan(tuple(arrange(targets, graph.nodes, kinds, source=graph.source)), tuple(dict.fromkeys(targets)))


def arrange(
    roots: Iterable[str],
    nodes: Mapping[str, Node],
    kinds: Kinds,
    *,
    known: AbstractSet[str] = frozenset(),
    source: str = "workflow",
) -> list[Step]:
    """The steps that roots rest on, each after those it may read, without those already known.

    Raises WorkflowError for an unknown node or type, and for a cycle.
    """
    ordered: list[Step] = []
    open_steps: dict[str, Step | None] = {}  # a step while those it reads are being arranged, then None
    stack = list(roots)[::-1]
    while stack:
        id = stack[-1]
        if id in open_steps:
            stack.pop()
            step = open_steps[id]
            if step is not None:
                ordered.append(step)
                open_steps[id] = None
            continue
        if id in known:
            stack.pop()
            continue
        step = open_steps[id] = _step(id, nodes, kinds, source)
        for field in step.fields:
            value = step.inputs[field.name] if field.given else None
            if type(value) is Link:
                reads = value.source
                if open_steps.get(reads) is not None:
                    raise WorkflowError([_cycle(reads, open_steps, nodes)], source)
                if reads not in nodes:
                    raise WorkflowError([_dangling(step, field.name, reads, nodes)], source)
                stack.append(reads)
    return ordered


def ranks(steps: Sequence[Step], targets: Sequence[str]) -> dict[str, int]:
    """The order of precedence among ready steps (see `Plan.ranks`); 3, the last, is left out.

    steps: each after those it reads
    """
    found: dict[str, int] = dict.fromkeys(targets, 0)
    shows = set(targets)
    for step in reversed(steps):
        final = step.kind.spec.final or step.id in shows
        rank = 0 if final or step.kind.spec.is_async else found.get(step.id, 3)
        if rank < 3:
            found[step.id] = rank
        feeds = 1 if final else 2 if found.get(step.id) == 1 else 3
        if feeds < 3:
            for _, link in step.links(strong_only=True):
                if feeds < found.get(link.source, 3):
                    found[link.source] = feeds
    return found


def _step(id: str, nodes: Mapping[str, Node], kinds: Kinds, source: str) -> Step:
    node = nodes.get(id)
    if node is None:
        problem = Problem("invalid_prompt", f"there is no node {id}", "", "choose one of the nodes of this workflow")
        raise WorkflowError([problem], source)
    kind = kinds.find(node.type)
    if kind is None:
        came = f"the node type {node.type!r} is unknown"
        remedy = "install the pack that brings it, or remove the node"
        raise WorkflowError([Problem("invalid_prompt", came, "", remedy, id, node.type, node.title)], source)
    return Step(id, node.type, node.inputs, node.is_changed, kind, kind.fields(node.inputs))


def _nothing_to_do() -> Problem:
    remedy = "add a node such as Save Image or Preview Image"
    return Problem("prompt_no_outputs", "nothing in this workflow shows or saves a result", "", remedy)


def _dangling(step: Step, name: str, reads: str, nodes: Mapping[str, Node]) -> Problem:
    title = nodes[step.id].title
    came = f"it is linked to node {reads}, which does not exist"
    remedy = "connect it to a node of this workflow"
    return Problem("bad_linked_input", came, "", remedy, step.id, step.type, title, name)


def _cycle(start: str, open_steps: Mapping[str, Step | None], nodes: Mapping[str, Node]) -> Problem:
    # On the path from `start`, each open step was reached from the open one before it (dicts keep that order).
    path = [id for id, step in open_steps.items() if step is not None]
    ring = path[path.index(start) :]
    shown = " <- ".join([*ring[:6], *(["..."] if len(ring) > 6 else []), start])
    node = nodes[start]
    remedy = "remove one of these links"
    came = f"its result is needed to compute itself ({shown})"
    return Problem("dependency_cycle", came, "", remedy, start, node.type, node.title)
