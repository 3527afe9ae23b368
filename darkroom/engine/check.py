"""Everything that is wrong with a graph, found at once and before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from darkroom.engine.checking.context import MISSING, Checking, KnownType
from darkroom.engine.checking.custom import RECEIVED_TYPES, custom_problems
from darkroom.engine.checking.facts import facts_of, propagate
from darkroom.engine.checking.links import link_problem, literal_problem, missing_problem, unused_problem
from darkroom.engine.checking.values import read_value
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.nearest import either
from darkroom.engine.order import circles, needed, sorted_by_need
from darkroom.engine.problems import Problem
from darkroom.engine.registry import Registry
from darkroom.engine.run import Files

__all__ = ["check", "facts_of"]

SHOWN_NODES = 6
"""So many nodes of a circle are named in its message."""


def check(
    graph: Graph, registry: Registry, files: Files | None = None, targets: Sequence[str] | None = None
) -> list[Problem]:
    """Every problem of the nodes that the targets need, and of node types that are unknown anywhere.

    targets: ids of nodes to run; None means all that show or save something
    files: where file choices are looked up; without it they are not checked
    Linear in nodes and links; nothing runs, and no weights are read.
    """
    checking = Checking(graph, registry, files)
    unknown = [node for node in graph if checking.type_of(node) is None]
    problems = [_unknown(checking, node) for node in unknown]
    roots = _roots(checking, targets)
    if not roots and not problems:
        return [_nothing_to_do(targets)]
    if targets is None:
        roots += [node.id for node in unknown]  # one of these may show or save something
    inside = needed(checking.sources, roots)
    wanted = [node.id for node in graph if node.id in inside]
    final = set(roots)
    for id in wanted:
        node = graph.nodes[id]
        known = checking.type_of(node)
        if known is not None:
            problems += _node_problems(checking, node, known, id in final)
    ordered, circular = sorted_by_need(wanted, checking.sources)
    problems += _circle_problems(checking, circular)
    problems += propagate(checking, [*ordered, *circular])[1]
    return problems


def _roots(checking: Checking, targets: Sequence[str] | None) -> list[str]:
    if targets is not None:
        return [id for id in dict.fromkeys(targets) if id in checking.graph.nodes]
    known = ((node.id, checking.type_of(node)) for node in checking.graph)
    return [id for id, type in known if type is not None and type.spec.final]


def _nothing_to_do(targets: Sequence[str] | None) -> Problem:
    if targets:
        came = f"{either(list(targets)[:8])} is no node of this workflow"
        return Problem("prompt_no_outputs", came, "", "choose a node that it has")
    came = "nothing in this workflow shows or saves a result"
    return Problem("prompt_no_outputs", came, "", "add a node such as Save Image or Preview Image")


def _unknown(checking: Checking, node: Node) -> Problem:
    near = checking.nearest_type(node.type)
    remedy = "install the pack that brings it, or remove the node"
    if near:
        remedy = f"perhaps {either(near)} is meant; otherwise {remedy}"
    return checking.problem(
        "invalid_prompt",
        node,
        None,
        came=f'the node type "{node.type}" is unknown',
        remedy=remedy,
        details=f"Node ID '#{node.id}'",
    )


def _node_problems(checking: Checking, node: Node, known: KnownType, is_root: bool) -> list[Problem]:
    problems: list[Problem] = []
    has_validator = known.spec.validate is not None
    judged = (known.names if known.validator_takes_all else known.validator_takes) if has_validator else None
    any_type = has_validator and RECEIVED_TYPES in known.validator_takes
    values: dict[str, Any] = {}
    inputs = node.inputs
    for given in known.inputs:
        value = inputs.get(given.name, MISSING)
        if value is MISSING:
            if given.required:
                problems.append(missing_problem(checking, node, known, given))
        elif isinstance(value, Link):
            found = link_problem(checking, node, given, value, is_root, any_type)
            if found is not None:
                problems.append(found)
        elif given.takes_literals:
            values[given.name], wrong = read_value(checking, node, given, value, judged)
            problems += wrong
        elif value is not None or given.required:
            problems.append(literal_problem(checking, node, given))
    if has_validator:
        problems += custom_problems(checking, node, known, values, is_root)
    if len(inputs) > len(values):
        problems += _unused(checking, node, known)
    return problems


def _unused(checking: Checking, node: Node, known: KnownType) -> Iterator[Problem]:
    for name, value in node.inputs.items():
        if isinstance(value, Link) and name not in known.names and not known.uses(name):
            yield unused_problem(checking, node, known, name)


def _circle_problems(checking: Checking, nodes: Collection[str]) -> Iterator[Problem]:
    for circle in circles(nodes, checking.sources):
        node = checking.graph.nodes[circle[0]]
        feeder = circle[-1]
        name = next((each for each, link in node.links() if link.source == feeder), None)
        shown = [checking.called(checking.graph.nodes[id]) for id in circle[:SHOWN_NODES]]
        more = [f"... {len(circle) - SHOWN_NODES} more"] if len(circle) > SHOWN_NODES else []
        path = " -> ".join([*shown, *more, shown[0]])
        yield checking.problem(
            "dependency_cycle",
            node,
            name,
            came=f"its own result comes back to it: {path}",
            remedy="remove one of these links",
            cycle=circle,
        )
