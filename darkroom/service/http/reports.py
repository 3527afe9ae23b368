"""Problems of a graph as ComfyUI's server reports them; clients key on `type`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from darkroom.engine.checking.context import Checking
from darkroom.engine.graph import Graph
from darkroom.engine.order import Sources
from darkroom.engine.problems import Problem

MOST_TRACED = 500
"""So many wrong nodes at most are told which outputs depend on them; a graph with more has another fault."""

MOST_DEPENDENT = 20_000
"""So many outputs are listed in all; without an end, a graph of n nodes could get an answer of n * n."""

WHOLE = ("invalid_prompt", "missing_node_type", "wrong_type")
"""Types of problems for which nothing of a prompt runs."""

CIRCLE = "dependency_cycle"
"""ComfyUI's server finds circles by running out of stack, and blames no node."""

Report = dict[str, Any]


def error(type: str, message: str, details: str = "", extra: Mapping[str, Any] | None = None) -> Report:
    """What went wrong with a prompt or an input."""
    return {"type": type, "message": message, "details": details, "extra_info": dict(extra or {})}


def whole_error(problem: Problem) -> Report:
    """The one error of a prompt that is refused as a whole."""
    if problem.type == "invalid_prompt":
        message = f"Cannot execute because node {problem.node_type} does not exist."
    elif problem.type == "missing_node_type":
        message = "Cannot execute because a node is missing the class_type property."
    elif problem.type == "prompt_no_outputs":
        return error("prompt_no_outputs", "Prompt has no outputs", "", {"text": str(problem)})
    else:
        message = "Cannot execute because a node is malformed."
    extra: Report = {"node_id": problem.node, "text": str(problem), "remedy": problem.remedy}
    if problem.node_type is not None:
        extra["class_type"] = problem.node_type
    return error("invalid_prompt", message, problem.details or f"Node ID '#{problem.node}'", extra)


def node_error(problem: Problem) -> Report:
    """One error of one node; `text` and `remedy` beside ComfyUI's four keys say it for people."""
    report = error(problem.type, label(problem), problem.details, problem.extra)
    return {**report, "text": str(problem), "remedy": problem.remedy}


def label(problem: Problem) -> str:
    """ComfyUI's fixed message of an error type."""
    extra = problem.extra
    config = extra.get("input_config") or ["", {}]
    limits = config[1] if len(config) > 1 and isinstance(config[1], Mapping) else {}
    value = extra.get("received_value")
    match problem.type:
        case "required_input_missing":
            return "Required input is missing"
        case "bad_linked_input":
            return "Bad linked input, must be a length-2 list of [node_id, slot_index]"
        case "return_type_mismatch":
            return "Return type mismatch between linked nodes"
        case "exception_during_inner_validation":
            return "Exception when validating inner node"
        case "exception_during_validation":
            return "Exception when validating node"
        case "invalid_input_type":
            return f"Failed to convert an input value to a {config[0]} value"
        case "value_smaller_than_min":
            return f"Value {value} smaller than min of {limits.get('min')}"
        case "value_bigger_than_max":
            return f"Value {value} bigger than max of {limits.get('max')}"
        case "value_not_in_list":
            return "Value not in list"
        case "custom_validation_failed":
            return "Custom validation failed for node"
        case _:
            return problem.came[:1].upper() + problem.came[1:]


def users_of(sources: Sources) -> dict[str, list[str]]:
    """Of each node, those that take values from it."""
    users: dict[str, list[str]] = {}
    for id, taken in sources.items():
        for source in taken:
            users.setdefault(source, []).append(id)
    return users


def behind(starts: Iterable[str], users: Mapping[str, Sequence[str]]) -> set[str]:
    """The nodes, and all that needs one of them."""
    found = set(starts)
    waiting = list(found)
    while waiting:
        for user in users.get(waiting.pop(), ()):
            if user not in found:
                found.add(user)
                waiting.append(user)
    return found


def judged(
    checking: Checking, graph: Graph, outputs: Sequence[str], problems: Sequence[Problem]
) -> tuple[list[str], Report, Report]:
    """Which outputs can run, the errors by node, and the error of a prompt of which nothing can.

    outputs: ids of the nodes that are asked for; problems: of nodes they need, no warnings
    """
    wrong = [each for each in problems if each.node is not None]
    if not wrong:
        return list(outputs), {}, {}
    users = users_of(checking.sources)
    failed = behind((str(each.node) for each in wrong), users)
    nodes: Report = {}
    left = MOST_DEPENDENT
    for problem in wrong:
        id = str(problem.node)
        if problem.type == CIRCLE:
            continue
        if id not in nodes:
            dependent = behind([id], users) if left and len(nodes) < MOST_TRACED else ()
            told = [each for each in outputs if each in dependent][:left] if dependent else []
            left -= len(told)
            nodes[id] = {
                "errors": [],
                "dependent_outputs": told,
                "class_type": graph.nodes[id].type if id in graph.nodes else problem.node_type,
            }
        nodes[id]["errors"].append(node_error(problem))
    final = set(outputs)
    lines = [f"{label(each)}: {each.details}" for each in wrong if each.node in final and each.type != CIRCLE]
    lines += [str(each) for each in wrong if each.type == CIRCLE]
    whole = error("prompt_outputs_failed_validation", "Prompt outputs failed validation", "\n".join(lines))
    return [each for each in outputs if each not in failed], nodes, whole
