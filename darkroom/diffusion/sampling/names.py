"""Names in tables, and what to say when one is not there."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def unknown(kind: str, name: str, known: Iterable[str]) -> ValueError:
    """The error for a name that a table does not have, with the nearest right one."""
    names = list(known)
    near = get_close_matches(name, names, n=1)
    advice = f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(names)}."
    return ValueError(f"There is no {kind} named {name!r}. {advice}")
