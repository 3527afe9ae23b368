"""How the inputs that a node type declares meet those that a node of a graph gives.

A `Kind` is what planning, keys and calls need to know of a node type, worked out once per type and not per node.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from darkroom.engine.graph import Link
from darkroom.engine.spec import FileChoice, FileMentions, InputSpec, NodeSpec, Specs

LAYOUTS_KEPT = 1000
"""Per node type; only types that take any input have more than a few."""


class Field(NamedTuple):
    """One input that takes part in a call.

    tag: the name, as it goes into a key
    given: the node says something; otherwise `default` holds
    choice: the value names a file, which the function receives as a path
    lazy: a wire that is computed only if asked for
    raw: the function receives the link itself and nothing is computed for it
    mentions: the value is a text that names files
    """

    name: str
    tag: bytes
    given: bool
    default: Any
    choice: FileChoice | None
    lazy: bool
    raw: bool
    mentions: FileMentions | None = None


class Kind:
    """A node type as the executor sees it."""

    __slots__ = (
        "_changed_takes",
        "_declared",
        "_layouts",
        "_wanted_takes",
        "hidden",
        "is_lazy",
        "list_outputs",
        "spec",
        "type",
    )

    def __init__(self, spec: NodeSpec) -> None:
        self.spec = spec
        self.type = spec.id
        known = [(each.name, each.type) for each in spec.inputs if each.kind == "hidden"]
        self.hidden: tuple[tuple[str, str], ...] = tuple(known)
        self._declared = {each.name: each for each in spec.inputs}
        maybe_lazy = spec.undeclared is not None or any(each.lazy for each in spec.inputs)
        self.is_lazy = spec.wanted is not None and maybe_lazy
        self.list_outputs = tuple(each.is_list for each in spec.outputs)
        self._layouts: dict[tuple[str, ...], tuple[Field, ...]] = {}
        self._changed_takes = _names_taken(spec.changed)
        self._wanted_takes = _names_taken(spec.wanted)

    def fields(self, inputs: Mapping[str, Any]) -> tuple[Field, ...]:
        """The inputs of a call by a node that gives these, sorted by name."""
        if self.spec.any_link:
            names = tuple(name for name, value in inputs.items() if name in self._declared or type(value) is Link)
        else:
            names = tuple(inputs)
        found = self._layouts.get(names)
        if found is None:
            if len(self._layouts) >= LAYOUTS_KEPT:
                self._layouts.clear()
            found = self._layouts[names] = self._lay_out(names)
        return found

    def _lay_out(self, names: tuple[str, ...]) -> tuple[Field, ...]:
        declared, spec = self._declared, self.spec
        any_name = spec.any_input or spec.any_link
        fields = [self._field(name, declared.get(name)) for name in names if name in declared or any_name]
        for name, each in declared.items():
            if spec.fills_defaults and name not in names and each.is_widget and each.has_default:
                choice = each.choices if isinstance(each.choices, FileChoice) else None
                fields.append(
                    Field(name, _tag(name), False, each.options["default"], choice, False, False, each.mentions)
                )
        return tuple(sorted(fields))

    def _field(self, name: str, declared: InputSpec | None) -> Field:
        if declared is None and self.spec.undeclared is not None:
            declared = self.spec.undeclared(name)
        if declared is None:
            return Field(name, _tag(name), True, None, None, False, False)
        choice = declared.choices if isinstance(declared.choices, FileChoice) else None
        lazy = declared.lazy and self.is_lazy
        return Field(name, _tag(name), True, None, choice, lazy, declared.raw_link, declared.mentions)

    def changed_arguments(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the inputs that the change test takes."""
        return _only(inputs, self._changed_takes)

    def wanted_arguments(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the inputs that the question for lazy inputs takes."""
        return _only(inputs, self._wanted_takes)


class Kinds:
    """Node types by name, looked up in a registry and kept while it gives the same definition."""

    def __init__(self, registry: Specs) -> None:
        self._registry = registry
        self._kinds: dict[str, Kind] = {}

    def find(self, type: str) -> Kind | None:
        spec = self._registry.get(type)
        if spec is None:
            return None
        kind = self._kinds.get(type)
        if kind is None or kind.spec is not spec:
            kind = self._kinds[type] = Kind(spec)
        return kind


class Step(NamedTuple):
    """One node of a plan with all that is needed to key and call it."""

    id: str
    type: str
    inputs: Mapping[str, Any]
    is_changed: Any
    kind: Kind
    fields: tuple[Field, ...]

    def links(self, *, strong_only: bool = False) -> list[tuple[Field, Link]]:
        """The wires of this step. strong_only: only those that must be computed before it runs."""
        found = []
        for field in self.fields:
            if field.given and not (strong_only and (field.lazy or field.raw)):
                value = self.inputs[field.name]
                if type(value) is Link:
                    found.append((field, value))
        return found


def _tag(name: str) -> bytes:
    encoded = name.encode("utf-8", "surrogatepass")
    return b"%d:%b" % (len(encoded), encoded)


def _names_taken(function: Callable[..., Any] | None) -> frozenset[str] | None:
    """The parameters of a function; None where it takes every name (or does not tell)."""
    if function is None:
        return None
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        return None
    return frozenset(each.name for each in parameters)


def _only(inputs: Mapping[str, Any], names: frozenset[str] | None) -> dict[str, Any]:
    return dict(inputs) if names is None else {name: value for name, value in inputs.items() if name in names}
