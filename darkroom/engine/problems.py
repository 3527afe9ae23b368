"""One thing that is wrong with a workflow, said so that its user can mend it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """where, what came, what was wanted, what to do.

    type: ComfyUI's error type where one exists ("value_not_in_list", "return_type_mismatch", ...)
    node, input: None where the problem is of the whole file
    warning: the graph can run nevertheless
    """

    type: str
    came: str
    wanted: str
    remedy: str
    node: str | None = None
    node_type: str | None = None
    title: str | None = None
    input: str | None = None
    warning: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    """ComfyUI's `extra_info` (input_config, received_value, ...)."""
    details: str = ""
    """ComfyUI's `details`, where clients expect a certain text."""

    def __str__(self) -> str:
        where = ""
        if self.node is not None:
            name = self.title or self.node_type or "node"
            where = f"{name} (node {self.node})"
            if self.input is not None:
                where += f", input {self.input}"
            where += ": "
        text = f"{where}wants {self.wanted}, but {self.came}" if self.wanted else f"{where}{self.came}"
        whole = f"{text}; {self.remedy}." if self.remedy else f"{text}."
        return printable(whole)


def printable(text: str) -> str:
    """The text with everything that a terminal would obey, or that cannot be sent to one, as an escape.

    Files can hold control characters and halves of surrogate pairs; line ends and tabs stay.
    """
    whole = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return _OBEYED.sub(lambda found: f"\\x{ord(found[0]):02x}", whole)


_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class WorkflowError(Exception):
    """A file that is no workflow, or a graph that cannot run; carries every problem found."""

    def __init__(self, problems: list[Problem], source: str = "workflow") -> None:
        self.problems = problems
        self.source = source
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))
