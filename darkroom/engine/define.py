"""From a typed Python function to a node: `@node("KSampler", category="sampling")`.

Wires stand before the `*`, settings after it; see design.md, section 2. The function stays as it is and can be called
directly; what it is as a node is attached as `function.spec`.
"""

from __future__ import annotations

import dataclasses
import inspect
import linecache
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from types import CodeType
from typing import Any, ParamSpec, Protocol, TypeVar, cast

from darkroom.engine.defining.docstring import RESULT, read_docstring
from darkroom.engine.defining.errors import DefinitionError
from darkroom.engine.defining.markers import (
    Anything,
    Choice,
    Float,
    Hidden,
    Int,
    Lazy,
    Maybe,
    Output,
    Setting,
    Text,
    Toggle,
    Wire,
)
from darkroom.engine.defining.signature import Names, read_annotation, read_input, read_outputs
from darkroom.engine.nearest import nearest
from darkroom.engine.spec import FactsOf, FileChoice, FileMentions, InputSpec, NodeSpec, OutputSpec, TroublesOf

__all__ = [
    "Anything",
    "Choice",
    "Definition",
    "DefinitionError",
    "FileChoice",
    "FileMentions",
    "Float",
    "Hidden",
    "Int",
    "Lazy",
    "Maybe",
    "Output",
    "Setting",
    "Text",
    "Toggle",
    "Wire",
    "node",
]

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Definition(Protocol[P, R_co]):
    """A node function with its spec attached."""

    spec: NodeSpec

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...


def node(
    id: str,
    *,
    category: str,
    display_name: str | None = None,
    order: str | Sequence[str] | None = None,
    description: str | None = None,
    module: str | None = None,
    deprecated: bool = False,
    experimental: bool = False,
    final: bool = False,
    cached: bool = True,
    per_node: bool = False,
    input_is_list: bool = False,
    version: str = "1",
    facts: FactsOf | None = None,
    troubles: TroublesOf | None = None,
    wanted: Callable[..., Iterable[str]] | None = None,
    changed: Callable[..., Any] | None = None,
    validate: Callable[..., Any] | None = None,
) -> Callable[[Callable[P, R]], Definition[P, R]]:
    """Make a node of a typed function. The id is part of every file and never changes.

    order: names of inputs as they are drawn, where that is not wires first; those left out follow
    final: shows or saves something, so it is a root of execution; cached: False runs it each time
    per_node: nodes with equal inputs do not share one result; version: raise it when a helper changed the result
    facts, troubles, wanted, changed, validate: see `NodeSpec`
    Raises DefinitionError with file and line, at import, for every fault of the definition at once.
    """
    local_names = dict(sys._getframe(1).f_locals)
    given = NodeSpec(
        id=id,
        display_name=display_name,
        category=category,
        final=final,
        cached=cached,
        per_node=per_node,
        input_is_list=input_is_list,
        deprecated=deprecated,
        experimental=experimental,
        facts=facts,
        troubles=troubles,
        wanted=wanted,
        changed=changed,
        validate=validate,
    )

    def define(function: Callable[P, R]) -> Definition[P, R]:
        spec = _read(function, given, local_names, order.split() if isinstance(order, str) else list(order or ()))
        spec = dataclasses.replace(
            spec,
            description=spec.description if description is None else description,
            module=module or function.__module__,
            digest=_digest(function, version),
        )
        definition = cast(Definition[P, R], function)
        definition.spec = spec
        return definition

    return define


