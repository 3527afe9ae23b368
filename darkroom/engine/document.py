"""A node's documentation as text, made from its spec, so that it cannot say anything else than the code."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from darkroom.engine.choices import listed
from darkroom.engine.links import shown_type
from darkroom.engine.run import Files
from darkroom.engine.spec import WIDGET_TYPES, FileChoice, InputSpec, NodeSpec, OutputSpec

WIDTH = 100

SHOWN_CHOICES = 60
"""Longer lists of files are cut here."""

KINDS = {"INT": "whole number", "FLOAT": "number", "STRING": "text", "BOOLEAN": "on or off", "COMBO": "choice"}

FLAGS = {
    "deprecated": "deprecated: use another node in new graphs",
    "experimental": "experimental: may change",
    "final": "shows or saves its result, so a run computes what it needs",
}


def document(spec: NodeSpec, files: Files | None = None) -> str:
    """What the node does, and each input and output with its type, limits, default and meaning.

    files: lists the names of files that can be chosen now
    """
    title = f"{spec.display_name} ({spec.id})" if spec.display_name and spec.display_name != spec.id else spec.id
    lines = [title, f"menu: {spec.category}"]
    lines += [words for flag, words in FLAGS.items() if getattr(spec, flag)]
    if not spec.cached:
        lines.append("runs each time")
    if spec.description:
        lines += ["", *wrap(spec.description, WIDTH)]
    shown = [each for each in spec.inputs if each.kind != "hidden"]
    wires = [each for each in shown if not each.is_widget]
    settings = [each for each in shown if each.is_widget]
    for heading, inputs in (("inputs", wires), ("settings", settings)):
        if inputs:
            lines += ["", heading]
            for each in inputs:
                lines += _entry(each.name, _input(each, files), each.options.get("tooltip"))
    if spec.outputs:
        lines += ["", "outputs"]
        for output in spec.outputs:
            lines += _entry(output.name, _output(output), output.tooltip)
    return "\n".join(lines)


def _entry(name: str, about: str, tooltip: str | None) -> Iterator[str]:
    yield from wrap(f"{name}: {about}", WIDTH, initial_indent="  ", subsequent_indent="      ", break_long_words=False)
    if tooltip:
        yield from wrap(tooltip, WIDTH, initial_indent="      ", subsequent_indent="      ")


def _input(given: InputSpec, files: Files | None) -> str:
    options = given.options
    parts = [KINDS.get(given.type) or shown_type(given.type)]
    if given.shape:
        parts[0] += f" [{given.shape}]"
    low, high = options.get("min"), options.get("max")
    if low is not None or high is not None:
        parts.append(f"{'' if low is None else low}..{'' if high is None else high}")
    if given.type in WIDGET_TYPES and options.get("step") is not None and low is not None:
        parts[-1] += f" in steps of {options['step']}"
    if "default" in options:
        parts.append(f"default {_value(options['default'])}")
    if given.kind == "optional":
        parts.append("may be left out")
    if given.lazy:
        parts.append("computed only if needed")
    if given.choices is not None:
        parts.append(_choices(given, files))
    return ", ".join(parts)


def _choices(given: InputSpec, files: Files | None) -> str:
    names = listed(given, files)
    where = ""
    if isinstance(given.choices, FileChoice):
        folder = given.choices.folder
        where = "a file of the input folder" if folder == "input" else f"a file of models/{folder}"
        if not names:
            return where + (", which has none now" if files is not None else "")
    some = ", ".join(str(each) for each in names[:SHOWN_CHOICES])
    more = f", and {len(names) - SHOWN_CHOICES} more" if len(names) > SHOWN_CHOICES else ""
    return f"{where}{': ' if where else 'one of: '}{some}{more}"


def _output(output: OutputSpec) -> str:
    type = shown_type(output.type)
    shape = f" [{output.shape}]" if output.shape else ""
    return f"list of {type}{shape}" if output.is_list else f"{type}{shape}"


def _value(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
