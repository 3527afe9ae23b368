"""Forms of values: how the text behind a flag, of a variable or in the settings file becomes a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

YES = ("true", "yes", "on", "1")
NO = ("false", "no", "off", "0")


@dataclass(frozen=True, slots=True)
class Kind:
    """One form of value. wanted: the form in words; read: from text, raises ValueError with what is wrong.

    many: a tuple of such values; bare: the text that a flag without a value stands for; switch: it never has one
    joined: one value that a list in the file is joined to, with commas; unsplit: an item may hold a comma
    """

    wanted: str
    read: Callable[[str], Any]
    metavar: str = "VALUE"
    many: bool = False
    bare: str | None = None
    switch: bool = False
    joined: bool = False
    unsplit: bool = False

    def value(self, given: Any) -> Any:
        """A value from text, or from what TOML has. Raises ValueError."""
        if isinstance(given, str):
            return tuple(map(self.read, split(given))) if self.many else self.read(given)
        if isinstance(given, list):
            if self.joined:
                return self.read(",".join(map(str, given)))
            if not self.many:
                raise ValueError("a list")
            texts = map(plain_text, given)
            items = texts if self.unsplit else (part for text in texts for part in split(text))
            return tuple(map(self.read, items))
        one = self.read(plain_text(given))
        return (one,) if self.many else one


def plain_text(given: Any) -> str:
    """What TOML has as the text that would stand behind a flag."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, str | int | float):
        return str(given)
    raise ValueError(f"a {type(given).__name__}")


def split(text: str) -> Sequence[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def whole(low: int, high: int | None = None, *, metavar: str = "N", bare: str | None = None) -> Kind:
    bounds = f"from {low} to {high}" if high is not None else f"of {low} or more"

    def read(text: str) -> int:
        number = int(text)
        if number < low or (high is not None and number > high):
            raise ValueError("outside")
        return number

    return Kind(f"a whole number {bounds}", read, metavar, bare=bare)


def number(low: float, high: float | None = None, *, metavar: str = "X", bare: str | None = None) -> Kind:
    bounds = f"from {low:g} to {high:g}" if high is not None else f"of {low:g} or more"

    def read(text: str) -> float:
        value = float(text)
        if not low <= value < float("inf") or (high is not None and value > high):
            raise ValueError("outside")
        return value

    return Kind(f"a number {bounds}", read, metavar, bare=bare)


def one_of(*choices: str, bare: str | None = None) -> Kind:
    def read(text: str) -> str:
        found = next((each for each in choices if each.casefold() == text.casefold()), None)
        if found is None:
            raise ValueError("none of them")
        return found

    return Kind(f"one of {', '.join(choices)}", read, "{" + ",".join(choices) + "}", bare=bare)


def text(wanted: str = "text", metavar: str = "TEXT", *, many: bool = False, bare: str | None = None) -> Kind:
    def read(given: str) -> str:
        if not given:
            raise ValueError("nothing")
        return given

    return Kind(wanted, read, metavar, many=many, bare=bare)


def path(metavar: str = "DIR", *, many: bool = False) -> Kind:
    def read(given: str) -> Path:
        if not given or "\0" in given:
            raise ValueError("no path")
        return Path(given).expanduser()

    return Kind("a path", read, metavar, many=many, unsplit=True)


def checked(wanted: str, read: Callable[[str], Any], metavar: str, *, bare: str | None = None) -> Kind:
    """A form with its own reader, whose parts may stand in a list."""
    return Kind(wanted, read, metavar, bare=bare, joined=True)


def read_switch(given: str) -> bool:
    if given.casefold() in YES:
        return True
    if given.casefold() in NO:
        return False
    raise ValueError("neither")


SWITCH = Kind("true or false", read_switch, "", switch=True)
