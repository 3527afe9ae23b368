"""What a node is, as data: the one description from which sockets, widgets, checks and docs are derived."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from darkroom.engine.facts import Facts, Trouble

Kind = Literal["required", "optional", "hidden"]

WIDGET_TYPES = frozenset({"INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"})
"""Types whose inputs are drawn as widgets unless `forceInput` is set; every other type is a socket only."""


@dataclass(frozen=True, slots=True)
class FileChoice:
    """A choice among the files of a models folder, or of the input folder.

    folder: a key of `files.folders` ("checkpoints", "loras", ...) or "input"
    upload: the editor offers an upload button beside it
    extra: choices that are no files, listed after them
    """

    folder: str
    upload: bool = False
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileMentions:
    """Files of a models folder that a text names among other words, as a prompt names embeddings.

    names: of a text, every name to look for; those that are in the folder now go into the key with their stamps
    """

    folder: str
    names: Callable[[str], Iterable[str]]


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One input of a node, a wire or a setting.

    type: a tag such as "MODEL", "INT", "COMBO", "*" (anything), or a union "INT,FLOAT"
    options: what `/object_info` says beside the type (default, min, max, step, tooltip, ...), without the choices
    choices: of a COMBO: fixed names, a file choice, or a function that lists them now
    old_combo: `/object_info` writes the choices in place of the type, as most nodes do
    """

    name: str
    type: str
    kind: Kind = "required"
    options: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[Any, ...] | FileChoice | Callable[[], Iterable[Any]] | None = None
    old_combo: bool = True
    bare: bool = False
    """`/object_info` gives no options object at all; of a hidden input: a plain text in place of a list."""
    shape: str = ""
    """Of a tensor on a wire, for readers: "batch height width 3"."""
    unlisted: bool = False
    """Of a COMBO: a value that is none of the choices is taken as well."""
    mentions: FileMentions | None = None
    """Of a text: which files it names."""

    @property
    def lazy(self) -> bool:
        return bool(self.options.get("lazy", False))

    @property
    def raw_link(self) -> bool:
        return bool(self.options.get("rawLink", False))

    @property
    def is_widget(self) -> bool:
        return self.type in WIDGET_TYPES and not self.options.get("forceInput", False) and self.kind != "hidden"

    @property
    def has_default(self) -> bool:
        return "default" in self.options


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """One output of a node. type: a tag, or the choices themselves (a tuple) where an output is an old combo."""

    name: str
    type: str | tuple[Any, ...]
    is_list: bool = False
    tooltip: str | None = None
    shape: str = ""


FILES = "<files>"
"""Under this name facts and troubles functions of a node with `mentions` find the `Files`, where there are any."""

FactsOf = Callable[[Mapping[str, Any]], tuple[Facts, ...]]
"""Facts of the outputs. Wires arrive as Facts, settings as values, file choices as paths; unknown ones are absent."""

TroublesOf = Callable[[Mapping[str, Any]], Iterable[Trouble]]
"""What is wrong with inputs that are each right by themselves; called like `FactsOf`."""


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """A node type: its definition and, unless it is known by description only, its function."""

    id: str
    inputs: tuple[InputSpec, ...] = ()
    outputs: tuple[OutputSpec, ...] = ()
    display_name: str | None = None
    category: str = "sd"
    description: str = ""
    module: str = "nodes"
    final: bool = False
    """Shows or saves something: a root of execution."""
    function: Callable[..., Any] | None = None
    run_parameter: str | None = None
    """The parameter that receives the Run, if any."""
    is_async: bool = False
    input_is_list: bool = False
    any_input: bool = False
    """Undeclared links and values are passed as keyword arguments, links resolved."""
    any_link: bool = False
    """Undeclared links are resolved and passed as keyword arguments; undeclared values are not."""
    undeclared: Callable[[str], InputSpec | None] | None = None
    """With `any_input`: what an undeclared input of this name is (lazy, a raw link), if that is known."""
    fills_defaults: bool = True
    """A setting that a node does not give is passed with its default; otherwise it is not passed."""
    cached: bool = True
    per_node: bool = False
    """Two nodes with equal inputs do not share a result: the node id is part of the key."""
    deprecated: bool = False
    experimental: bool = False
    api_node: bool = False
    digest: str = ""
    """Of the source and declared version; part of every key."""
    facts: FactsOf | None = None
    troubles: TroublesOf | None = None
    wanted: Callable[..., Iterable[str]] | None = None
    """Of a node with lazy inputs: which of the missing ones (given as None) it needs, by name."""
    changed: Callable[..., Any] | None = None
    """A value that goes into the key (a file's hash); NaN means: runs each time."""
    validate: Callable[..., Any] | None = None
    """A custom validator: True, or what is wrong. It replaces the built-in range and choice test of its parameters."""
    where: str = ""
    """`file:line function` of the definition, for messages to its author."""

    def input(self, name: str) -> InputSpec | None:
        for each in self.inputs:
            if each.name == name:
                return each
        return None


class Specs(Protocol):
    """Where node types are found by name; `registry.Registry` is one."""

    def get(self, type: str, /) -> NodeSpec | None: ...
