"""Does each link come from an output that is there and of a type that its input takes, and is anything missing?"""

from __future__ import annotations

from typing import Any

from darkroom.engine.checking.context import Checking, KnownInput, KnownType
from darkroom.engine.checking.values import KINDS, shown
from darkroom.engine.graph import Link, Node
from darkroom.engine.links import ANY, MATCHES_LATER, LinkType, fits, shown_type, with_article
from darkroom.engine.nearest import nearest
from darkroom.engine.problems import Problem
from darkroom.engine.spec import InputSpec, NodeSpec, OutputSpec

SIMPLE = 2
"""A node that takes more wires than this does more than convert."""


def missing_problem(checking: Checking, node: Node, known: KnownType, given: KnownInput) -> Problem:
    """A required input that the node does not have."""
    near = nearest(given.name, (name for name in node.inputs if name not in known.names), 1)
    default = given.spec.options.get("default")
    if near:
        remedy = f'"{near[0]}", which it was given, is perhaps meant to be this input'
    elif given.spec.is_widget:
        remedy = "set it" if default is None else f"set it, to {shown(default)} for example"
    else:
        maker = _maker(checking, given.spec.type)
        remedy = f"connect {maker} to it" if maker else "connect a node that gives one"
    wanted = KINDS.get(given.spec.type) or with_article(_wanted(given))
    return checking.problem("required_input_missing", node, given.name, came="has none", wanted=wanted, remedy=remedy)


def link_problem(
    checking: Checking, node: Node, given: KnownInput, link: Link, is_root: bool, any_type: bool
) -> Problem | None:
    """What is wrong with one link, if anything. any_type: the node's own validator judges types."""
    source = checking.graph.nodes.get(link.source)
    if source is None:
        return _dangling(checking, node, given, link, is_root, KeyError(link.source))
    known = checking.type_of(source)
    if known is None:
        return None  # the unknown node is reported itself, and nobody knows its outputs
    if not 0 <= link.slot < len(known.spec.outputs):
        return _dangling(checking, node, given, link, is_root, IndexError("tuple index out of range"))
    output = known.spec.outputs[link.slot]
    if any_type or checking.fits(output.type, given.spec):
        return None
    received = output.type if isinstance(output.type, str) else list(output.type)
    config = checking.config(given.spec)
    return checking.problem(
        "return_type_mismatch",
        node,
        given.name,
        came=f"{_output(checking, source, output)} gives {with_article(shown_type(output.type))}",
        wanted=with_article(_wanted(given)),
        remedy=_mended(checking, output, known.spec, given),
        details=f"{given.name}, received_type({received}) mismatch input_type({config[0]})",
        input_config=config,
        received_type=received,
        linked_node=[link.source, link.slot],
    )


def literal_problem(checking: Checking, node: Node, given: KnownInput) -> Problem:
    """A literal where only a link makes sense."""
    value = node.inputs[given.name]
    maker = _maker(checking, given.spec.type)
    return checking.problem(
        "bad_linked_input",
        node,
        given.name,
        came=f"the literal {shown(value)} is given",
        wanted=f"{with_article(shown_type(given.spec.type))} over a link",
        remedy=f"connect {maker} to it" if maker else "connect a node that gives one",
        input_config=checking.config(given.spec),
        received_value=value,
    )


def unused_problem(checking: Checking, node: Node, known: KnownType, name: str) -> Problem:
    """A warning: a link under a name that the node does not have."""
    free = [each.name for each in known.inputs if each.name not in node.inputs]
    near = nearest(name, free or (each.name for each in known.inputs), 1)
    return checking.problem(
        "unknown_input",
        node,
        name,
        came="the node has no input of this name, so this link is not used",
        remedy=f'perhaps "{near[0]}" is meant' if near else "remove it",
        warning=True,
    )


