"""Subgraphs and group nodes unfold, and give their values inwards."""

import time
from itertools import pairwise
from typing import Any

import pytest

from darkroom.engine.graph import Link
from tests.engine.drawings import OTHER, UUID, Pencil, Raw, converted, folded, graph_of, inputs_of

# Subgraphs


def test_a_subgraph_unfolds_in_place_with_ids_of_both() -> None:
    pencil, _, _ = folded()
    graph = graph_of(pencil)
    assert list(graph.nodes) == ["1", "2:5", "3"]
    assert graph.nodes["2:5"].inputs == {"a": Link("1", 0), "amount": 0.25, "mode": "multiply", "steps": 8}
    assert graph.nodes["3"].inputs["a"] == Link("2:5", 0)


def test_the_value_of_an_instance_counts_before_the_one_inside() -> None:
    pencil, _, _ = folded([0.75])
    assert inputs_of(pencil, "2:5")["amount"] == 0.75


def test_two_instances_have_their_own_values() -> None:
    pencil, _, _ = folded([0.75])
    pencil.node(UUID, [0.1], inputs=[("a", "A")], outputs=[("A", "A")])
    assert inputs_of(pencil, "2:5")["amount"] == 0.75
    assert inputs_of(pencil, "4:5")["amount"] == 0.1


def test_a_wire_at_the_instance_counts_before_its_value() -> None:
    pencil, _, instance = folded([0.75])
    primitive = pencil.node("PrimitiveNode", [0.9, "fixed"], inputs=[], outputs=[("FLOAT", "FLOAT")])
    pencil.wire(primitive, 0, instance, "amount", "FLOAT")
    assert inputs_of(pencil, "2:5")["amount"] == 0.9


def test_proxies_that_name_the_instance_itself_order_its_values() -> None:
    proxies = [["5", "mode"], ["-1", "amount"], ["5", "steps"]]
    pencil, _, _ = folded([None, 0.6, 99], properties={"proxyWidgets": proxies})
    inputs = inputs_of(pencil, "2:5")
    assert (inputs["amount"], inputs["mode"], inputs["steps"]) == (0.6, "multiply", 8)


def test_values_of_settings_shown_from_inside_are_held_inside() -> None:
    pencil, _, _ = folded([0.6], properties={"proxyWidgets": [["5", "amount"]]})
    assert inputs_of(pencil, "2:5")["amount"] == 0.25


def test_nested_subgraphs_unfold_with_all_ids_and_pass_values_inwards() -> None:
    pencil, _, _ = folded()
    outer = pencil.subgraph(OTHER, [("in", "A"), ("level", "FLOAT")], [("out", "A")])
    inner = outer.node(UUID, [0.3], inputs=[("a", "A")], outputs=[("A", "A")], id=8)
    outer.input(0, inner, "a")
    outer.input(1, inner, "amount", "FLOAT")
    outer.output(inner, 0, 0)
    both = pencil.node(OTHER, [0.4], inputs=[("in", "A")], outputs=[("out", "A")])
    pencil.wire(pencil.nodes[0], 0, both, "in")
    show = pencil.node("Show")
    pencil.wire(both, 0, show, "a")
    assert inputs_of(pencil, "4:8:5") == {"a": Link("1", 0), "amount": 0.4, "mode": "multiply", "steps": 8}
    assert inputs_of(pencil, 5)["a"] == Link("4:8:5", 0)


def test_a_wire_straight_through_a_subgraph_is_one_wire() -> None:
    pencil = Pencil()
    inside = pencil.subgraph(UUID, [("a", "A")], [("A", "A")])
    inside.output({"id": -10}, 0, 0)
    inside.definition["inputs"][0]["linkIds"].append(1)
    source = pencil.node("Source", [1, "fixed", ""])
    instance = pencil.node(UUID, inputs=[("a", "A")], outputs=[("A", "A")])
    show = pencil.node("Show")
    pencil.wire(source, 0, instance, "a")
    pencil.wire(instance, 0, show, "a")
    assert inputs_of(pencil, 3)["a"] == Link("1", 0)


