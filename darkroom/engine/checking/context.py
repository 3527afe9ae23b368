"""What one check works with: the graph, the node types it uses, and lists that are made once only."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from darkroom.engine.checking.coerce import COERCIONS
from darkroom.engine.choices import listed, names_in
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.links import LinkType, fits
from darkroom.engine.nearest import nearest
from darkroom.engine.object_info import input_config
from darkroom.engine.problems import Problem
from darkroom.engine.registry import Registry
from darkroom.engine.run import Files
from darkroom.engine.spec import WIDGET_TYPES, FileChoice, InputSpec, NodeSpec

CORE_WIRES = frozenset(
    {
        "MODEL",
        "CLIP",
        "VAE",
        "CONDITIONING",
        "LATENT",
        "IMAGE",
        "MASK",
        "CONTROL_NET",
        "SAMPLER",
        "SIGMAS",
        "GUIDER",
        "NOISE",
        "CLIP_VISION",
        "CLIP_VISION_OUTPUT",
        "STYLE_MODEL",
        "UPSCALE_MODEL",
        "GLIGEN",
        "AUDIO",
        "VIDEO",
    }
)
"""Types that no widget makes: a literal in place of a link is a mistake."""

GROWING = ("COMFY_AUTOGROW_V3", "COMFY_DYNAMICCOMBO_V3")
"""Types of inputs that stand for several, sent as `name.part`; they themselves may be absent."""

LOOKUPS = 100
"""So many wrong names get the nearest right ones; a file with thousands of them has another fault."""

MISSING: Any = object()


class KnownInput:
    """One declared input, with what the check asks of it laid out."""

    __slots__ = ("coercion", "high", "is_combo", "low", "name", "required", "spec", "takes_literals", "takes_values")

    def __init__(self, spec: InputSpec) -> None:
        self.spec = spec
        self.name = spec.name
        self.required = spec.kind == "required" and spec.type not in GROWING
        self.coercion: Callable[[Any], Any] | None = COERCIONS.get(spec.type)
        self.low: Any = spec.options.get("min")
        self.high: Any = spec.options.get("max")
        self.is_combo = spec.type == "COMBO" and spec.choices is not None and not spec.unlisted
        self.takes_literals = spec.type not in CORE_WIRES
        self.takes_values = spec.type in WIDGET_TYPES and not spec.options.get("forceInput", False)
        """Facts functions get the value itself, not Facts that hold it."""


class KnownType:
    """One node type, its inputs laid out."""

    def __init__(self, spec: NodeSpec) -> None:
        self.spec = spec
        self.inputs = tuple(KnownInput(each) for each in spec.inputs if each.kind != "hidden")
        self.names = frozenset(each.name for each in spec.inputs)
        self.raw = frozenset(each.name for each in spec.inputs if each.raw_link)
        self.validator_takes, self.validator_takes_all = taken_by(spec.validate)
        self.growing = tuple(f"{each.name}." for each in spec.inputs if each.type in GROWING)

    def uses(self, name: str) -> bool:
        """Whether a link under this name is followed when the node runs."""
        if name in self.names:
            return name not in self.raw
        if self.spec.undeclared is not None:
            given = self.spec.undeclared(name)
            return given is None or not given.raw_link
        # Of nodes known by description only nobody can say what more their functions take.
        return self.spec.any_input or self.spec.any_link or self.spec.function is None or name.startswith(self.growing)


def taken_by(validate: Callable[..., Any] | None) -> tuple[frozenset[str], bool]:
    """The parameters of a validator, and whether it takes any name."""
    if validate is None:
        return frozenset(), False
    parameters = inspect.signature(validate).parameters.values()
    any_name = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)
    positional = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return frozenset(each.name for each in parameters if each.kind in positional), any_name


class Checking:
    """The memory of one check."""

    def __init__(self, graph: Graph, registry: Registry, files: Files | None) -> None:
        self.graph = graph
        self.registry = registry
        self.files = files
        self._types: dict[str, KnownType | None] = {}
        self._choices: dict[Any, tuple[Any, ...]] = {}
        self._names: dict[Any, frozenset[Any]] = {}
        self._fits: dict[tuple[str, str], bool] = {}
        self._nearest: dict[tuple[str, str], list[str]] = {}
        self._cheapest: dict[str, str | None] = {}
        self._configs: dict[int, list[Any]] = {}

    def type_of(self, node: Node) -> KnownType | None:
        found = self._types.get(node.type, MISSING)
        if found is MISSING:
            spec = self.registry.get(node.type)
            found = self._types[node.type] = KnownType(spec) if spec is not None else None
        return found  # type: ignore[no-any-return]

    @cached_property
    def sources(self) -> Mapping[str, tuple[str, ...]]:
        """Of each node, the ids it takes values from when it runs; also such as are no nodes."""
        found: dict[str, tuple[str, ...]] = {}
        for node in self.graph:
            known = self.type_of(node)
            found[node.id] = tuple(
                value.source
                for name, value in node.inputs.items()
                if isinstance(value, Link) and (known is None or known.uses(name))
            )
        return found

    def choices(self, given: InputSpec) -> tuple[Any, ...]:
        """What can be chosen now; a folder is listed once in a check."""
        if isinstance(given.choices, tuple):
            return given.choices
        if isinstance(given.choices, FileChoice):
            # Kept by folder, without the extra choices, in which two inputs of one folder may differ.
            folder = given.choices.folder
            if folder not in self._choices:
                self._choices[folder] = names_in(folder, self.files)
            return self._choices[folder] + given.choices.extra
        if given.choices not in self._choices:
            self._choices[given.choices] = listed(given, self.files)
        return self._choices[given.choices]

    def config(self, given: InputSpec) -> list[Any]:
        """`input_config` of an error report; one list for all reports on this input, since it may be long."""
        found = self._configs.get(id(given))
        if found is None:
            found = self._configs[id(given)] = input_config(given, self.choices(given) if given.choices else ())
        return found

    def is_listed(self, given: InputSpec, value: Any) -> bool:
        if isinstance(given.choices, tuple):
            return value in given.choices
        names = self._names.get(given.choices)
        if names is None:
            names = self._names[given.choices] = frozenset(self.choices(given))
        if isinstance(value, str) and isinstance(given.choices, FileChoice):
            return value in names or value.replace("\\", "/") in names
        return isinstance(value, str | int | float) and value in names

    def fits(self, received: LinkType, given: InputSpec) -> bool:
        """Whether an output of this type may feed the input; an old combo takes only the very same choices."""
        if given.type == "COMBO" and given.old_combo:
            return fits(received, self.choices(given))
        if received.__class__ is not str or given.type.__class__ is not str:
            return fits(received, given.type)  # a list, or a text type of a pack with an equality of its own
        found = self._fits.get((received, given.type))
        if found is None:
            found = self._fits[(received, given.type)] = fits(received, given.type)
        return found

    def nearest(self, name: str, kind: str, names: Callable[[], Any]) -> list[str]:
        """The nearest of some names. kind: what they are names of, so that a repeated question costs nothing."""
        found = self._nearest.get((kind, name))
        if found is None:
            found = nearest(name, (each for each in names() if isinstance(each, str))) if self._may_look() else []
            self._nearest[(kind, name)] = found
        return found

    def nearest_type(self, type: str) -> list[str]:
        found = self._nearest.get(("type", type))
        if found is None:
            found = self._nearest[("type", type)] = self.registry.nearest(type) if self._may_look() else []
        return found

    def cheapest(self, question: str, cost: Callable[[NodeSpec], tuple[int, ...] | None]) -> str | None:
        """What users call the node type of least cost, among those to be recommended; of two, the shorter name."""
        if question not in self._cheapest:
            good = (each for each in self.registry if not (each.deprecated or each.experimental or each.api_node))
            costs = [((*found, len(each.id)), each) for each in good if (found := cost(each)) is not None]
            best = min(costs, key=lambda pair: pair[0], default=None)
            self._cheapest[question] = (best[1].display_name or best[1].id) if best else None
        return self._cheapest[question]

    def _may_look(self) -> bool:
        return len(self._nearest) < LOOKUPS

    def called(self, node: Node) -> str:
        """A node for messages: "Load Image (node 4)"."""
        return f"{self.title(node)} (node {node.id})"

    def title(self, node: Node) -> str:
        known = self.type_of(node)
        return node.title or (known.spec.display_name if known else None) or node.type

    def problem(
        self,
        type: str,
        node: Node,
        input: str | None,
        *,
        came: str,
        wanted: str = "",
        remedy: str = "",
        warning: bool = False,
        details: str = "",
        **extra: Any,
    ) -> Problem:
        """A problem of one node. extra: ComfyUI's `extra_info`, besides the name of the input."""
        named = {"input_name": input, **extra} if input is not None else extra
        return Problem(
            type,
            came,
            wanted,
            remedy,
            node.id,
            node.type,
            self.title(node),
            input,
            warning,
            named,
            details or input or "",
        )
