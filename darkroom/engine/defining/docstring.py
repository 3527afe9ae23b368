"""A node's docstring: its first paragraph describes the node, lines `name: text` describe inputs and outputs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable

from darkroom.engine.nearest import nearest

DESCRIBED = re.compile(r"([a-z_]\w*(?:, [a-z_]\w*)*): (\S.*)")
RESULT = "returns"
"""Describes the output of a node that has one only."""


def read_docstring(text: str | None, names: Iterable[str], faults: list[str]) -> tuple[str, dict[str, str]]:
    """The description and the tooltip of each described name. Adds a fault for each name that is none of `names`."""
    known = set(names)
    first, _, rest = inspect.cleandoc(text or "").partition("\n\n")
    tooltips: dict[str, list[str]] = {}
    current: list[str] = []
    for line in rest.splitlines():
        found = DESCRIBED.fullmatch(line.rstrip())
        if found:
            current = [found[2]]
            for name in found[1].split(", "):
                tooltips[name] = current
        elif line.strip():
            current.append(line.strip())
        else:
            current = []
    for name in tooltips:
        if name not in known:
            near = nearest(name, known, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            faults.append(f"the docstring describes '{name}', which is no parameter{hint}")
    return " ".join(first.split()), {name: " ".join(lines) for name, lines in tooltips.items()}
