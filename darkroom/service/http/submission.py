"""The body of POST /prompt, parsed once."""

from __future__ import annotations

import dataclasses
import math
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from darkroom.engine.drawn.convert import runnable
from darkroom.engine.drawn.workflow import read_workflow
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.problems import Problem, WorkflowError
from darkroom.engine.read import kind_of
from darkroom.engine.read_api import parse_api
from darkroom.engine.registry import Registry
from darkroom.engine.write import to_ui
from darkroom.service.contracts import Limits, Refused
from darkroom.service.http.body import kind
from darkroom.service.words import LONGEST_ID, is_id

SECRETS = {"auth_token_comfy_org": "AUTH_TOKEN_COMFY_ORG", "api_key_comfy_org": "API_KEY_COMFY_ORG"}
"""Keys of extra_data that are never stored, and the tags of the hidden inputs that get them."""

NO_PROMPT = "No prompt provided"


@dataclass(frozen=True, slots=True)
class Submission:
    """What is asked for. body: the posted `prompt` or `workflow`, not yet read; targets: None means every output.

    run_to: nodes of any kind whose results are wanted beside those; extra_data: without secrets; secrets: by tag
    """

    document: Mapping[str, Any]
    is_drawn: bool
    id: str
    client: str | None
    number: float | None
    front: bool
    targets: tuple[str, ...] | None
    run_to: tuple[str, ...]
    extra_data: Mapping[str, Any]
    secrets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A graph as it was sent. problems: found while reading; graph: its well-formed part.

    sent: the graph with links that lead nowhere, for the check to report; workflow: the drawing, where one was sent
    """

    graph: Graph
    sent: Graph
    problems: tuple[Problem, ...]
    workflow: Mapping[str, Any] | None = None


def submission(body: Mapping[str, Any]) -> Submission:
    """Raises Refused with 400, of ComfyUI's error types where it has one."""
    document, is_drawn = document_of(body)
    extra, secrets = _extra_data(body.get("extra_data"))
    client = _client(body.get("client_id", extra.get("client_id")))
    extra["create_time"] = time.time_ns() // 1_000_000
    if client is not None:
        extra["client_id"] = client
    return Submission(
        document,
        is_drawn,
        _id(body.get("prompt_id")),
        client,
        _number(body.get("number")),
        bool(body.get("front", False)),
        *wanted_of(body, "partial_execution_targets"),
        extra,
        secrets,
    )


