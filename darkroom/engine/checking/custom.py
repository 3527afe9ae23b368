"""What a node's own validator says (`VALIDATE_INPUTS` of packs)."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from darkroom import engine
from darkroom.engine.checking.context import Checking, KnownType
from darkroom.engine.graph import Link, Node
from darkroom.engine.problems import Problem

HIDDEN: Mapping[str, Any] = {"PROMPT": {}, "DYNPROMPT": None, "EXTRA_PNGINFO": None}
"""What validators get for hidden inputs, which a job fills only once it runs; UNIQUE_ID is known."""

RECEIVED_TYPES = "input_types"
"""A validator with this parameter gets the types of the linked inputs in it, and judges them itself."""


def custom_problems(
    checking: Checking, node: Node, known: KnownType, values: Mapping[str, Any], is_root: bool
) -> Iterator[Problem]:
    """Ask the validator, once. values: literals in the types of their inputs.

    One that takes an input which is missing cannot be asked; that the input is missing is a problem of its own.
    """
    validate = known.spec.validate
    if validate is None or any(
        each.kind == "required" and each.name in known.validator_takes and each.name not in node.inputs
        for each in known.spec.inputs
    ):
        return
    given = {
        name: None if isinstance(value, Link) else values.get(name, value)
        for name, value in node.inputs.items()
        if _is_passed(known, name, value) and (known.validator_takes_all or name in known.validator_takes)
    }
    hidden = {**HIDDEN, "UNIQUE_ID": node.id}
    filled = {
        each.name: hidden[each.type]
        for each in known.spec.inputs
        if each.kind == "hidden" and each.type in hidden and each.name in known.validator_takes
    }
    arguments = {name: [value] if known.spec.input_is_list else value for name, value in {**given, **filled}.items()}
    if RECEIVED_TYPES in known.validator_takes:
        arguments[RECEIVED_TYPES] = _received_types(checking, node)
    try:
        answer = validate(**arguments)
        if inspect.isawaitable(answer):
            answer = engine.awaiting.wait_for(answer)
    except Exception as error:
        yield checking.problem(
            "exception_during_validation" if is_root else "exception_during_inner_validation",
            node,
            None,
            came=f"its own check of its inputs failed: {type(error).__name__}: {error}",
            remedy="tell the author of the node",
            details=str(error),
            exception_message=str(error),
            exception_type=type(error).__name__,
        )
        return
    for each in answer if isinstance(answer, list) else [answer]:
        if each is not True:
            yield from _refused(checking, node, list(given) or [RECEIVED_TYPES], each)


def _is_passed(known: KnownType, name: str, value: Any) -> bool:
    """Whether the node's function gets what a node gives under this name."""
    spec = known.spec
    return name in known.names or spec.any_input or (spec.any_link and isinstance(value, Link))


def _refused(checking: Checking, node: Node, names: list[str], answer: Any) -> Iterator[Problem]:
    said = "" if answer is False else str(answer)
    for name in names:
        yield checking.problem(
            "custom_validation_failed",
            node,
            name,
            came=said or "the node refuses this value",
            remedy="change the value",
            details=f"{name} - {said}" if said else name,
        )


def _received_types(checking: Checking, node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, link in node.links():
        source = checking.graph.nodes.get(link.source)
        known = checking.type_of(source) if source is not None else None
        if known is not None and 0 <= link.slot < len(known.spec.outputs):
            found[name] = known.spec.outputs[link.slot].type
    return found
