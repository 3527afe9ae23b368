"""What a pack is told that asks for something we do not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn


def lacking(module: str, why: str = "") -> Callable[[str], Any]:
    """A module's `__getattr__`: says in words that a member is not there. why: as the end of a sentence."""

    def refuse(name: str) -> NoReturn:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        reason = f": {why}" if why else ""
        raise AttributeError(f"Darkroom has no {module}.{name}, which a pack asked for{reason}")

    return refuse