def test_a_muted_instance_mutes_all_inside() -> None:
    pencil, _, _ = folded(mode=2)
    assert list(graph_of(pencil).nodes) == ["1", "3"]
    assert "a" not in inputs_of(pencil, 3)


def test_a_bypassed_instance_is_passed_by_type() -> None:
    pencil, _, _ = folded(mode=4)
    assert inputs_of(pencil, 3)["a"] == Link("1", 0)


def test_modes_inside_a_subgraph_count() -> None:
    pencil, inside, _ = folded()
    inside.nodes[0]["mode"] = 4
    assert inputs_of(pencil, 3)["a"] == Link("1", 0)


def test_an_unknown_subgraph_is_an_error_on_its_node() -> None:
    pencil = Pencil()
    pencil.node(UUID, inputs=[], outputs=[], title="Blur")
    [problem] = converted(pencil).problems
    assert (problem.type, problem.node, problem.warning) == ("unknown_subgraph", "1", False)
    assert str(problem).startswith("Blur (node 1): ")


@pytest.mark.parametrize("length", [1, 2, 5])
def test_subgraphs_that_contain_themselves_are_an_error(length: int) -> None:
    pencil = Pencil()
    ids = [f"{index:08d}-2222-3333-4444-555555555555" for index in range(length)]
    for index, id in enumerate(ids):
        pencil.subgraph(id, [], []).node(ids[(index + 1) % length])
    pencil.node(ids[0])
    conversion = converted(pencil)
    assert len(conversion.graph) == 0
    [problem] = conversion.problems
    assert (problem.type, problem.warning) == ("cyclic_subgraph", False)


def test_subgraphs_that_unfold_to_billions_of_nodes_are_refused_at_once() -> None:
    pencil = Pencil()
    ids = [f"{index:08d}-2222-3333-4444-555555555555" for index in range(60)]
    for id, inner in pairwise(ids):
        inside = pencil.subgraph(id, [], [])
        for _ in range(10):
            inside.node(inner)
    pencil.subgraph(ids[-1], [], []).node("Number", [1])
    pencil.node(ids[0])
    start = time.process_time()
    [problem] = converted(pencil).problems
    assert problem.type == "workflow_too_large"
    assert time.process_time() - start < 2


def test_subgraphs_nested_10_000_deep_are_refused() -> None:
    pencil = Pencil()
    ids = [f"{index:08d}-2222-3333-4444-555555555555" for index in range(10_000)]
    for id, inner in pairwise(ids):
        pencil.subgraph(id, [], []).node(inner)
    pencil.subgraph(ids[-1], [], []).node("Number", [1])
    pencil.node(ids[0])
    [problem] = converted(pencil).problems
    assert problem.type == "workflow_too_large"


# Group nodes


def grouped(values: list[Any], inner_links: list[list[Any]], config: Raw | None = None, **more: Any) -> Pencil:
    pencil = Pencil()
    members = Pencil()
    members.node("Source", [1, "fixed", "inner"], id=-1)
    members.node("Mix", [0.5, "add", 3], id=-1)
    pencil.extra["groupNodes"] = {
        "Pair": {"nodes": members.nodes, "links": inner_links, "external": [], "config": config or {}, **more}
    }
    pencil.node("workflow>Pair", values, inputs=[("b", "A"), ("c", "B")], outputs=[("A", "A"), ("B", "B")], id=7)
    return pencil


def test_a_group_node_unfolds_into_its_members_with_the_groups_values() -> None:
    pencil = grouped([9, "fixed", "outer", 0.9, "multiply", 4], [[0, 0, 1, 0, 1, "A"]])
    show = pencil.node("Show", id=8)
    source = pencil.node("Source", [2, "fixed", ""], id=9)
    pencil.wire(pencil.nodes[0], 0, show, "a")
    pencil.wire(source, 0, pencil.nodes[0], "b")
    graph = graph_of(pencil)
    assert graph.nodes["7:0"].inputs == {"seed": 9, "text": "outer"}
    assert graph.nodes["7:1"].inputs == {
        "a": Link("7:0", 0),
        "b": Link("9", 0),
        "amount": 0.9,
        "mode": "multiply",
        "steps": 4,
    }
    assert graph.nodes["8"].inputs["a"] == Link("7:1", 0)


