"""Facts: what is known of every output before anything runs, carried along the links."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from darkroom.engine.checking.coerce import UNFIT
from darkroom.engine.checking.context import MISSING, Checking, KnownInput, KnownType
from darkroom.engine.checking.values import read_value
from darkroom.engine.choices import picked
from darkroom.engine.facts import Facts, Trouble
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.order import sorted_by_need
from darkroom.engine.problems import Problem
from darkroom.engine.registry import Registry
from darkroom.engine.run import Files
from darkroom.engine.spec import FILES, FileChoice, NodeSpec

NodeFacts = Mapping[str, tuple[Facts, ...]]


def facts_of(graph: Graph, registry: Registry, files: Files | None) -> dict[str, tuple[Facts, ...]]:
    """What is known of the outputs of each node, by its id; nothing runs, and no weights are read.

    Every node of a known type has one Facts for each output. What is unknown, wrong or on a circle is left unsaid.
    """
    checking = Checking(graph, registry, files)
    ordered, circular = sorted_by_need(graph.nodes, checking.sources)
    return propagate(checking, [*ordered, *circular])[0]


def propagate(checking: Checking, ordered: Iterable[str]) -> tuple[dict[str, tuple[Facts, ...]], list[Problem]]:
    """Facts of the given nodes, and what their facts and troubles functions find.

    ordered: each node after those it takes values from; facts of what comes later count as unknown
    """
    facts: dict[str, tuple[Facts, ...]] = {}
    problems: list[Problem] = []
    plain: dict[str, tuple[Facts, ...]] = {}
    for id in ordered:
        node = checking.graph.nodes[id]
        known = checking.type_of(node)
        if known is None:
            continue
        if node.type not in plain:
            plain[node.type] = tuple(Facts(type=_tag(each.type)) for each in known.spec.outputs)
        facts[id] = plain[node.type]
        if known.spec.facts is None and known.spec.troubles is None:
            continue
        given = _known_inputs(checking, node, known, facts)
        if known.spec.facts is not None:
            facts[id] = _outputs(checking, node, known.spec, given, plain[node.type], problems)
        if known.spec.troubles is not None:
            problems += _troubles(checking, node, known.spec, given)
    return facts, problems


def _tag(type: str | tuple[Any, ...]) -> str | None:
    return (None if type == "*" else type) if isinstance(type, str) else "COMBO"


def _known_inputs(checking: Checking, node: Node, known: KnownType, facts: NodeFacts) -> dict[str, Any]:
    """Wires as Facts, settings as values, file choices as paths; what is unknown or wrong is left out."""
    found: dict[str, Any] = {}
    for given in known.inputs:
        value = node.inputs.get(given.name, MISSING)
        if value is MISSING:
            if given.required or not given.spec.has_default:
                continue
            value = given.spec.options["default"]
        if isinstance(value, Link):
            value = _linked(value, given, facts)
        elif not given.takes_values:
            value = Facts(value=value)
        if given.takes_values and value is not MISSING:
            value = _setting(checking, node, given, value)
        if value is not MISSING:
            found[given.name] = value
        if given.spec.mentions is not None and checking.files is not None:
            found[FILES] = checking.files
    return found


def _linked(link: Link, given: KnownInput, facts: NodeFacts) -> Any:
    """The facts of a linked output; of a setting, the value itself where it is known."""
    outputs = facts.get(link.source, ())
    if not 0 <= link.slot < len(outputs):
        return MISSING
    linked = outputs[link.slot]
    if not given.takes_values:
        return linked
    return MISSING if linked.value is None else linked.value


def _setting(checking: Checking, node: Node, given: KnownInput, value: Any) -> Any:
    value, wrong = read_value(checking, node, given, value, None)
    if wrong:
        return MISSING
    choice = given.spec.choices
    if not isinstance(choice, FileChoice):
        return value
    if checking.files is None:
        return MISSING
    try:
        return picked(choice, value, checking.files)
    except (*UNFIT, OSError):
        return MISSING


def _outputs(
    checking: Checking,
    node: Node,
    spec: NodeSpec,
    given: Mapping[str, Any],
    plain: tuple[Facts, ...],
    problems: list[Problem],
) -> tuple[Facts, ...]:
    assert spec.facts is not None
    try:
        found: object = spec.facts(given)
    except Exception as error:
        problems.append(_failed(checking, node, spec.facts, f"{type(error).__name__}: {error}"))
        return plain
    if not isinstance(found, tuple | list) or len(found) != len(plain) or {each.__class__ for each in found} - {Facts}:
        what = f"it gave {len(found)}" if isinstance(found, tuple | list) else f"it gave {found!r}"
        problems.append(
            _failed(checking, node, spec.facts, f"{what} where a Facts for each of {len(plain)} outputs fits")
        )
        return plain
    return tuple(
        dataclasses.replace(each, type=known.type) if each.type is None and known.type is not None else each
        for each, known in zip(found, plain, strict=True)
    )


def _troubles(checking: Checking, node: Node, spec: NodeSpec, given: Mapping[str, Any]) -> list[Problem]:
    assert spec.troubles is not None
    try:
        return [_problem(checking, node, trouble) for trouble in spec.troubles(given)]
    except Exception as error:
        return [_failed(checking, node, spec.troubles, f"{type(error).__name__}: {error}")]


def _problem(checking: Checking, node: Node, trouble: Trouble) -> Problem:
    return checking.problem(
        trouble.type,
        node,
        trouble.input,
        came=trouble.came,
        wanted=trouble.wanted,
        remedy=trouble.remedy,
        warning=trouble.warning,
        details=f"{trouble.input} - {trouble.came}" if trouble.input else trouble.came,
    )


def _failed(checking: Checking, node: Node, function: object, what: str) -> Problem:
    name = getattr(function, "__qualname__", repr(function))
    module = getattr(function, "__module__", "")
    return checking.problem(
        "facts_failed",
        node,
        None,
        came=f"{module}.{name}, which foretells its outputs, failed ({what})",
        remedy="the graph can run; tell the author of the node",
        warning=True,
    )
