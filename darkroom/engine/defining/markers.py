"""What an annotation of a node function may say: `Steps = Annotated[int, Int(min=1, max=10000)]`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from darkroom.engine.spec import FileChoice, FileMentions

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wire:
    """A value that comes over a link. type: its tag ("IMAGE"), a union ("INT,FLOAT") or "*" for anything.

    shape: of a tensor, for readers: "batch height width 3"
    options: what `/object_info` says beside the type
    """

    type: str
    shape: str = ""
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that is drawn as a widget; made by Int, Float, Text, Toggle and Choice."""

    type: str
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    choices: tuple[Any, ...] | FileChoice | Callable[[], Iterable[Any]] | None = field(default=None, hash=False)
    old_combo: bool = True
    mentions: FileMentions | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """Says more of one output: its name in files where that is no Python name or not the type, a tooltip, a list."""

    name: str | None = None
    tooltip: str | None = None
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Hidden:
    """A value that the executor fills in: "PROMPT", "EXTRA_PNGINFO", "UNIQUE_ID" or "DYNPROMPT"."""

    tag: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Changes how the marker beside it is used."""

    word: str


LAZY = Flag("lazy")
OPTIONAL = Flag("optional")

Lazy = Annotated[T | None, LAZY]
"""`Lazy[Image]`: computed only if the node's `wanted` function names it; None where it was not."""

Maybe = Annotated[T, OPTIONAL]
"""`Maybe[Steps]`: a setting with a default that files may leave out, listed under "optional"."""

Anything = Annotated[Any, Wire("*")]
"""A wire of any type."""


def Int(
    *,
    min: int | None = None,
    max: int | None = None,
    step: int | None = None,
    display: str | None = None,
    control_after_generate: bool | str | None = None,
    tooltip: str | None = None,
    **more: Any,
) -> Setting:
    """A whole number in min..max, both ends included. more: further options, written as in `/object_info`."""
    options = _given(
        min=min, max=max, step=step, display=display, control_after_generate=control_after_generate, tooltip=tooltip
    )
    return Setting("INT", {**options, **more})


def Float(
    *,
    min: float | None = None,
    max: float | None = None,
    step: float | None = None,
    round: float | bool | None = None,
    display: str | None = None,
    tooltip: str | None = None,
    **more: Any,
) -> Setting:
    """A number in min..max, both ends included. more: further options, written as in `/object_info`."""
    return Setting(
        "FLOAT", {**_given(min=min, max=max, step=step, round=round, display=display, tooltip=tooltip), **more}
    )


def Text(
    *,
    multiline: bool | None = None,
    dynamic_prompts: bool | None = None,
    placeholder: str | None = None,
    tooltip: str | None = None,
    mentions: FileMentions | None = None,
    **more: Any,
) -> Setting:
    """Text. dynamic_prompts: the editor picks one of {a|b} at each run; mentions: files that it may name."""
    options = _given(multiline=multiline, dynamicPrompts=dynamic_prompts, placeholder=placeholder, tooltip=tooltip)
    return Setting("STRING", {**options, **more}, mentions=mentions)


def Toggle(
    *, label_on: str | None = None, label_off: str | None = None, tooltip: str | None = None, **more: Any
) -> Setting:
    """On or off."""
    return Setting("BOOLEAN", {**_given(label_on=label_on, label_off=label_off, tooltip=tooltip), **more})


def Choice(
    choices: Iterable[Any] | Callable[[], Iterable[Any]],
    *,
    old_combo: bool = True,
    tooltip: str | None = None,
    **more: Any,
) -> Setting:
    """One of some names, or of what a function lists at the moment of asking.

    old_combo: False writes ["COMBO", {"options": [...]}] to `/object_info`, as newer nodes do
    """
    now = choices if callable(choices) else tuple(choices)
    return Setting("COMBO", {**_given(tooltip=tooltip), **more}, now, old_combo)


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
