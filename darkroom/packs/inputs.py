"""From what `INPUT_TYPES` answers to input specs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from darkroom.engine.object_info import KINDS
from darkroom.engine.spec import InputSpec, Kind
from darkroom.packs.types import tag_of

NO_NAME = "\0any name"
"""No input is called so; a dict that has it takes any name."""


@dataclass(frozen=True)
class Inputs:
    """What a class takes. declared: by name, in its order; undeclared: what an input of any other name is, if it takes
    such."""

    declared: tuple[InputSpec, ...]
    undeclared: Callable[[str], InputSpec | None] | None


def read_inputs(cls: type) -> Inputs:
    """Ask a class for its inputs. Raises whatever `INPUT_TYPES` raises, and TypeError where it answers no dicts."""
    answered = _asked(cls)
    declared: dict[str, InputSpec] = {}
    any_name: Kind | None = None
    for kind in KINDS:
        of_kind = answered.get(kind)
        if of_kind is None:
            continue
        if not hasattr(of_kind, "keys"):
            raise TypeError(f'INPUT_TYPES gives a {type(of_kind).__name__} as "{kind}", not a dict of inputs')
        if NO_NAME in of_kind:
            any_name = any_name or kind
        for name in of_kind.keys():  # noqa: SIM118 (such a dict may answer `in` and iteration each in its own way)
            declared.setdefault(name, _read(cls, name, kind, of_kind[name]))
    undeclared = partial(_undeclared, cls, any_name) if any_name is not None else None
    return Inputs(tuple(declared.values()), undeclared)


def _asked(cls: type) -> Mapping[str, Any]:
    answered = cls.INPUT_TYPES()  # type: ignore[attr-defined]
    if not isinstance(answered, Mapping):
        raise TypeError(f"INPUT_TYPES gives a {type(answered).__name__}, not a dict")
    return answered


def _undeclared(cls: type, kind: Kind, name: str) -> InputSpec | None:
    try:
        return _read(cls, name, kind, _asked(cls)[kind][name])
    except Exception:  # a pack's own dict may answer anything; then nothing is known of the input
        return None


def _read(cls: type, name: str, kind: Kind, given: Any) -> InputSpec:
    if kind == "hidden":
        if isinstance(given, str):
            return InputSpec(name, str.__str__(given), kind, bare=True)
        return InputSpec(name, str(given[0]), kind)
    type_or_choices, options, bare = _parts(given)
    if isinstance(type_or_choices, str):
        if str.__eq__(type_or_choices, "COMBO") is True and "options" in options:
            rest = {key: value for key, value in options.items() if key != "options"}
            choices = Choices(cls, kind, name, tuple(options["options"] or ()))
            return InputSpec(name, "COMBO", kind, rest, choices, old_combo=False)
        return InputSpec(name, tag_of(type_or_choices), kind, options, old_combo=False, bare=bare)
    if isinstance(type_or_choices, Iterable) and not isinstance(type_or_choices, type):
        choices = Choices(cls, kind, name, tuple(type_or_choices))
        # ComfyUI tests values against real lists only.
        unlisted = not isinstance(type_or_choices, list)
        return InputSpec(name, "COMBO", kind, options, choices, bare=bare, unlisted=unlisted)
    return InputSpec(name, tag_of(type_or_choices), kind, options, old_combo=False, bare=bare)


def _parts(given: Any) -> tuple[Any, dict[str, Any], bool]:
    """Type or choices, options, and whether there are none. given: mostly `(type,)` or `(type, options)`"""
    if isinstance(given, str):  # `("INT")`, a tuple without its comma
        return given, {}, True
    if not isinstance(given, list | tuple) or not given:
        raise TypeError(f"INPUT_TYPES describes an input by {given!r}, not by (type, options)")
    bare = len(given) < 2 or not isinstance(given[1], Mapping)
    return given[0], {} if bare else dict(given[1]), bare


@dataclass(frozen=True, eq=False)
class Choices:
    """What can be chosen now: `INPUT_TYPES` is asked each time, since lists of files change."""

    cls: type
    kind: Kind
    name: str
    first: tuple[Any, ...]
    """What could be chosen when the pack was loaded; holds where it cannot be asked now."""

    def __call__(self) -> tuple[Any, ...]:
        try:
            type_or_choices, options, _ = _parts(_asked(self.cls)[self.kind][self.name])
            listed = options.get("options") if isinstance(type_or_choices, str) else type_or_choices
            return tuple(listed or ())
        except Exception:  # a pack that could list them once and now fails must not fail all definitions
            return self.first
