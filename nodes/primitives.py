"""Plain values, to set one thing in several places; and a look at any value."""

from __future__ import annotations

import json
from typing import Annotated, Any

from darkroom.engine.define import Anything, Float, Int, Text, Toggle, node
from darkroom.engine.facts import Facts
from darkroom.engine.results import Shown
from nodes.known import Given, value

FARTHEST = 2**63 - 1

AnyInt = Annotated[int, Int(min=-FARTHEST, max=FARTHEST, control_after_generate=True)]
AnyFloat = Annotated[float, Float(min=-FARTHEST, max=FARTHEST, step=0.1)]
Line = Annotated[str, Text(multiline=False)]
Lines = Annotated[str, Text(multiline=True)]
OnOff = Annotated[bool, Toggle()]


def plain(type: str, given: Given) -> tuple[Facts, ...]:
    return (Facts(type, value=value(given, "value", (int, float, str))),)


@node("PrimitiveInt", category="utils/primitive", display_name="Int", facts=lambda given: plain("INT", given))
def integer(*, value: AnyInt) -> Annotated[int, Int()]:
    """A whole number, for as many inputs as you like."""
    return value


@node("PrimitiveFloat", category="utils/primitive", display_name="Float", facts=lambda given: plain("FLOAT", given))
def number(*, value: AnyFloat) -> Annotated[float, Float()]:
    """A number, for as many inputs as you like."""
    return value


@node("PrimitiveString", category="utils/primitive", display_name="String", facts=lambda given: plain("STRING", given))
def text(*, value: Line) -> Annotated[str, Text()]:
    """A line of text, for as many inputs as you like."""
    return value


@node(
    "PrimitiveStringMultiline",
    category="utils/primitive",
    display_name="String (Multiline)",
    facts=lambda given: plain("STRING", given),
)
def lines(*, value: Lines) -> Annotated[str, Text()]:
    """Several lines of text, for as many inputs as you like."""
    return value


@node(
    "PrimitiveBoolean",
    category="utils/primitive",
    display_name="Boolean",
    facts=lambda given: plain("BOOLEAN", given),
)
def switch(*, value: OnOff) -> Annotated[bool, Toggle()]:
    """A switch, for as many inputs as you like."""
    return value


@node("PreviewAny", category="utils", display_name="Preview as Text", final=True)
def preview_any(source: Anything) -> Shown:
    """Show any value as text."""
    return Shown(ui={"text": [as_text(source)]})


def as_text(source: Any) -> str:
    """Text as it is, plain values as Python writes them, others as JSON where that can say them."""
    if isinstance(source, str):
        return source
    if source is None or isinstance(source, bool | int | float):
        return str(source)
    try:
        return json.dumps(source)
    except (TypeError, ValueError):
        return str(source)
