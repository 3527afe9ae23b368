"""From the annotations of a node function to inputs and outputs."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from darkroom.engine.defining.markers import LAZY, OPTIONAL, Flag, Hidden, Output, Setting, Wire
from darkroom.engine.nearest import nearest
from darkroom.engine.results import Blocked, Expand, Shown
from darkroom.engine.run import Run
from darkroom.engine.spec import WIDGET_TYPES, FileChoice, InputSpec, Kind, OutputSpec

PLAIN = {int: Setting("INT"), float: Setting("FLOAT"), str: Setting("STRING"), bool: Setting("BOOLEAN")}
"""Python types that say enough by themselves: a widget without limits."""

CONTROL_FORMS = (Shown, Expand, Blocked, type(None))
"""What a result may be instead of the outputs; they are no outputs themselves."""

EMPTY = inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class Said:
    """What an annotation says, its markers sorted out."""

    marker: Wire | Setting | FileChoice | Hidden | None = None
    output: Output | None = None
    flags: frozenset[Flag] = frozenset()
    none_too: bool = False
    is_list: bool = False
    is_run: bool = False
    unknown: tuple[Any, ...] = ()
    """Marks that are none of ours."""


@dataclass(frozen=True, slots=True)
class Names:
    """Where the names in annotations are looked up: the function's module, and where it is defined."""

    known: dict[str, Any]

    def evaluated(self, annotation: Any) -> Any:
        """An annotation written as text becomes the object; the insides of `Annotated["Tensor", ...]` stay text.

        Raises NameError, and whatever else wrong Python raises.
        """
        if isinstance(annotation, typing.ForwardRef):
            annotation = annotation.__forward_arg__
        while isinstance(annotation, str):
            annotation = eval(annotation, self.known)
        return annotation


def read_said(annotation: Any) -> Said:
    """Sort out one evaluated annotation: `Annotated[...]`, `X | None`, `Lazy[X]`, `list[X]`, `Run`."""
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        return _with_marks(read_said(annotation.__origin__), annotation.__metadata__)
    if origin in (typing.Union, types.UnionType):
        arguments = typing.get_args(annotation)
        values = [each for each in arguments if each not in CONTROL_FORMS]
        inner = read_said(values[0]) if len(values) == 1 else Said()
        return replace(inner, none_too=inner.none_too or type(None) in arguments)
    if origin is list:
        return replace(read_said(typing.get_args(annotation)[0]), is_list=True)
    if annotation is Run:
        return Said(is_run=True)
    return Said(marker=PLAIN.get(annotation) if isinstance(annotation, type) else None)


def _with_marks(inner: Said, marks: tuple[Any, ...]) -> Said:
    flags = inner.flags | {mark for mark in marks if isinstance(mark, Flag)}
    said = replace(inner, flags=frozenset(flags))
    for mark in marks:
        if isinstance(mark, Wire | Setting | FileChoice | Hidden):
            said = replace(said, marker=mark)
        elif isinstance(mark, Output):
            said = replace(said, output=mark)
        elif not isinstance(mark, Flag):
            said = replace(said, unknown=(*said.unknown, mark))
    return said


