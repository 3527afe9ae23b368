"""The recipe key of a step: equal keys mean equal results, whoever computes them and whatever the node's id.

A key is blake2b over tagged parts: node type and digest, settings, file stamps, change test, and the keys of what the
inputs come from. It is linear in the graph, as each step hashes the keys of its sources and not their recipes.
"""

from __future__ import annotations

import inspect
import math
import os
import struct
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from pathlib import Path, PurePath
from typing import Any, NamedTuple, Protocol

from darkroom import engine
from darkroom.engine.choices import is_name, mentioned, picked
from darkroom.engine.graph import Link
from darkroom.engine.run import Files
from darkroom.engine.running.binding import Kind, Step
from darkroom.engine.spec import FileChoice, FileMentions

KEY_BYTES = 16
FORMAT = b"darkroom 1"


class Unkeyable(Exception):
    """A value of which no recipe can be made; the message says why, as the end of a sentence."""


class LateFact(Protocol):
    """Something that a step turned out to rest on only while it ran, beyond its recipe (see `late`)."""

    def read(self, keyring: Keyring) -> bytes:
        """What it is now. Raises Unkeyable where it is never twice the same."""
        ...


LateFacts = Mapping[bytes, tuple[LateFact, ...]]
"""By recipe key, what steps rested on when they ran."""


Hidden = Mapping[str, Callable[[], Any]]
"""By tag, what gives the value of a hidden input; UNIQUE_ID, the node's own id, need not be there."""


class Recipe(NamedTuple):
    """A step's key before hashing, kept to explain what changed. parts: header, one for each field, then the rest."""

    step: Step
    parts: tuple[bytes, ...]


class Keyring:
    """The keys of one job's steps.

    keys: by node id. fresh: why a step's result can be neither found nor kept, by node id; its key is of this job only.
    parts: what each key was made of, by node id; steps: of which step. hidden: by tag, what hidden inputs hold
    """

    def __init__(self, files: Files, late: LateFacts, hidden: Hidden) -> None:
        self.files = files
        self.keys: dict[str, bytes] = {}
        self.fresh: dict[str, str] = {}
        self.steps: dict[str, Step] = {}
        self.parts: dict[str, tuple[bytes, ...]] = {}
        self._late = late
        self._hidden = hidden
        self._headers: dict[Kind, bytes] = {}
        self._stamps: dict[tuple[str, str], bytes] = {}

    def add(self, steps: Iterable[Step]) -> None:
        """Make the keys of steps, each given after those it reads."""
        for step in steps:
            self.make(step)

    def make(self, step: Step) -> bytes:
        """Make a step's key, anew where it has one."""
        id = step.id
        self.steps[id] = step
        fresh = self.fresh
        fresh.pop(id, None)
        try:
            # A tuple of bytes is nothing for the garbage collector to look through, a list would be.
            parts = self.parts[id] = tuple(self._parts(step))
        except Unkeyable as reason:
            self.parts.pop(id, None)
            return self.set_fresh(id, str(reason))
        key = self.keys[id] = blake2b(b"".join(parts), digest_size=KEY_BYTES).digest()
        if fresh:
            for field, link in step.links():
                if link.source in fresh:
                    # The key holds that of its source, so that equal steps of this job still share one result.
                    fresh[id] = f"input {field.name} comes from node {link.source}, which runs each time"
                    return key
        facts = self._late.get(key) if self._late else None
        return self.extend(id, facts) if facts else key

    def extend(self, id: str, facts: Iterable[LateFact]) -> bytes:
        """Add late facts to a step's recipe key, and return what becomes its key."""
        try:
            read = b"".join(fact.read(self) for fact in facts)
        except Unkeyable as reason:
            return self.set_fresh(id, str(reason))
        self.keys[id] = blake2b(self.recipe_key(id) + read, digest_size=KEY_BYTES).digest()
        return self.keys[id]

    def recipe_key(self, id: str) -> bytes:
        """The key of a step's recipe alone, without late facts."""
        parts = self.parts.get(id)
        return self.keys[id] if parts is None else blake2b(b"".join(parts), digest_size=KEY_BYTES).digest()

    def recipe(self, id: str) -> Recipe | None:
        """What a step's key was made of; None where it has none."""
        parts = self.parts.get(id)
        return None if parts is None else Recipe(self.steps[id], parts)

    def set_fresh(self, id: str, reason: str) -> bytes:
        """Give a step a key that no other job will ever have."""
        self.fresh[id] = reason
        self.keys[id] = os.urandom(KEY_BYTES)
        return self.keys[id]

    def stamp(self, choice: FileChoice, name: object) -> bytes:
        """The encoded content stamp of a chosen file, read once per job.

        Raises Unkeyable where there is no such file.
        """
        if not is_name(name, choice):
            return b""
        found = self._stamps.get((choice.folder, name))
        if found is None:
            try:
                found = encode(self.files.stamp(self.files.path(choice.folder, name)))
            except OSError as error:
                raise Unkeyable(f"its file {name!r} cannot be read ({error})") from None
            self._stamps[choice.folder, name] = found
        return found

    def mentions(self, mentions: FileMentions, text: object) -> bytes:
        """The encoded names and content stamps of the files that a text names, as far as they are there."""
        stamps: dict[object, object] = {}
        for name, path in mentioned(mentions, text, self.files).items():
            try:
                stamps[name] = self.files.stamp(path)
            except OSError as error:
                raise Unkeyable(f"the file {name!r}, which it names, cannot be read ({error})") from None
        return b"@" + encode(stamps) if stamps else b""

    def change(self, kind: Kind, constants: Mapping[str, Any]) -> bytes:
        """What a node type's change test answers, encoded. Raises Unkeyable where it fails or answers NaN."""
        test = kind.spec.changed
        if test is None:
            return b""
        try:
            value = test(**kind.changed_arguments(constants))
            if inspect.isawaitable(value):
                value = engine.awaiting.wait_for(value)
        except Exception as error:
            raise Unkeyable(f"its change test failed ({type(error).__name__}: {error})") from None
        return _encode_answer(value)

    def constants(self, step: Step) -> dict[str, Any]:
        """A step's inputs as its change test sees them: settings and files as they are, wires as None."""
        found: dict[str, Any] = {}
        for field in step.fields:
            value = step.inputs[field.name] if field.given else field.default
            found[field.name] = None if type(value) is Link else picked(field.choice, value, self.files)
        found.update(hidden_inputs(step.kind, self._hidden, step.id))
        return found

    def _parts(self, step: Step) -> list[bytes]:
        spec = step.kind.spec
        if not spec.cached:
            raise Unkeyable("not cached by declaration")
        header = self._headers.get(step.kind)
        if header is None:
            header = self._headers[step.kind] = FORMAT + encode(spec.id) + encode(spec.digest)
        parts = [header]
        keys = self.keys
        for name, tag, given, default, choice, _, _, mentions in step.fields:
            value = step.inputs[name] if given else default
            kind = type(value)
            if kind is Link:
                parts.append(b"%b>%b%d" % (tag, keys[value.source], value.slot))
                continue
            encoder = _ENCODERS.get(kind)
            try:
                part = tag + (encoder(value) if encoder is not None else encode(value))
            except Unkeyable as reason:
                raise Unkeyable(f"its setting {name} {reason}") from None
            if choice is not None:
                part += b"@" + self.stamp(choice, value)
            elif mentions is not None:
                part += self.mentions(mentions, value)
            parts.append(part)
        if spec.per_node:
            parts.append(b"#" + encode(step.id))
        if spec.changed is not None:
            trusted = step.is_changed is not None
            answer = _encode_answer(step.is_changed) if trusted else self.change(step.kind, self.constants(step))
            parts.append(b"?" + answer)
        return parts


