"""The right names nearest to a wrong one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from heapq import nlargest

CLOSE_ENOUGH = 0.6
"""Share of letters in common from which a name counts as a likely slip."""

AS_GOOD = 0.15
"""Names this much less alike than the best one are not worth saying."""

MANY = 500
"""From this many names on, only those that share the most letter pairs are compared letter by letter."""


def nearest(name: str, names: Iterable[str], count: int = 3) -> list[str]:
    """The names that a person who wrote `name` most likely meant, best first; none where nothing is close.

    The same letters in other case, the same file in another folder and a name that contains the other come first.
    """
    wanted = _plain(name)
    if not wanted:
        return []
    pool = [each for each in dict.fromkeys(names) if each]
    scored = [(_score(wanted, _plain(each)), each) for each in _likely(wanted, pool)]
    least = max([CLOSE_ENOUGH, *(score - AS_GOOD for score, _ in scored)])
    best = nlargest(count, ((score, each) for score, each in scored if score >= least), key=lambda pair: pair[0])
    return [each for _, each in best]


def either(names: Sequence[str]) -> str:
    """Names for a message: `"a"`, `"a" or "b"`, `"a", "b" or "c"`."""
    quoted = [f'"{name}"' for name in names]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}" if len(quoted) > 1 else "".join(quoted)


def _plain(name: str) -> str:
    return name.casefold().replace("\\", "/").strip()


def _file(name: str) -> str:
    return name.rpartition("/")[2]


def _pairs(name: str) -> set[str]:
    return {name[at : at + 2] for at in range(len(name) - 1)}


def _likely(wanted: str, pool: list[str]) -> list[str]:
    if len(pool) <= MANY:
        return pool
    pairs = _pairs(wanted)
    return nlargest(MANY, pool, key=lambda each: len(pairs & _pairs(_plain(each))) / (len(each) + len(wanted)))


def _score(wanted: str, name: str) -> float:
    if name == wanted:
        return 4.0
    if _file(name) == _file(wanted) and _file(name):
        return 3.0
    matcher = SequenceMatcher(None, wanted, name, autojunk=False)
    contained = min(len(wanted), len(name)) >= 4 and (wanted in name or name in wanted)
    if not contained and (matcher.real_quick_ratio() < CLOSE_ENOUGH or matcher.quick_ratio() < CLOSE_ENOUGH):
        return 0.0
    return matcher.ratio() + (1.0 if contained else 0.0)
