"""Short words for values and errors, as they stand in messages."""

from __future__ import annotations

import reprlib
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ITEMS_SHOWN = 8
TEXT_SHOWN = 400
"""Of the inputs of a call that failed."""

TEXT_IN_A_SENTENCE = 60
_CALLERS = (str(Path(__file__).parent), str(Path(__file__).parents[2] / "packs"))
"""Folders of the code that calls nodes."""


class _Short(reprlib.Repr):
    def __init__(self, text: int, **more: int) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = text
        for name, limit in more.items():
            setattr(self, name, limit)

    def repr1(self, value: Any, level: int) -> str:
        """Tensors and arrays by kind, shape and type of number; the rest as reprlib does."""
        shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
        if shape is not None and dtype is not None:
            return f"{type(value).__name__} {list(shape)} {str(dtype).removeprefix('torch.')}"
        try:
            return super().repr1(value, level)
        except Exception as error:
            return f"<{type(value).__name__} whose repr fails: {type(error).__name__}>"


_SHORT = _Short(TEXT_SHOWN, maxlist=ITEMS_SHOWN, maxtuple=ITEMS_SHOWN, maxdict=ITEMS_SHOWN)

shown = _Short(TEXT_IN_A_SENTENCE, maxlevel=2).repr
"""A value as it may stand in a message: short, on one line, printable on any terminal."""


def inputs_in_words(arguments: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The inputs of a call for an error message: lists of plain values as they are, and of others in short words."""
    found = {}
    for name, value in arguments.items():
        values = value if isinstance(value, list) else [value]
        shown = [_plain(each) for each in values[:ITEMS_SHOWN]]
        found[name] = shown if len(values) <= ITEMS_SHOWN else [*shown, f"... {len(values) - ITEMS_SHOWN} more"]
    return found


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value if len(value) <= TEXT_SHOWN else f"{value[:TEXT_SHOWN]}..."
    return _SHORT.repr(value)


def error_in_words(error: BaseException) -> str:
    """What an exception says, or its class where it says nothing."""
    try:
        return str(error) or type(error).__name__
    except Exception as worse:
        return f"{type(error).__name__}, whose message fails: {type(worse).__name__}"


def type_in_words(error: BaseException) -> str:
    """The dotted name of an exception's class; builtins without a module."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def traceback_in_words(error: BaseException) -> tuple[str, ...]:
    """The frames of an error from the node's function on, without those of the engine that called it."""
    frames = traceback.extract_tb(error.__traceback__)
    while frames and frames[0].filename.startswith(_CALLERS):
        del frames[0]
    return tuple(traceback.format_list(frames))