def document_of(body: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    """The posted graph, and whether it is a drawing. Raises Refused with 400."""
    for key in ("prompt", "workflow"):
        given = body.get(key)
        if given is None:
            continue
        if not isinstance(given, Mapping):
            raise Refused(400, f'"{key}" is {kind(given)}', type="invalid_prompt", remedy="send an object of nodes")
        return given, key == "workflow" or isinstance(given.get("nodes"), list)
    raise Refused(
        400, NO_PROMPT, type="no_prompt", details=NO_PROMPT, remedy='send API JSON in "prompt", or a drawn "workflow"'
    )


def drawn(document: Mapping[str, Any], is_drawn: bool, registry: Registry, limits: Limits) -> Drawn:
    """Read a posted graph of either kind; a drawing is converted as the editor does it when it queues a job.

    Raises Refused: 400 where it is no workflow at all, 413 where it has too many nodes or too long a text.
    """
    count = len(document["nodes"]) if is_drawn and isinstance(document.get("nodes"), list) else len(document)
    refuse_large(count, limits)
    if not is_drawn:
        refuse_bad_ids(document)
    try:
        if is_drawn and kind_of(document) == "ui":
            read = read_workflow(document)
            conversion = runnable(read, registry, rng=Random(), now=datetime.now(), most=limits.graph_nodes)
            refuse_large(len(conversion.graph), limits)
            refuse_long_texts(conversion.graph, limits)
            graph, problems = conversion.graph, tuple(conversion.problems)
            return Drawn(graph, graph, problems, to_ui(conversion.workflow, registry))
    except WorkflowError as error:
        problem = error.problems[0]
        raise Refused(400, str(problem), type="invalid_prompt", remedy=problem.remedy) from error
    graph, found = parse_api(document)
    refuse_long_texts(graph, limits)
    return Drawn(graph, with_dangling(graph, found), tuple(each for each in found if each.type != "dangling_link"))


def with_dangling(graph: Graph, problems: list[Problem]) -> Graph:
    """The graph with its links to nodes that are not there put back."""
    nodes = dict(graph.nodes)
    for problem in problems:
        if problem.type == "dangling_link" and problem.node in nodes and problem.input is not None:
            node: Node = nodes[problem.node]
            source, slot = problem.extra["received_value"]
            link = Link(str(source), int(slot))
            nodes[problem.node] = dataclasses.replace(node, inputs={**node.inputs, problem.input: link})
    return dataclasses.replace(graph, nodes=nodes)


def wanted_of(body: Mapping[str, Any], outputs: str) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """The outputs to run, where None means every one, and the nodes to run to. Raises Refused with 400.

    outputs: the key of the former. The latter stand in our own field of the request; alone, they are all that runs.
    """
    targets = _ids(body.get(outputs), outputs)
    own = body.get("darkroom")
    if own is None:
        return targets, ()
    if not isinstance(own, Mapping):
        raise Refused(400, f'"darkroom" is {kind(own)}', type="invalid_prompt", remedy="send an object")
    run_to = _ids(own.get("run_to"), "run_to")
    return (targets, ()) if run_to is None else (targets or (), run_to)


def _ids(given: Any, key: str) -> tuple[str, ...] | None:
    if given is None:
        return None
    if not isinstance(given, list) or not all(isinstance(each, str | int) for each in given):
        raise Refused(400, f'"{key}" is {kind(given)}', type="invalid_prompt", remedy="send a list of node ids")
    return tuple(str(each) for each in given)


def refuse_large(count: int, limits: Limits) -> None:
    """Raises Refused with 413."""
    if count > limits.graph_nodes:
        raise Refused(
            413,
            f"the graph has {count} nodes; at most {limits.graph_nodes} are taken",
            type="too_large",
            remedy="split it into several",
        )


def refuse_bad_ids(document: Mapping[str, Any]) -> None:
    """Raises Refused with 400: ids stand in messages, frames and databases, where not every text can."""
    for id in document:
        if not is_id(id):
            raise Refused(
                400,
                f"the id of a node is {'empty' if not id else 'no text' if len(id) <= LONGEST_ID else 'too long'}",
                type="invalid_prompt",
                remedy=f"use 1 to {LONGEST_ID} characters",
            )


def refuse_long_texts(graph: Graph, limits: Limits) -> None:
    """Raises Refused with 413."""
    for node in graph:
        for name, value in node.inputs.items():
            if value.__class__ is str and len(value) > limits.text_bytes:
                raise Refused(
                    413,
                    f"node {node.id}, input {name}: the text has {len(value)} characters; "
                    f"at most {limits.text_bytes} are taken",
                    type="too_large",
                    details=f"Node ID '#{node.id}'",
                    remedy="shorten it",
                )


def _extra_data(given: Any) -> tuple[dict[str, Any], dict[str, str]]:
    if given is None:
        return {}, {}
    if not isinstance(given, Mapping):
        raise Refused(400, f'"extra_data" is {kind(given)}', type="invalid_prompt", remedy="send an object")
    extra = {key: value for key, value in given.items() if key not in SECRETS}
    if not isinstance(extra.get("extra_pnginfo", {}), Mapping | None):
        raise Refused(
            400,
            f'"extra_pnginfo" is {kind(extra["extra_pnginfo"])}',
            type="invalid_prompt",
            remedy="send an object",
        )
    return extra, {tag: str(given[key]) for key, tag in SECRETS.items() if given.get(key)}


def _id(given: Any) -> str:
    if given is None:
        return str(uuid.uuid4())
    return _named(str(given) if isinstance(given, int) else given, "prompt_id")


def _client(given: Any) -> str | None:
    return None if given is None or given == "" else _named(given, "client_id")


def _named(given: Any, key: str) -> str:
    if not isinstance(given, str) or not is_id(given):
        raise Refused(
            400,
            f'"{key}" is {kind(given) if not isinstance(given, str) else "empty, too long or no text"}',
            type="invalid_prompt",
            remedy=f"send a text of 1 to {LONGEST_ID} characters",
        )
    return given


def _number(given: Any) -> float | None:
    if given is None:
        return None
    try:
        number = float(given)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise Refused(400, '"number" is no number', type="invalid_prompt", remedy="send a number, or leave it out")
    return number
