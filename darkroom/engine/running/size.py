"""How many bytes a value holds, with what it may share with other values kept apart."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

_ATOMS = frozenset(
    (
        int,
        float,
        complex,
        bool,
        type(None),
        type,
        FunctionType,
        MethodType,
        ModuleType,
        BuiltinFunctionType,
    )
)
_CONTAINER_BYTES = 64
_ITEM_BYTES = 8


class UnmeasurableError(Exception):
    """A value whose size cannot be told; the message says which kind of value, and why."""


@dataclass(slots=True)
class Size:
    """own: bytes that nothing else holds. shared: bytes by part, counted once among all values that hold the part."""

    own: int = 0
    shared: dict[Hashable, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.own + sum(self.shared.values())


def size_of(value: Any) -> Size:
    """Measure a value of any kind: numbers, text, containers, arrays, tensors, pictures, and objects made of these.

    An object with `shared_parts() -> Iterable[tuple[Hashable, int]]` says itself what it holds. Tensors and arrays that
    are views of one memory share that memory.
    Raises UnmeasurableError where an object of a pack does not let itself be looked at.
    """
    size = Size()
    seen: set[int] = set()
    stack = [value]
    while stack:
        each = stack.pop()
        kind = type(each)
        if kind in _ATOMS:
            size.own += 32
        elif kind is str or kind is bytes or kind is bytearray:
            size.own += sys.getsizeof(each)
        elif id(each) not in seen:
            seen.add(id(each))
            if kind is list or kind is tuple:
                size.own += _CONTAINER_BYTES + _ITEM_BYTES * len(each)
                stack.extend(each)
            else:
                try:
                    stack.extend(_measure(each, size))
                except Exception as error:
                    raise UnmeasurableError(f"{kind.__name__}: {type(error).__name__}") from None
    return size


def _measure(value: Any, size: Size) -> Iterable[Any]:
    """Add what `value` holds itself to size; return what is to be measured in its turn."""
    if isinstance(value, dict):
        size.own += _CONTAINER_BYTES + 2 * _ITEM_BYTES * len(value)
        return [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple, set, frozenset)):
        size.own += _CONTAINER_BYTES + _ITEM_BYTES * len(value)
        return value
    parts: Callable[[], Iterable[tuple[Hashable, int]]] | None = getattr(value, "shared_parts", None)
    if callable(parts):
        size.own += _CONTAINER_BYTES
        size.shared.update(parts())
        return ()
    memory = _memory(value)
    if memory is not None:
        size.own += _CONTAINER_BYTES
        size.shared[memory[0]] = memory[1]
        return ()
    if isinstance(value, (int, float, str, bytes)):
        size.own += sys.getsizeof(value)
        return ()
    if isinstance(value, (type, Enum)):
        return ()
    size.own += _CONTAINER_BYTES
    return attributes(value)


def _memory(value: Any) -> tuple[Hashable, int] | None:
    """The memory behind a tensor, an array or a picture, and its length in bytes; None for anything else."""
    storage = getattr(value, "untyped_storage", None)
    if callable(storage):
        held = storage()
        return ("storage", str(getattr(value, "device", "")), held.data_ptr()), int(held.nbytes())
    nbytes = getattr(value, "nbytes", None)
    if isinstance(nbytes, int):
        base = value
        while getattr(base, "base", None) is not None:
            base = base.base
        held_bytes = getattr(base, "nbytes", nbytes)
        return ("memory", id(base)), max(nbytes, held_bytes if isinstance(held_bytes, int) else 0)
    bands, extent = getattr(value, "getbands", None), getattr(value, "size", None)
    if callable(bands) and isinstance(extent, tuple):
        return ("picture", id(value)), len(bands()) * int(extent[0]) * int(extent[1])
    return None


def attributes(value: object) -> list[Any]:
    """What an object holds in its attributes, plain ones and those in slots."""
    held = list(getattr(value, "__dict__", {}).values())
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        names = (slots,) if isinstance(slots, str) else slots
        held += [getattr(value, name, None) for name in names if name not in ("__dict__", "__weakref__")]
    return held


def in_words(count: float) -> str:
    """A number of bytes as people write it: 512 B, 3.4 KB, 12 MB, 2.1 GB."""
    for unit in ("B", "KB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"
