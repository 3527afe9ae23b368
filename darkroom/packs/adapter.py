"""From a V1 class to a node spec."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from darkroom.engine.checking.custom import RECEIVED_TYPES
from darkroom.engine.spec import NodeSpec, OutputSpec
from darkroom.packs.calling import RUN, Instances, Methods
from darkroom.packs.inputs import Inputs, read_inputs
from darkroom.packs.types import tag_of


class ClassError(Exception):
    """A class that is no node; the message says what it lacks."""


def spec_of_class(
    id: str,
    cls: type,
    instances: Instances,
    *,
    display_name: str | None = None,
    module: str = "custom_nodes",
    digest: str = "",
) -> NodeSpec:
    """The node type that a class stands for. Raises ClassError, or what the class's own code raises.

    digest: of the pack's sources; part of every key
    """
    function = _function(cls)
    inputs = read_inputs(cls)
    outputs = _outputs(cls)
    hidden = {each.name: each.type for each in inputs.declared if each.kind == "hidden"}
    methods = Methods(
        cls,
        id,
        str(cls.FUNCTION),  # type: ignore[attr-defined]
        tuple(each.is_list for each in outputs),
        bool(getattr(cls, "INPUT_IS_LIST", False)),
        hidden,
        frozenset(each.name for each in inputs.declared),
        instances,
    )
    is_async = inspect.iscoroutinefunction(function)
    return NodeSpec(
        id=id,
        inputs=inputs.declared,
        outputs=outputs,
        display_name=display_name or id,
        category=str(getattr(cls, "CATEGORY", "sd")),
        description=str(getattr(cls, "DESCRIPTION", "")),
        module=module,
        final=getattr(cls, "OUTPUT_NODE", False) is True,
        function=methods.call_async if is_async else methods.call,
        run_parameter=RUN,
        is_async=is_async,
        input_is_list=methods.whole,
        any_input=inputs.undeclared is not None,
        any_link=inputs.undeclared is None and _takes_more(function, inputs),
        undeclared=inputs.undeclared,
        fills_defaults=False,
        per_node=bool(getattr(cls, "NOT_IDEMPOTENT", False)) or "UNIQUE_ID" in hidden.values(),
        deprecated=bool(getattr(cls, "DEPRECATED", False)),
        experimental=bool(getattr(cls, "EXPERIMENTAL", False)),
        api_node=bool(getattr(cls, "API_NODE", False)),
        digest=digest,
        wanted=methods.wanted if hasattr(cls, "check_lazy_status") else None,
        changed=methods.changed if hasattr(cls, "IS_CHANGED") else None,
        validate=_validator(cls, methods.whole) if hasattr(cls, "VALIDATE_INPUTS") else None,
        where=_where(cls, function),
    )


def _function(cls: type) -> Callable[..., Any]:
    for name in ("INPUT_TYPES", "RETURN_TYPES", "FUNCTION"):
        if not hasattr(cls, name):
            raise ClassError(f"{cls.__name__} has no {name}, which every node class has")
    name = cls.FUNCTION  # type: ignore[attr-defined]
    function = getattr(cls, str(name), None)
    if not callable(function):
        raise ClassError(f"{cls.__name__}.FUNCTION is {name!r}, but the class has no method of that name")
    return function  # type: ignore[no-any-return]


def _outputs(cls: Any) -> tuple[OutputSpec, ...]:
    types = _items(cls.RETURN_TYPES)
    names = _items(getattr(cls, "RETURN_NAMES", ()))
    lists = _items(getattr(cls, "OUTPUT_IS_LIST", ()))
    tooltips = _items(getattr(cls, "OUTPUT_TOOLTIPS", ()))
    found = []
    for slot, given in enumerate(types):
        tag = tuple(given) if isinstance(given, list | tuple) else tag_of(given)
        name = str(names[slot]) if slot < len(names) else str(given)
        is_list = bool(lists[slot]) if slot < len(lists) else False
        found.append(OutputSpec(name, tag, is_list, tooltips[slot] if slot < len(tooltips) else None))
    return tuple(found)


def _items(given: Any) -> Sequence[Any]:
    """What a tuple of a pack holds, read by number only, as some have no other use; a text lacks its comma."""
    if given is None:
        return ()
    if isinstance(given, str | bool):
        return (given,)
    return [given[slot] for slot in range(len(given))]


def _takes_more(function: Callable[..., Any], inputs: Inputs) -> bool:
    """Whether a function has parameters that are no declared inputs, so that undeclared links are for it."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return True
    declared = {each.name for each in inputs.declared}
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        return True
    return any(each.name not in declared for each in list(parameters)[1:])


def _validator(cls: Any, whole: bool) -> Callable[..., Any]:
    """`VALIDATE_INPUTS` with its own signature, looked up at each call, since packs replace it."""

    @functools.wraps(cls.VALIDATE_INPUTS)
    def validate(**arguments: Any) -> Any:
        if whole and isinstance(arguments.get(RECEIVED_TYPES), Mapping):
            arguments[RECEIVED_TYPES] = [arguments[RECEIVED_TYPES]]
        return cls.VALIDATE_INPUTS(**arguments)

    return validate


def _where(cls: type, function: Callable[..., Any]) -> str:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno} {cls.__name__}" if code is not None else cls.__name__
