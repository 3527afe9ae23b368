"""List mapping: a node is called once for each element of its inputs, and its results become lists again.

On every wire runs a list, mostly of one value. The longest input decides how many calls there are; shorter ones repeat
their last element.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

from darkroom.engine.graph import Link
from darkroom.engine.links import with_article
from darkroom.engine.results import Blocked, Expand, Shown
from darkroom.engine.running.binding import Kind

Lists = Mapping[str, list[Any]]

_READ_ONCE = (GeneratorType, AsyncGeneratorType, CoroutineType)


class ResultError(Exception):
    """A function returned something that its definition does not allow."""


@dataclass(slots=True)
class Piece:
    """What one call returned. slots: by output; expand: the graph whose links stand in `slots`, if any."""

    slots: tuple[Any, ...] = ()
    ui: Mapping[str, Sequence[Any]] | None = None
    expand: Mapping[str, Any] | None = None
    resolved: dict[int, list[Any]] = field(default_factory=dict)
    """By slot, the values that a link into the expanded graph stands for."""


def calls(lists: Lists, *, whole: bool) -> list[dict[str, Any]]:
    """The arguments of each call. whole: one call that receives the lists themselves.

    Raises ResultError where one list is empty and another is not.
    """
    if whole:
        return [{name: list(values) for name, values in lists.items()}]
    longest = max(map(len, lists.values()), default=0)
    if longest == 1 and all(lists.values()):
        return [{name: values[0] for name, values in lists.items()}]
    if longest == 0:
        return [{}]
    empty = [name for name, values in lists.items() if not values]
    if empty:
        other = next(name for name, values in lists.items() if len(values) == longest)
        raise ResultError(f"input {empty[0]} is an empty list, while {other} has {longest} element(s)")
    return [
        {name: values[index] if index < len(values) else values[-1] for name, values in lists.items()}
        for index in range(longest)
    ]


def at_slot(outputs: Sequence[list[Any]], link: Link) -> list[Any]:
    """The values that a link brings. Raises ResultError where its node has no such output."""
    if 0 <= link.slot < len(outputs):
        return outputs[link.slot]
    count = f"{len(outputs)} output{'' if len(outputs) == 1 else 's'}" if outputs else "no output"
    raise ResultError(f"a link takes output {link.slot} of node {link.source}, which has {count}")


def blocker(arguments: Mapping[str, Any], *, whole: bool) -> Blocked | None:
    """The first blocked value among the arguments of a call."""
    for value in arguments.values():
        if type(value) is Blocked:
            return value
        if whole and isinstance(value, list):
            for each in value:
                if type(each) is Blocked:
                    return each
    return None


def piece_of(returned: Any, kind: Kind) -> Piece:
    """Read what a function returned. Raises ResultError where that does not fit its outputs."""
    wanted = len(kind.list_outputs)
    if isinstance(returned, _READ_ONCE):
        came = with_article(type(returned).__name__.replace("_", " "))
        raise ResultError(f"it returned {came}, which can be read only once; return what it gives, as a value or list")
    if type(returned) is Shown or type(returned) is Expand:
        if not isinstance(returned.ui, Mapping):
            raise ResultError(f"what it shows is a {type(returned.ui).__name__}, not a dict of lists")
        slots = _padded(returned.result, wanted, kind)
        if type(returned) is Expand:
            return Piece(slots, returned.ui or None, returned.graph)
        return Piece(slots, returned.ui)
    if type(returned) is Blocked:
        return Piece((returned,) * wanted)
    if wanted == 1:
        if isinstance(returned, tuple) and len(returned) == 1:
            return Piece(returned)
        return Piece((returned,))
    if returned is None and (wanted == 0 or kind.spec.final):
        return Piece((None,) * wanted)
    if wanted == 0:
        if isinstance(returned, (tuple, dict)) and not returned:
            return Piece()
        raise ResultError(f"it returned a {type(returned).__name__}, but has no outputs")
    if not isinstance(returned, tuple) or len(returned) != wanted:
        came = f"{len(returned)} values" if isinstance(returned, tuple) else f"one {type(returned).__name__}"
        raise ResultError(f"it returned {came}, but has {wanted} outputs: {_output_names(kind)}")
    return Piece(tuple(returned))


def _padded(result: object, wanted: int, kind: Kind) -> tuple[Any, ...]:
    if not isinstance(result, (tuple, list)):
        raise ResultError(f"its result is {with_article(type(result).__name__)}, not a tuple of {wanted} values")
    if len(result) == wanted:
        return tuple(result)
    if not result:
        return (None,) * wanted
    raise ResultError(f"it returned {len(result)} values, but has {wanted} outputs: {_output_names(kind)}")


def _output_names(kind: Kind) -> str:
    return ", ".join(each.name for each in kind.spec.outputs) or "none"


def joined(pieces: Sequence[Piece], kind: Kind) -> tuple[list[Any], ...]:
    """Put the outputs of all calls together: a list output's lists one after another, others element by element.

    Raises ResultError where a list output is not a list.
    """
    if len(pieces) == 1 and not pieces[0].resolved and not any(kind.list_outputs):
        return tuple([value] for value in pieces[0].slots)
    outputs: list[list[Any]] = []
    for slot, is_list in enumerate(kind.list_outputs):
        values: list[Any] = []
        for piece in pieces:
            if slot in piece.resolved:
                values.extend(piece.resolved[slot])
                continue
            value = piece.slots[slot]
            if not is_list or type(value) is Blocked:
                values.append(value)
            elif isinstance(value, (list, tuple)):
                values.extend(value)
            else:
                name = kind.spec.outputs[slot].name
                raise ResultError(f"its output {name} is a list, but it returned a {type(value).__name__}")
        outputs.append(values)
    return tuple(outputs)


def joined_ui(shown: Iterable[Mapping[str, Sequence[Any]] | None]) -> dict[str, list[Any]] | None:
    """What all calls show, key by key; None if none shows anything."""
    found: dict[str, list[Any]] | None = None
    for each in shown:
        if each is not None:
            found = {} if found is None else found
            for name, items in each.items():
                is_sequence = isinstance(items, (list, tuple))
                found.setdefault(name, []).extend(items if is_sequence else [items])
    return found
