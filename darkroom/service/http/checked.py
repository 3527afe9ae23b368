"""A posted graph, read and checked: here, and in a worker where a pack's own validator has a say."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from darkroom.engine.check import check
from darkroom.engine.checking.coerce import coerced
from darkroom.engine.checking.context import Checking
from darkroom.engine.choices import listed
from darkroom.engine.graph import Graph
from darkroom.engine.object_info import input_config
from darkroom.engine.order import needed
from darkroom.engine.problems import Problem
from darkroom.engine.registry import Registry
from darkroom.engine.run import Files
from darkroom.engine.write import to_api
from darkroom.frames.messages import Answer
from darkroom.frames.report import problem_from_json
from darkroom.service.contracts import Limits, Refused, Service, WorkerGone
from darkroom.service.http import reports
from darkroom.service.http.submission import Drawn, drawn

log = logging.getLogger(__name__)

SMALL = 300
"""Graphs of more nodes are read and checked in a thread, so that the loop answers others meanwhile."""

RESTART_SECONDS = 30.0
"""So long a check waits for a worker that is being started."""

CHECK_SECONDS = 20.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found. outputs: ids of the nodes whose results are asked for; problems: warnings too."""

    drawn: Drawn
    outputs: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """prompt: API JSON in the types of its inputs; targets: the outputs that can run

    nodes: errors by node; refused: the error of a prompt of which nothing can run
    """

    prompt: Mapping[str, Any]
    targets: tuple[str, ...]
    nodes: reports.Report
    refused: reports.Report | None = None


async def found_in(
    service: Service,
    document: Mapping[str, Any],
    is_drawn: bool,
    targets: Sequence[str] | None,
    run_to: Sequence[str] = (),
) -> Found:
    """Every problem of a graph. targets: which of its final nodes run, None for all; run_to: as `named_nodes`

    Raises Refused as `submission.drawn` does, and with 503 where a worker is needed and none comes: its node's own
    validator would replace tests of ours, so that without it right values may be refused and wrong ones taken.
    """
    catalogue, facts = service.catalogue, service.facts
    find = functools.partial(_found, document, is_drawn, (targets, run_to), facts.folders, facts.limits)
    many = size_of(document) > SMALL
    registry = catalogue.registry
    found = await _run(many, find, registry)
    fresh = await _fresher(service, found)
    if fresh is not registry:
        found = await _run(many, find, fresh)
    ids = {node.id for node in found.drawn.graph if catalogue.is_judged(node.type)}
    if not ids or whole_problem(found) is not None:
        return found
    return await _judged(service, found, ids)


def verdict(found: Found, registry: Registry) -> Verdict:
    """What of a graph can run, and what ComfyUI's server would say of the rest."""
    whole = whole_problem(found)
    if whole is not None:
        return Verdict({}, (), {}, reports.whole_error(whole))
    checking = Checking(found.drawn.sent, registry, None)
    problems = [each for each in found.problems if not each.warning]
    targets, nodes, refused = reports.judged(checking, found.drawn.graph, found.outputs, problems)
    if not targets:
        return Verdict({}, (), nodes, refused)
    return Verdict(to_api(coerced(found.drawn.graph, registry)), tuple(targets), nodes)


async def judged_verdict(service: Service, found: Found) -> Verdict:
    """`verdict`, in a thread where the graph is large."""
    many = len(found.drawn.graph) > SMALL
    return await _run(many, functools.partial(verdict, found), service.catalogue.registry)


def whole_problem(found: Found) -> Problem | None:
    """The first problem for which nothing of the graph can run; of several unknown types, the first in the file."""
    wrong = [each for each in found.problems if not each.warning]
    nodes = found.drawn.graph.nodes
    for problem in wrong:
        if problem.type in reports.WHOLE or problem.node is None or problem.node not in nodes:
            return problem
    return None


def size_of(document: Mapping[str, Any]) -> int:
    """How many nodes a document has, roughly: those of subgraphs count once."""
    nodes = document.get("nodes")
    inner = document.get("definitions")
    return (len(nodes) if isinstance(nodes, list) else len(document)) + (SMALL if inner else 0)


