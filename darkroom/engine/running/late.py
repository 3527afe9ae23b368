"""What a step turns out to rest on while it runs, beyond the recipe that was known before.

A file whose name arrives over a wire, or within a text over a wire, and the files, change tests and outer nodes of a
graph that a node expands into, are seen only once the node runs. They are remembered by recipe key; the next job reads
them again and mixes them into the key, so that a changed file is never answered with an old result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from darkroom.engine.graph import Link
from darkroom.engine.running.binding import Kind, Step
from darkroom.engine.running.key import Keyring, LateFact, Unkeyable
from darkroom.engine.spec import FileChoice, FileMentions


@dataclass(frozen=True, slots=True)
class LateFile:
    """A chosen file."""

    choice: FileChoice
    name: str

    def read(self, keyring: Keyring) -> bytes:
        return b"@" + keyring.stamp(self.choice, self.name)


@dataclass(frozen=True, slots=True)
class LateMentions:
    """Files that a text names."""

    mentions: FileMentions
    text: str

    def read(self, keyring: Keyring) -> bytes:
        return b"m" + keyring.mentions(self.mentions, self.text)


@dataclass(frozen=True, slots=True, eq=False)
class LateChange:
    """A change test of a node type, with the settings it was asked with."""

    kind: Kind
    constants: Mapping[str, Any]

    def read(self, keyring: Keyring) -> bytes:
        return b"?" + keyring.change(self.kind, self.constants)


@dataclass(frozen=True, slots=True)
class LateNode:
    """A node outside an expansion that something inside it reads."""

    id: str

    def read(self, keyring: Keyring) -> bytes:
        if self.id in keyring.fresh or self.id not in keyring.keys:
            raise Unkeyable(f"the graph it expands into reads node {self.id}, which runs each time")
        return b">" + keyring.keys[self.id]


@dataclass(frozen=True, slots=True)
class LateFresh:
    """Something inside that is never twice the same."""

    reason: str

    def read(self, keyring: Keyring) -> bytes:
        raise Unkeyable(self.reason)


def facts_of(step: Step, inside: Mapping[str, object], keyring: Keyring) -> list[LateFact]:
    """What a step of an expanded graph rests on that the expanding node's own recipe does not say.

    inside: the ids of all nodes of that graph
    """
    facts: list[LateFact] = []
    for field in step.fields:
        value = step.inputs[field.name] if field.given else field.default
        if type(value) is Link:
            if value.source not in inside:
                facts.append(LateNode(value.source))
        elif field.choice is not None and isinstance(value, str):
            facts.append(LateFile(field.choice, value))
        elif field.mentions is not None and isinstance(value, str):
            facts.append(LateMentions(field.mentions, value))
    if step.id in keyring.fresh and not any(link.source in keyring.fresh for _, link in step.links()):
        facts.append(LateFresh(f"node {step.id}, which it expands into, runs each time: {keyring.fresh[step.id]}"))
    elif step.kind.spec.changed is not None and step.is_changed is None:
        facts.append(LateChange(step.kind, keyring.constants(step)))
    return facts
