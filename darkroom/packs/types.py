"""Type tags of packs, which are often texts with an equality of their own."""

from __future__ import annotations

from typing import Any


class PackType(str):
    """A tag whose inequality is that of a pack's own text type, and which is plain text otherwise.

    Packs write `class Any(str)` whose `__ne__` is always False, so that a link fits everywhere. Often they change
    `__eq__` too, or lose `__hash__` by that; such a text must not stand in tables and comparisons of ours.
    """

    __slots__ = ("original",)
    original: str

    def __new__(cls, original: str) -> PackType:
        made = super().__new__(cls, str.__str__(original))
        made.original = original
        return made

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) is True

    def __ne__(self, other: object) -> bool:
        return bool(self.original != (other.original if isinstance(other, PackType) else other))


def tag_of(given: Any) -> str:
    """The tag that a pack gives as a type; anything that is no text becomes one."""
    if type(given) is str:
        return given
    return PackType(given) if isinstance(given, str) else str(given)