def read_annotation(name: str, annotation: Any, names: Names, faults: list[str]) -> Said | None:
    """What the annotation of one parameter says, or None after adding a fault."""
    if annotation is EMPTY:
        faults.append(f"{name} has no annotation; write `{name}: Image` or another type alias")
        return None
    try:
        said = read_said(names.evaluated(annotation))
        if said.unknown:
            shown = ", ".join(getattr(mark, "__name__", repr(mark)) for mark in said.unknown)
            faults.append(
                f"{name}: {shown} is no marker; use Wire(...), Int(...), Float(...), Text(...), Toggle(...), "
                "Choice(...) or FileChoice(...)"
            )
        return None if said.unknown else said
    except NameError as error:
        near = nearest(error.name or "", names.known, 1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        faults.append(f"{name}: the name '{error.name}' is not known when the file is imported{hint}")
    except Exception as error:
        faults.append(f"{name}: the annotation {annotation!r} cannot be read: {error}")
    return None


def read_input(parameter: inspect.Parameter, said: Said, lists: bool, faults: list[str]) -> InputSpec | None:
    """One input, or None after adding a fault.

    lists: the node takes lists (`input_is_list`), so `list[Image]` is an IMAGE here
    """
    name, marker = parameter.name, said.marker
    after_star = parameter.kind is inspect.Parameter.KEYWORD_ONLY
    if marker is None:
        faults.append(
            f"{name}: the annotation says not what is drawn; use an alias such as "
            f'Annotated["Tensor", Wire("IMAGE")] or Annotated[int, Int(min=1, max=64)]'
        )
        return None
    if said.is_list and not lists:
        faults.append(f"{name}: list[...] is for nodes with input_is_list=True, which get every input as a list")
    if isinstance(marker, Hidden):
        return InputSpec(name, marker.tag, "hidden", bare=True)
    forced = isinstance(marker, Setting) and bool(marker.options.get("forceInput"))
    if (isinstance(marker, Wire) or forced) and after_star:
        faults.append(f"{name} is a wire, and wires stand before the `*`")
    if not isinstance(marker, Wire) and not forced and not after_star:
        faults.append(f"{name} is a setting, and settings stand after the `*`")
    _check_default(parameter, said, faults)
    optional = parameter.default is None or OPTIONAL in said.flags
    options = _options(parameter, said)
    if isinstance(marker, Wire):
        kind_options = {"forceInput": True} if marker.type in WIDGET_TYPES else {}
        return InputSpec(
            name, marker.type, "optional" if optional else "required", {**kind_options, **options}, shape=marker.shape
        )
    choice = marker if isinstance(marker, FileChoice) else marker.choices
    type, old = ("COMBO", True) if isinstance(marker, FileChoice) else (marker.type, marker.old_combo)
    kind: Kind = "optional" if optional else "required"
    mentions = marker.mentions if isinstance(marker, Setting) else None
    return InputSpec(name, type, kind, options, choice, old and type == "COMBO", mentions=mentions)


def _options(parameter: inspect.Parameter, said: Said) -> dict[str, Any]:
    given = {} if isinstance(said.marker, FileChoice | Hidden | None) else dict(said.marker.options)
    if LAZY in said.flags:
        given["lazy"] = True
    has_default = parameter.default is not EMPTY and parameter.default is not None
    return {"default": parameter.default, **given} if has_default else given


def _check_default(parameter: inspect.Parameter, said: Said, faults: list[str]) -> None:
    name, default, marker = parameter.name, parameter.default, said.marker
    if default is EMPTY:
        if said.none_too and LAZY not in said.flags:
            faults.append(f"{name} may be None but has no default; write `= None`")
    elif default is None:
        if not said.none_too:
            faults.append(f"{name}=None needs `| None` in its annotation")
    elif isinstance(marker, Wire):
        faults.append(f"{name}={default!r}: a wire has no default other than None")
    elif isinstance(default, list | dict | set | bytearray):
        faults.append(f"{name}={default!r} is mutable, so calls could change it for each other; use a tuple or text")
    elif isinstance(marker, Setting):
        _check_value(name, default, marker, faults)


FITTING: Mapping[str, tuple[type, ...]] = {"INT": (int,), "FLOAT": (int, float), "STRING": (str,), "BOOLEAN": (bool,)}


def _check_value(name: str, default: Any, marker: Setting, faults: list[str]) -> None:
    wanted = FITTING.get(marker.type)
    if wanted and (not isinstance(default, wanted) or (isinstance(default, bool) and marker.type != "BOOLEAN")):
        faults.append(f"{name}={default!r} is no {marker.type}")
        return
    low, high = marker.options.get("min"), marker.options.get("max")
    if (low is not None and default < low) or (high is not None and default > high):
        faults.append(f"{name}={default!r} is outside {'' if low is None else low}..{'' if high is None else high}")
    if isinstance(marker.choices, tuple) and default not in marker.choices:
        near = nearest(str(default), [str(each) for each in marker.choices], 1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; they are {', '.join(map(repr, marker.choices[:8]))}"
        faults.append(f"{name}={default!r} is not among its choices{hint}")


def read_outputs(function: Callable[..., Any], result: Any, names: Names, faults: list[str]) -> list[OutputSpec]:
    """The outputs that the result annotation names: none, one, or the fields of a NamedTuple."""
    if result is EMPTY:
        faults.append("the result has no annotation; write `-> Image`, a NamedTuple class, or `-> None`")
        return []
    try:
        evaluated = names.evaluated(result)
    except Exception as error:
        faults.append(f"the result annotation {result} cannot be read: {error}")
        return []
    fields = _named_tuple_of(evaluated)
    if fields is not None:
        module = sys.modules.get(fields.__module__)
        inner = Names({**names.known, **(vars(module) if module else {})})
        told = {name: read_annotation(name, each, inner, faults) for name, each in _annotations(fields).items()}
        return [each for name, said in told.items() if said and (each := _output(name, said, faults))]
    if evaluated is None or evaluated in CONTROL_FORMS:
        return []
    said = read_annotation("the result", evaluated, names, faults)
    single = _output(None, said, faults) if said else None
    return [single] if single else []


def _annotations(fields: type) -> dict[str, Any]:
    return dict(getattr(fields, "__annotations__", {}))


def _named_tuple_of(result: Any) -> type | None:
    """The NamedTuple class that a result is, or is besides `Shown`, `Expand`, `Blocked` and None."""
    is_union = typing.get_origin(result) in (typing.Union, types.UnionType)
    for each in typing.get_args(result) if is_union else (result,):
        if isinstance(each, type) and issubclass(each, tuple) and hasattr(each, "_fields"):
            return each
    return None


def _output(name: str | None, said: Said, faults: list[str]) -> OutputSpec | None:
    marker = said.marker
    if marker is None or isinstance(marker, Hidden):
        where = f"output {name}" if name else "the result"
        faults.append(f"{where}: the annotation says no type; use a wire alias, or a NamedTuple of them")
        return None
    type = "COMBO" if isinstance(marker, FileChoice) else marker.type
    more = said.output or Output()
    # ComfyUI's names of most outputs are their types; a field `image` of type IMAGE means that one.
    usual = type if name is None or name.upper() == type else name
    shape = marker.shape if isinstance(marker, Wire) else ""
    return OutputSpec(more.name or usual, type, said.is_list or more.is_list, more.tooltip, shape)