def hidden_inputs(kind: Kind, values: Hidden, id: str) -> dict[str, Any]:
    """A node type's hidden inputs, by name; those whose tag is not known are left out."""
    found = {}
    for name, tag in kind.hidden:
        if tag == "UNIQUE_ID":
            found[name] = id
        elif tag in values:
            found[name] = values[tag]()
    return found


def _encode_answer(answer: Any) -> bytes:
    try:
        return encode(answer)
    except Unkeyable as reason:
        raise Unkeyable("its change test gives " + ("NaN" if str(reason) == "is NaN" else f"what {reason}")) from None


def encode(value: object) -> bytes:
    """Write a plain value so that different values, and equal values of different types, differ.

    The order of a dict's items does not count. Raises Unkeyable for NaN and for what is not plain data.
    """
    encoder = _ENCODERS.get(type(value))
    if encoder is not None:
        try:
            return encoder(value)
        except RecursionError:
            raise Unkeyable("is nested too deeply to be compared") from None
    for base in (bool, int, float, str, bytes, list, tuple, dict, set, frozenset, PurePath):
        if isinstance(value, base):
            return _ENCODERS[base](value)
    raise Unkeyable(f"is of type {type(value).__name__}, which has no recipe")


def _encode_float(value: float) -> bytes:
    if math.isnan(value):
        raise Unkeyable("is NaN")
    return b"f" + struct.pack(">d", value)


def _encode_text(value: str) -> bytes:
    data = value.encode("utf-8", "surrogatepass")
    return b"s%d:%b" % (len(data), data)


def _encode_items(value: list[object] | tuple[object, ...]) -> bytes:
    return b"%b%d:%b" % (b"l" if isinstance(value, list) else b"p", len(value), b"".join(map(encode, value)))


def _encode_set(value: set[object] | frozenset[object]) -> bytes:
    return b"e%d:%b" % (len(value), b"".join(sorted(map(encode, value))))


def _encode_dict(value: dict[object, object]) -> bytes:
    items = sorted(encode(name) + encode(each) for name, each in value.items())
    return b"d%d:%b" % (len(value), b"".join(items))


def _encode_path(value: PurePath) -> bytes:
    return b"P" + _encode_text(str(value))


_ENCODERS: dict[type, Callable[[Any], bytes]] = {
    int: lambda value: b"i%x;" % value if value >= 0 else b"i-%x;" % -value,
    float: _encode_float,
    str: _encode_text,
    bool: lambda value: b"t" if value else b"u",
    type(None): lambda value: b"n",
    bytes: lambda value: b"b%d:%b" % (len(value), value),
    list: _encode_items,
    tuple: _encode_items,
    dict: _encode_dict,
    set: _encode_set,
    frozenset: _encode_set,
    PurePath: _encode_path,
    type(Path()): _encode_path,
}
