"""Is each literal of a node one that its input takes? The rules and error types are those of ComfyUI's server."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any

from darkroom.engine.checking.coerce import UNFIT
from darkroom.engine.checking.context import Checking, KnownInput
from darkroom.engine.choices import is_file
from darkroom.engine.graph import Node
from darkroom.engine.nearest import either
from darkroom.engine.problems import Problem
from darkroom.engine.spec import FileChoice

KINDS = {"INT": "a whole number", "FLOAT": "a number", "STRING": "text", "BOOLEAN": "true or false"}

LONG_LIST = 20
"""From more choices than these on, ComfyUI leaves the list out of its error report."""


def read_value(
    checking: Checking, node: Node, given: KnownInput, value: Any, judged: Set[str] | None
) -> tuple[Any, list[Problem]]:
    """A literal in the type of its input, and what is wrong with it.

    judged: names of inputs whose range and choices the node's own validator tests
    """
    if given.coercion is not None and value.__class__ is not given.coercion:
        try:
            value = given.coercion(value)
        except UNFIT as error:
            return value, [_unfit(checking, node, given, value, str(error))]
    if value != value and given.coercion is float:
        return value, [_unfit(checking, node, given, value, "not a number")]
    if judged is not None and given.name in judged:
        return value, []
    found: list[Problem] = []
    if given.low is not None or given.high is not None:
        found += _range_problems(checking, node, given, value)
    if given.is_combo and (checking.files is not None or not isinstance(given.spec.choices, FileChoice)):
        found += _choice_problems(checking, node, given, value)
    return value, found


def shown(value: Any) -> str:
    """A value for messages, cut where it is long."""
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    if isinstance(value, float):
        text = text.removesuffix(".0")
    return text if len(text) <= 100 else f"{text[:97]}..."


def _unfit(checking: Checking, node: Node, given: KnownInput, value: Any, reason: str) -> Problem:
    default = given.spec.options.get("default")
    return checking.problem(
        "invalid_input_type",
        node,
        given.name,
        came=f"{shown(value)} is given",
        wanted=KINDS[given.spec.type],
        remedy=f"write {KINDS[given.spec.type]}" + ("" if default is None else f" such as {shown(default)}"),
        details=f"{given.name}, {value}, {reason}",
        input_config=checking.config(given.spec),
        received_value=value,
        exception_message=reason,
    )


def _range_problems(checking: Checking, node: Node, given: KnownInput, value: Any) -> Iterator[Problem]:
    for type, limit in (("value_smaller_than_min", given.low), ("value_bigger_than_max", given.high)):
        small = type == "value_smaller_than_min"
        try:
            wrong = limit is not None and (value < limit if small else value > limit)
        except TypeError:
            wrong = False  # packs give limits to inputs whose values have no order
        if wrong:
            yield checking.problem(
                type,
                node,
                given.name,
                came=f"{shown(value)} is given",
                wanted=_range(given),
                remedy=f"set it to {shown(limit)} or {'more' if small else 'less'}",
                input_config=checking.config(given.spec),
                received_value=value,
            )


def _range(given: KnownInput) -> str:
    kind = KINDS.get(given.spec.type, "a value")
    if given.low is None:
        return f"{kind} up to {shown(given.high)}"
    return f"{kind} from {shown(given.low)}" + (" on" if given.high is None else f" to {shown(given.high)}")


def _choice_problems(checking: Checking, node: Node, given: KnownInput, value: Any) -> Iterator[Problem]:
    many = given.spec.options.get("multiselect") or given.spec.options.get("multi_select")
    values = value if many and isinstance(value, list) else [value]
    wrong = [each for each in values if not checking.is_listed(given.spec, each)]
    choice = given.spec.choices
    if isinstance(choice, FileChoice) and checking.files is not None:
        files = checking.files
        # The list of the input folder is its top level only, but pictures in its subfolders may be named too.
        if choice.folder == "input":
            wrong = [each for each in wrong if not (isinstance(each, str) and is_file(choice, each, files))]
    if not wrong:
        return
    choices = checking.choices(given.spec)
    long = len(choices) > LONG_LIST
    listing = f"(list of length {len(choices)})" if long else str(list(choices))
    remedy, wanted = _chosen(checking, given, wrong[0], choices)
    yield checking.problem(
        "value_not_in_list",
        node,
        given.name,
        came=f"{shown(wrong[0])} is {'not there' if isinstance(choice, FileChoice) else 'none of them'}",
        wanted=wanted,
        remedy=remedy,
        details=f"{given.name}: '{value}' not in {listing}",
        input_config=None if long else checking.config(given.spec),
        received_value=value,
    )


def _chosen(checking: Checking, given: KnownInput, value: Any, choices: tuple[Any, ...]) -> tuple[str, str]:
    """What to do about a wrong choice, and what is wanted."""
    choice = given.spec.choices
    kind = f"{choice.folder} folder" if isinstance(choice, FileChoice) else f"{id(choice)}"
    near = checking.nearest(value, kind, lambda: choices) if isinstance(value, str) else []
    if isinstance(choice, FileChoice):
        folder = "the input folder" if choice.folder == "input" else f"models/{choice.folder}"
        place = f"put the file into {folder}"
        if near:
            return f"choose {either(near)}, or {place}", f"a file in {folder}"
        return place + (", which has none yet" if not choices else ""), f"a file in {folder}"
    counted = "its only choice" if len(choices) == 1 else f"one of its {len(choices)} choices"
    if near:
        return f"choose {either(near)}", counted
    if not choices:
        return "install what it lists", "one of the names it lists, which are none now"
    some = either([str(each) for each in choices[:8]])
    return f"choose {some}" + (" or another of them" if len(choices) > 8 else ""), counted
