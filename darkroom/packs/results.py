"""From what a class's function returns to what the engine takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from darkroom.engine.graph import Link
from darkroom.engine.results import Blocked, Expand, Shown

Slots = Sequence[bool]
"""Of each output, whether it is a list."""


class ReturnError(Exception):
    """A function returned what no V1 node may return."""


def read_return(returned: Any, slots: Slots) -> Any:
    """What the engine takes for it: a tuple, Shown or Expand. Raises ReturnError.

    returned: a tuple with a value for each output (any sequence will do; values that lack are None), an
    ExecutionBlocker, None, or a dict with any of "ui", "result" and "expand"
    """
    if not isinstance(returned, Mapping):
        return _values(returned, slots)
    ui = _shown(returned.get("ui"))
    graph = returned.get("expand")
    result = returned.get("result")
    values = _values(result, slots)
    if graph is not None:
        return Expand(graph, tuple(_link(each) for each in values), ui)
    return Shown(ui, values) if ui else values


def _values(result: Any, slots: Slots) -> tuple[Any, ...]:
    if isinstance(result, Blocked):
        return (_plain(result),) * len(slots)
    if result is None:
        result = ()
    elif isinstance(result, str):
        result = (result,)  # `return (text)`, a tuple without its comma
    try:
        values = [result[slot] for slot in range(min(len(result), len(slots)))]
    except (TypeError, KeyError):
        came = type(result).__name__
        raise ReturnError(f"it returned a {came}; a node returns a tuple with a value for each output") from None
    values += [[None] if is_list else None for is_list in slots[len(values) :]]
    return _listed(tuple(values), slots)


def _listed(values: tuple[Any, ...], slots: Slots) -> tuple[Any, ...]:
    return tuple(_list(each) if is_list else _plain(each) for each, is_list in zip(values, slots, strict=True))


def _plain(value: Any) -> Any:
    """Blockers of classes that packs derive become those of the engine."""
    return Blocked(value.message) if isinstance(value, Blocked) and type(value) is not Blocked else value


def _list(value: Any) -> Any:
    if isinstance(value, Blocked):
        return _plain(value)
    if not isinstance(value, Iterable):
        raise ReturnError(f"it returned a {type(value).__name__} for an output that is a list (OUTPUT_IS_LIST)")
    return [_plain(each) for each in value]


def _link(value: Any) -> Any:
    """A Link for `["id", number]`."""
    is_link = isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)
    if is_link and isinstance(value[1], int | float) and not isinstance(value[1], bool):
        return Link(value[0], int(value[1]))
    return value


def _shown(ui: Any) -> dict[str, list[Any]]:
    if ui is None:
        return {}
    if not isinstance(ui, Mapping):
        raise ReturnError(f'it returned a {type(ui).__name__} as "ui"; that is a dict of lists')
    return {key: list(items) if isinstance(items, Iterable) else [items] for key, items in ui.items()}
