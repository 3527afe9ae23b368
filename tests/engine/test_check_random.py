"""Random graphs: a right one has no problems, and a single wrong change is found on its node and input."""

import dataclasses
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as some

from darkroom.engine.check import check, facts_of
from darkroom.engine.checking.coerce import coerced
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.links import fits
from darkroom.engine.order import needed
from darkroom.engine.registry import Registry
from darkroom.engine.spec import FileChoice, InputSpec, NodeSpec
from tests.engine.check_toys import ToyFiles, registry

KNOWN: Registry = registry()
FILES = ToyFiles()


def literal(given: InputSpec) -> some.SearchStrategy[Any]:
    """A right value for a setting."""
    low, high = given.options.get("min"), given.options.get("max")
    if isinstance(given.choices, FileChoice):
        return some.sampled_from(list(FILES.names(given.choices.folder)))
    if isinstance(given.choices, tuple):
        return some.sampled_from(given.choices)
    return {
        "INT": some.integers(low, high),
        "FLOAT": some.floats(low, high, allow_nan=False),
        "STRING": some.text(max_size=3),
        "BOOLEAN": some.booleans(),
    }[given.type]


@some.composite
def right_graphs(draw: some.DrawFn) -> Graph:
    """Nodes of any type whose wires can be connected to nodes before them, and a look at each that has outputs."""
    nodes: dict[str, Node] = {}
    for number in range(draw(some.integers(1, 12))):
        spec = draw(some.sampled_from([each for each in KNOWN if connected(each, nodes) is not None]))
        inputs: dict[str, Any] = {}
        for each in spec.inputs:
            if each.kind == "optional" and draw(some.booleans()):
                continue
            makers = outputs_for(each, nodes)
            if not each.is_widget or (makers and each.type != "COMBO" and draw(some.booleans())):
                if makers:
                    inputs[each.name] = draw(some.sampled_from(makers))
            else:
                inputs[each.name] = draw(literal(each))
        nodes[str(number)] = Node(str(number), spec.id, inputs)
    for node in list(nodes.values()):
        if outputs(node):
            nodes[f"look{node.id}"] = Node(f"look{node.id}", "Look", {"anything": Link(node.id, 0)})
    order = draw(some.permutations(list(nodes)))
    return Graph({id: nodes[id] for id in order})


def spec_of(node: Node) -> NodeSpec:
    spec = KNOWN.get(node.type)
    assert spec is not None
    return spec


def outputs(node: Node) -> int:
    return len(spec_of(node).outputs)


def outputs_for(given: InputSpec, nodes: dict[str, Node]) -> list[Link]:
    return [
        Link(node.id, slot)
        for node in nodes.values()
        for slot, output in enumerate(spec_of(node).outputs)
        if fits(output.type, given.type)
    ]


def connected(spec: NodeSpec, nodes: dict[str, Node]) -> NodeSpec | None:
    wires = [each for each in spec.inputs if each.kind == "required" and not each.is_widget]
    return spec if all(outputs_for(each, nodes) for each in wires) else None


@settings(deadline=None, max_examples=60)
@given(right_graphs())
def test_a_right_graph_has_no_errors(graph: Graph) -> None:
    found = check(graph, KNOWN, FILES)
    assert [each for each in found if each.type not in ("prompt_no_outputs",)] == []
    facts = facts_of(graph, KNOWN, FILES)
    assert {id: len(each) for id, each in facts.items()} == {node.id: outputs(node) for node in graph}
    assert check(coerced(graph, KNOWN), KNOWN, FILES) == found


def changed(graph: Graph, node: Node, **inputs: Any) -> Graph:
    new = dataclasses.replace(node, inputs={**node.inputs, **inputs})
    return dataclasses.replace(graph, nodes={**graph.nodes, node.id: new})


@settings(deadline=None, max_examples=120)
@given(right_graphs(), some.data())
def test_a_single_wrong_change_is_found_on_its_node_and_input(graph: Graph, data: some.DataObject) -> None:
    sources = {node.id: [link.source for _, link in node.links()] for node in graph}
    roots = [node.id for node in graph if spec_of(node).final]
    seen = sorted(needed(sources, roots))
    places = [(id, each) for id in seen for each in spec_of(graph.nodes[id]).inputs]
    assume(places)
    id, given_input = data.draw(some.sampled_from(places))
    node, name = graph.nodes[id], given_input.name
    change = data.draw(some.sampled_from(["remove", "dangle", "slot", "type", "value", "own"]))
    if change == "remove":
        assume(given_input.kind == "required")
        rest = {each: value for each, value in node.inputs.items() if each != name}
        wrong = dataclasses.replace(graph, nodes={**graph.nodes, id: dataclasses.replace(node, inputs=rest)})
        wanted = {"required_input_missing"}
    elif change == "dangle":
        wrong = changed(graph, node, **{name: Link("nowhere", 0)})
        wanted = {"exception_during_validation", "exception_during_inner_validation"}
    elif change == "slot":
        before = [each for each in sorted(graph.nodes) if each == id or id not in needed(sources, [each])]
        other = data.draw(some.sampled_from(before))  # a link from behind would be a second mistake, a circle
        wrong = changed(graph, node, **{name: Link(other, outputs(graph.nodes[other]))})
        wanted = {"exception_during_validation", "exception_during_inner_validation"}
    elif change == "type":
        others = [
            Link(each.id, slot)
            for each in graph
            for slot, output in enumerate(spec_of(each).outputs)
            if each.id not in needed({**sources, each.id: sources[each.id]}, [id])
            and id not in needed(sources, [each.id])
            and (given_input.type == "COMBO" or not fits(output.type, given_input.type))
        ]
        assume(others)
        wrong = changed(graph, node, **{name: data.draw(some.sampled_from(others))})
        wanted = {"return_type_mismatch"}
    elif change == "value":
        assume(given_input.type in ("INT", "FLOAT", "COMBO"))
        wrong = changed(graph, node, **{name: {} if given_input.type != "COMBO" else "no such name"})
        wanted = {"invalid_input_type", "value_not_in_list"}
    else:
        assume(outputs(node) and fits(spec_of(node).outputs[0].type, given_input.type) and given_input.type != "COMBO")
        wrong = changed(graph, node, **{name: Link(id, 0)})
        wanted = {"dependency_cycle"}
    found = check(wrong, KNOWN, FILES)
    assert [(each.node, each.input) for each in found if each.type in wanted] == [(id, name)]
    assert all(each.node == id or each.warning for each in found), [str(each) for each in found]