def _read(function: Callable[..., Any], given: NodeSpec, local_names: Mapping[str, Any], order: list[str]) -> NodeSpec:
    code = _code(function)
    where = f"{_shown_path(code.co_filename)}:{code.co_firstlineno} {function.__name__}"
    faults: list[str] = []
    names = Names({**vars(sys.modules["builtins"]), **inspect.unwrap(function).__globals__, **local_names})
    signature = inspect.signature(function)
    inputs: list[InputSpec] = []
    run_parameter: str | None = None
    any_input = False
    for parameter in signature.parameters.values():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            any_input = True
            continue
        if parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.POSITIONAL_ONLY):
            faults.append(f"{parameter.name}: inputs are passed by name, so `*{parameter.name}` and `/` cannot be used")
            continue
        said = read_annotation(parameter.name, parameter.annotation, names, faults)
        if said is not None and said.is_run:
            run_parameter = parameter.name
        elif said is not None and (read := read_input(parameter, said, given.input_is_list, faults)):
            inputs.append(read)
    outputs = read_outputs(function, signature.return_annotation, names, faults)
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        faults.append("it yields; return the outputs instead")
    inputs = _in_order(inputs, order, faults)
    description, inputs, outputs = _described(function, list(signature.parameters), inputs, outputs, faults)
    if not given.id or not isinstance(given.id, str):
        faults.append(f"the node id {given.id!r} is no name")
    if faults:
        raise DefinitionError(faults, where)
    return dataclasses.replace(
        given,
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        description=description,
        function=function,
        run_parameter=run_parameter,
        any_input=any_input,
        is_async=inspect.iscoroutinefunction(function),
        where=where,
    )


def _described(
    function: Callable[..., Any],
    parameters: list[str],
    inputs: list[InputSpec],
    outputs: list[OutputSpec],
    faults: list[str],
) -> tuple[str, list[InputSpec], list[OutputSpec]]:
    """The description, and inputs and outputs with the tooltips of the docstring.

    A name that is both an input and an output means the input; `returns` means the only output.
    """
    fields = [each.name.lower() if each.name == each.type else each.name for each in outputs]
    if len(outputs) == 1:
        fields = [RESULT]
    description, tooltips = read_docstring(function.__doc__, [*parameters, *fields], faults)
    described_inputs = [
        dataclasses.replace(each, options={**each.options, "tooltip": tooltips[each.name]})
        if each.name in tooltips and each.kind != "hidden"
        else each
        for each in inputs
    ]
    described_outputs = [
        dataclasses.replace(each, tooltip=tooltips[field]) if field in tooltips and field not in parameters else each
        for field, each in zip(fields, outputs, strict=True)
    ]
    return description, described_inputs, described_outputs


def _in_order(inputs: list[InputSpec], order: list[str], faults: list[str]) -> list[InputSpec]:
    by_name = {each.name: each for each in inputs}
    for name in order:
        if name not in by_name:
            near = nearest(name, by_name, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            faults.append(f"order names '{name}', which is no parameter{hint}")
    if len(set(order)) < len(order):
        faults.append("order names an input twice")
    listed = [by_name[name] for name in order if name in by_name]
    return listed + [each for each in inputs if each.name not in order]


def _code(function: Callable[..., Any]) -> CodeType:
    return cast(CodeType, inspect.unwrap(function).__code__)


def _shown_path(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else filename


def _digest(function: Callable[..., Any], version: str) -> str:
    """Of the function's source and declared version; of its byte code where there is no source to read.

    The lines come from `linecache`, as those of `inspect.getsource` do, which takes many times longer.
    """
    code = _code(function)
    linecache.checkcache(code.co_filename)
    lines = linecache.getlines(code.co_filename)[code.co_firstlineno - 1 : _last_line(code)]
    source = "".join(lines).encode() if lines else _byte_code(code)
    return blake2b(b"source\0" + source + b"\0version\0" + version.encode(), digest_size=16).hexdigest()


def _last_line(code: CodeType) -> int:
    last = code.co_firstlineno
    waiting = [code]
    while waiting:
        each = waiting.pop()
        last = max([last, *(end for _, end, _, _ in each.co_positions() if end is not None)])
        waiting.extend(constant for constant in each.co_consts if isinstance(constant, CodeType))
    return last


def _byte_code(code: CodeType) -> bytes:
    parts: list[bytes] = []
    waiting = [code]
    while waiting:
        each = waiting.pop()
        constants = [constant for constant in each.co_consts if not isinstance(constant, CodeType)]
        parts += [each.co_code, repr(each.co_names).encode(), repr(constants).encode()]
        waiting.extend(constant for constant in each.co_consts if isinstance(constant, CodeType))
    return b"\0".join(parts)
