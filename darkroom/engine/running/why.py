"""Why a step ran or did not: what is different from the last time that this node of this workflow was looked at."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from darkroom.engine.events import FIRST_RUN
from darkroom.engine.graph import Link
from darkroom.engine.running.binding import Field, Step
from darkroom.engine.running.describe import shown
from darkroom.engine.running.key import Keyring, Recipe

WORKFLOWS_REMEMBERED = 32
DIFFERENCES_SHOWN = 3

UNCHANGED = "nothing changed since it ran"
COMPUTED_BEFORE = "an earlier run had the same recipe"
ELSEWHERE = "another job computed it at the same time"


@dataclass(frozen=True, slots=True)
class Page:
    """The recipes of one workflow's nodes when they last took part in a run, by node id (see `Keyring`)."""

    steps: dict[str, Step] = field(default_factory=dict)
    parts: dict[str, tuple[bytes, ...]] = field(default_factory=dict)

    def recipe(self, id: str) -> Recipe | None:
        parts = self.parts.get(id)
        return None if parts is None else Recipe(self.steps[id], parts)


class Ledger:
    """The recipes of the last runs, by workflow; any number of threads may use one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: OrderedDict[str, Page] = OrderedDict()

    def page(self, source: str) -> Page:
        """What is known of a workflow."""
        with self._lock:
            page = self._pages.setdefault(source, Page())
            self._pages.move_to_end(source)
            if len(self._pages) > WORKFLOWS_REMEMBERED:
                self._pages.popitem(last=False)
            return page

    def write(self, page: Page, keyring: Keyring) -> None:
        """Note what the nodes of a workflow are now."""
        with self._lock:
            page.steps.update(keyring.steps)
            page.parts.update(keyring.parts)


def why_fresh(reason: str) -> str:
    """The reason for a step that runs each time, from why it cannot be keyed."""
    is_complete = reason.startswith(("input ", "not cached"))
    return reason if is_complete else f"runs each time: {reason}"


def why_missed(now: Recipe, before: Recipe | None, gone: str | None, ran: Collection[str]) -> str:
    """The reason for a step whose result was not there.

    before: its recipe the last time; gone: what became of the result (`Cache.why_not`)
    ran: ids of steps that ran in this job
    """
    if before is None or before.step.type != now.step.type:
        return gone or FIRST_RUN
    if before.parts == now.parts:
        return gone or "it did not finish the last time"
    if before.parts[0] != now.parts[0]:
        return "its code changed"
    found = _differences(now, before, ran)
    if gone is not None:
        found.append(f"the earlier result for this {gone}")
    more = len(found) - DIFFERENCES_SHOWN
    return ", ".join(found[:DIFFERENCES_SHOWN] + ([f"and {more} more"] if more > 0 else [])) or "its recipe changed"


def why_hit(now: tuple[bytes, ...] | None, before: tuple[bytes, ...] | None) -> str:
    """The reason for a step whose result was there, from what its key was and is made of."""
    return UNCHANGED if before == now else COMPUTED_BEFORE


def same_as(id: str) -> str:
    """The reason for a step that shares the result of another of its job."""
    return f"the same recipe as node {id}, which ran for both"


def _differences(now: Recipe, before: Recipe, ran: Collection[str]) -> list[str]:
    old = {each.name: (each, part) for each, part in zip(before.step.fields, before.parts[1:], strict=False)}
    found = []
    for each, part in zip(now.step.fields, now.parts[1:], strict=False):
        was = old.pop(each.name, None)
        if was is None:
            found.append(f"{each.name} {shown(_value(now, each))} is new")
        elif was[1] != part:
            old_value, new_value = _value(before, was[0]), _value(now, each)
            if each.mentions is not None and old_value == new_value and not isinstance(new_value, Link):
                found.append(f"a file that {each.name} names changed")
            else:
                found.append(_difference(each.name, old_value, new_value, ran))
    found += [f"{name} was removed" for name in old]
    if not found and before.parts[1 + len(before.step.fields) :] != now.parts[1 + len(now.step.fields) :]:
        found.append("its change test gives another answer")
    return found


def _difference(name: str, old: Any, new: Any, ran: Collection[str]) -> str:
    if isinstance(new, Link):
        if isinstance(old, Link) and old.source == new.source and old.slot == new.slot:
            return f"input {name} comes from node {new.source}, which {'re-ran' if new.source in ran else 'changed'}"
        if isinstance(old, Link):
            was = f"before from node {old.source} output {old.slot}"
            return f"input {name} comes from node {new.source} output {new.slot}, {was}"
        return f"input {name} comes from node {new.source}, before it was {shown(old)}"
    if isinstance(old, Link):
        return f"{name} is {shown(new)}, before it came from node {old.source}"
    if type(old) is type(new) and old == new:
        return f"file {shown(new)} changed"
    return f"{name} {shown(old)} -> {shown(new)}"


def _value(recipe: Recipe, field: Field) -> Any:
    return recipe.step.inputs[field.name] if field.given else field.default