def test_the_older_name_of_a_group_node_is_read() -> None:
    pencil = grouped([9, "fixed", "outer", 0.9, "multiply", 4], [])
    pencil.nodes[0]["type"] = "workflow/Pair"
    assert inputs_of(pencil, "7:0") == {"seed": 9, "text": "outer"}


def test_renamed_and_hidden_sockets_of_a_group_node_are_found() -> None:
    config = {"1": {"input": {"b": {"name": "second"}, "c": {"visible": False}}, "output": {"0": {"visible": False}}}}
    pencil = grouped([], [[0, 0, 1, 0, 1, "A"]], config)
    instance = pencil.nodes[0]
    instance["inputs"] = [{"name": "second", "type": "A", "link": None}]
    instance["outputs"] = [{"name": "B", "type": "B", "links": []}]
    source, mix = pencil.node("Source", [2, "fixed", ""], id=9), pencil.node("Mix", id=10)
    pencil.wire(source, 0, instance, "second")
    pencil.wire(instance, 0, mix, "c", "B")
    assert inputs_of(pencil, "7:1")["b"] == Link("9", 0)
    assert inputs_of(pencil, 10)["c"] == Link("7:1", 1)


def test_members_of_one_name_take_the_title_of_their_node() -> None:
    pencil = Pencil()
    members = Pencil()
    members.node("Show", ["one"])
    members.node("Show", ["two"], title="Second")
    pencil.extra["groupNodes"] = {"Two": {"nodes": members.nodes, "links": [], "external": []}}
    group = pencil.node("workflow>Two", ["x", "y"], inputs=[("a", "A"), ("Second a", "A")], outputs=[])
    source = pencil.node("Source", [1, "fixed", ""])
    pencil.wire(source, 0, group, "Second a")
    assert inputs_of(pencil, "1:0") == {"filename_prefix": "x"}
    assert inputs_of(pencil, "1:1") == {"filename_prefix": "y", "a": Link("2", 0)}


def test_a_primitive_in_a_group_node_lends_it_its_value() -> None:
    pencil = Pencil()
    members = Pencil()
    primitive = members.node("PrimitiveNode", [1, "fixed"], inputs=[], outputs=[("INT", "INT")])
    source = members.node("Source", [2, "fixed", "x"])
    members.wire(primitive, 0, source, "seed", "INT")
    pencil.extra["groupNodes"] = {"P": {"nodes": members.nodes, "links": [[0, 0, 1, 0, 1, "INT"]], "external": []}}
    pencil.node("workflow>P", [50, "fixed", "outer"], inputs=[], outputs=[("A", "A")])
    graph = graph_of(pencil)
    assert dict(graph.nodes["1:1"].inputs) == {"seed": 50, "text": "outer"}
    assert list(graph.nodes) == ["1:1"]


@pytest.mark.parametrize("groups", [None, {}, {"Pair": 3}, {"Pair": {"nodes": 3}}, []])
def test_a_group_node_without_definition_is_an_error_on_its_node(groups: Any) -> None:
    pencil = grouped([], [])
    pencil.extra["groupNodes"] = groups
    [problem] = converted(pencil).problems
    assert (problem.type, problem.node, problem.warning) == ("missing_group_node", "7", False)


@pytest.mark.parametrize("links", [3, [3], [[None, 0, 1, 0]], [[0, "x", 1, 0]], [[0, 0, 1, 99]], [[5, 0, 9, 0]]])
def test_malformed_links_of_a_group_node_are_no_wires(links: Any) -> None:
    assert "a" not in inputs_of(grouped([], links), "7:1")