def _dangling(
    checking: Checking, node: Node, given: KnownInput, link: Link, is_root: bool, error: LookupError
) -> Problem:
    """ComfyUI reports these as exceptions, under one name at an output node and another at a node behind it."""
    source = checking.graph.nodes.get(link.source)
    if source is None:
        came, remedy = f"it is linked to node {link.source}, which is not there", "connect it anew"
    else:
        known = checking.type_of(source)
        outputs = known.spec.outputs if known else ()
        names = [f"{each.name} ({slot})" for slot, each in enumerate(outputs)]
        count = f"{len(names)} output{'' if len(names) == 1 else 's'}" if names else "no output"
        came = f"it is linked to output {link.slot} of {checking.called(source)}, which has {count}"
        remedy = f"connect one of its outputs: {', '.join(names[:8])}" if names else "connect another node"
    text = str(error)
    extra: dict[str, Any] = {"exception_message": text, "exception_type": type(error).__name__}
    if not is_root:
        extra |= {"input_config": checking.config(given.spec), "linked_node": [link.source, link.slot]}
    return checking.problem(
        "exception_during_validation" if is_root else "exception_during_inner_validation",
        node,
        given.name,
        came=came,
        wanted=with_article(_wanted(given)),
        remedy=remedy,
        details=text,
        **extra,
    )


def _wanted(given: KnownInput) -> str:
    return "choice of its own names" if given.spec.type == "COMBO" else shown_type(given.spec.type)


def _output(checking: Checking, node: Node, output: OutputSpec) -> str:
    """As in "Load Image.IMAGE (node 4)"."""
    return f"{checking.title(node)}.{output.name} (node {node.id})"


def _mended(checking: Checking, output: OutputSpec, source: NodeSpec, given: KnownInput) -> str:
    ways = []
    between = _converter(checking, output.type, given.spec.type)
    if between:
        ways.append(f"put {between} between them")
    other = next((each.name for each in source.outputs if checking.fits(each.type, given.spec)), None)
    if other:
        ways.append(f"take its output {other}")
    if given.spec.type == "COMBO":
        ways.append("choose a name in the widget itself")
    elif not ways:
        maker = _maker(checking, given.spec.type)
        ways.append(f"connect {maker}" if maker else f"connect a node that gives {with_article(_wanted(given))}")
    return ", or ".join(ways)


def _converter(checking: Checking, received: object, wanted: str) -> str | None:
    """The simplest node that takes the one type and gives the other."""
    if not isinstance(received, str) or wanted == "COMBO":
        return None

    def cost(spec: NodeSpec) -> tuple[int, ...] | None:
        asked = _cost(spec, wanted) if any(_is(each.type, received) for each in _required(spec)) else None
        return (*asked, _is_rare(spec), len(spec.inputs)) if asked and asked[0] <= SIMPLE else None

    return checking.cheapest(f"{received} to {wanted}", cost)


def _maker(checking: Checking, wanted: str) -> str | None:
    """The simplest node that gives a type without needing it."""

    def cost(spec: NodeSpec) -> tuple[int, ...] | None:
        asked = _cost(spec, wanted)
        return (_is_rare(spec), *asked, len(spec.inputs)) if asked else None

    return checking.cheapest(f"makes {wanted}", cost)


def _cost(spec: NodeSpec, wanted: str) -> tuple[int, int] | None:
    """How many wires a node takes that makes a type out of others, and by which output; None where it does not."""
    gives = [slot for slot, each in enumerate(spec.outputs) if _is(each.type, wanted)]
    if not gives or any(_is(each.type, wanted) for each in _required(spec)):
        return None
    return len([each for each in _required(spec) if not each.is_widget]), gives[0]


def _is_rare(spec: NodeSpec) -> bool:
    """Other than ours and ComfyUI's first nodes, which most graphs are made of."""
    return spec.module.partition(".")[0] != "nodes"


def _required(spec: NodeSpec) -> list[InputSpec]:
    return [each for each in spec.inputs if each.kind == "required"]


def _is(type: LinkType, wanted: str) -> bool:
    """Whether a type is meant, not only put up with."""
    return type not in (ANY, MATCHES_LATER) and fits(type, wanted)