def _found(
    document: Mapping[str, Any],
    is_drawn: bool,
    wanted: tuple[Sequence[str] | None, Sequence[str]],
    files: Files,
    limits: Limits,
    registry: Registry,
) -> Found:
    read = drawn(document, is_drawn, registry, limits)
    finals = [node.id for node in read.graph if (spec := registry.get(node.type)) is not None and spec.final]
    targets, run_to = wanted
    wished = None if targets is None else set(targets)
    chosen = (id for id in finals if wished is None or id in wished)
    outputs = tuple(dict.fromkeys([*chosen, *named_nodes(read.graph, run_to)]))
    unreadable = [each for each in read.problems if not each.warning and each.node not in read.graph.nodes]
    if unreadable:
        return Found(read, outputs, read.problems)
    problems = check(read.sent, registry, files, outputs)
    inside = needed(Checking(read.sent, registry, None).sources, outputs) if read.problems else set()
    mine = [each for each in read.problems if each.warning or each.node is None or each.node in inside]
    of_links = {(each.node, each.input) for each in mine if not each.warning}
    found = [each for each in problems if each.input is None or (each.node, each.input) not in of_links]
    return Found(read, outputs, (*(_with_config(each, read, registry) for each in mine), *found))


def named_nodes(graph: Graph, names: Sequence[str]) -> Iterator[str]:
    """The nodes of these ids; where an id is a subgraph's, all that it holds. A name of nothing names nothing."""
    wanted, held = set(names), dict[str, list[str]]()
    for id in graph.nodes:
        place = id.find(":")
        while place >= 0:
            if id[:place] in wanted:
                held.setdefault(id[:place], []).append(id)
            place = id.find(":", place + 1)
    for name in names:
        if name in graph.nodes:
            yield name
        else:
            yield from held.pop(name, ())


def _with_config(problem: Problem, read: Drawn, registry: Registry) -> Problem:
    """A reader's problem with what only the definition knows."""
    node = read.graph.nodes.get(problem.node or "")
    spec = registry.get(node.type) if node is not None else None
    given = spec.input(problem.input) if spec is not None and problem.input is not None else None
    if given is None:
        return problem
    extra = {**problem.extra, "input_config": input_config(given, listed(given, None))}
    return dataclasses.replace(problem, extra=extra, details=problem.details or given.name)


async def _fresher(service: Service, found: Found) -> Registry:
    """The registry by which to look again at what was found; the same where that would change nothing."""
    catalogue = service.catalogue
    if any(each.type == "invalid_prompt" for each in found.problems):
        await catalogue.settled()
    wrong = {each.node_type for each in found.problems if each.type == "value_not_in_list"}
    specs = [catalogue.registry.get(type) for type in wrong if type is not None]
    if any(spec is not None and spec.function is None for spec in specs):
        # The lists of packs may have changed since they were told: a file that was just uploaded is in them now.
        return await catalogue.refreshed()
    return catalogue.registry


async def _judged(service: Service, found: Found, ids: Collection[str]) -> Found:
    """The same, with a worker's word on the nodes that have a validator of their own."""
    question = {"prompt": to_api(found.drawn.graph), "targets": list(found.outputs)}
    answer = await _asked(service, question)
    if answer.error is not None:
        raise Refused(500, f"the check failed in the worker: {answer.error}", type="server_error")
    theirs = [problem_from_json(each) for each in answer.data.get("problems", ())]
    graph = found.drawn.graph
    links = {
        (node.id, name)
        for node in found.drawn.sent
        for name in node.inputs
        if node.id in ids and name not in graph.nodes[node.id].inputs
    }
    unread = {(each.node, each.input) for each in found.drawn.problems}
    ours = [each for each in found.problems if each.node not in ids or (each.node, each.input) in links | unread]
    said = [each for each in theirs if each.node in ids and (each.node, each.input) not in links | unread]
    return Found(found.drawn, found.outputs, (*ours, *said))


async def _asked(service: Service, question: Mapping[str, Any]) -> Answer:
    try:
        return await service.workers.ask("check", question, CHECK_SECONDS)
    except WorkerGone:
        await service.workers.ready(RESTART_SECONDS)
    except TimeoutError:
        raise _no_worker("a node's own check of its inputs takes too long") from None
    try:
        return await service.workers.ask("check", question, CHECK_SECONDS)
    except (WorkerGone, TimeoutError):
        raise _no_worker("no worker is there to check this graph, which holds nodes that check themselves") from None


def _no_worker(came: str) -> Refused:
    return Refused(503, came, type="worker_gone", remedy="try again in a few seconds")


async def _run(in_thread: bool, work: Callable[[Registry], T], registry: Registry) -> T:
    return await asyncio.to_thread(work, registry) if in_thread else work(registry)
