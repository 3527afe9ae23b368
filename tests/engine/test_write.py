"""Writing: nothing is lost, values go by name, one setting can be changed from outside, and API JSON can be drawn."""

import copy
import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkroom.engine.drawn.edit import with_graph_value
from darkroom.engine.drawn.layout import drawn
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.problems import WorkflowError
from darkroom.engine.read import read_any, read_api, read_workflow, runnable
from darkroom.engine.registry import Registry, spec_from_object_info
from darkroom.engine.write import to_api, to_ui
from tests.engine.disguises import disguise, random_graph
from tests.engine.drawings import OTHER, TOYS, UUID, Pencil, Raw, folded, toys
from tests.engine.test_templates import without_names

FEW = settings(max_examples=150, deadline=None)


def as_json(document: Any) -> Any:
    return json.loads(json.dumps(document))


# Round trips


@FEW
@given(st.randoms(use_true_random=False))
def test_a_graph_that_is_drawn_converts_back_to_itself(rng: Random) -> None:
    graph = random_graph(rng)
    again = runnable(read_workflow(as_json(to_ui(drawn(graph, toys()), toys()))), toys())
    assert again.problems == []
    assert {node.id: node for node in again.graph} == dict(graph.nodes)


@FEW
@given(st.randoms(use_true_random=False))
def test_a_graph_drawn_in_whatever_way_converts_to_the_same(rng: Random) -> None:
    graph = random_graph(rng)
    document = as_json(drawn(graph, toys()).document)
    now = disguise(document, rng)
    conversion = runnable(read_workflow(as_json(document)), toys())
    assert conversion.problems == []
    expected = {}
    for node in graph:
        inputs = {
            name: Link(now(value.source), value.slot) if isinstance(value, Link) else value
            for name, value in node.inputs.items()
        }
        expected[now(node.id)] = Node(now(node.id), node.type, inputs, node.title)
    assert dict(conversion.graph.nodes) == expected


@FEW
@given(st.randoms(use_true_random=False))
def test_writing_loses_nothing_and_changes_no_meaning(rng: Random) -> None:
    document = as_json(drawn(random_graph(rng), toys()).document)
    disguise(document, rng)
    document = without_names(document)
    document["unknown"] = {"deep": [1, {"x": None}]}
    document["nodes"].append({"id": -5, "type": "Mystery", "odd": [1.5], "properties": {"a": 1}, "widgets_values": [1]})
    first = read_any(document, "w", toys())
    assert first.workflow is not None
    written = as_json(to_ui(first.workflow, toys()))
    assert without_names(written) == document
    second = read_any(written, "w", toys())
    assert second.graph == first.graph


@FEW
@given(st.randoms(use_true_random=False))
def test_api_json_reads_back_as_the_graph_it_was_written_from(rng: Random) -> None:
    graph = random_graph(rng)
    assert read_api(as_json(to_api(graph)), "random") == graph


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@FEW
@given(st.randoms(use_true_random=False), st.data())
def test_a_file_with_anything_anywhere_is_read_or_refused_in_words(rng: Random, data: st.DataObject) -> None:
    document = as_json(drawn(random_graph(rng), toys()).document)
    disguise(document, rng)
    for _ in range(data.draw(st.integers(1, 4))):
        holder: Any = document
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if not isinstance(holder[key], dict | list) or data.draw(st.integers(0, 3)) == 0:
                holder[key] = data.draw(JSON)
                break
            holder = holder[key]
    before = copy.deepcopy(document)
    try:
        loaded = read_any(document, "w", toys())
    except WorkflowError as error:
        assert error.problems
        return
    assert all(str(problem) for problem in loaded.problems)
    for node in loaded.graph:
        assert all(link.source in loaded.graph.nodes for _, link in node.links())
    if loaded.workflow is not None:
        json.dumps(to_ui(loaded.workflow, toys()))
    json.dumps(to_api(loaded.graph))
    assert document == before


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=6))
@FEW
def test_any_json_object_is_read_or_refused_in_words(document: Raw) -> None:
    try:
        read_any(document, "w", toys())
    except WorkflowError as error:
        assert error.problems


# Names


def test_written_files_name_their_values() -> None:
    pencil = Pencil()
    pencil.node("Source", [7, "fixed", "x"])
    pencil.node("Forced", [1.5, 99, 2.5])
    pencil.node("Picture", ["a.png", "image"])
    pencil.node("Mystery", [1])
    pencil.node("Source", {"seed": 1})
    written = to_ui(read_workflow(pencil.document()), toys())
    names = [node["properties"].get("widget_names") for node in written["nodes"]]
    assert names == [
        ["seed", "control_after_generate", "text"],
        ["x", "count", "y"],
        ["image", "upload"],
        None,
        None,
    ]


def test_a_setting_added_or_moved_since_shifts_nothing() -> None:
    pencil = Pencil()
    pencil.node("Source", [7, "fixed", "x"])
    written = as_json(to_ui(read_workflow(pencil.document()), toys()))
    newer = copy.deepcopy(TOYS["Source"])
    newer["input"]["required"] = {"fresh": ["INT", {"default": 5}], "text": ["STRING", {}], "seed": ["INT", {}]}
    registry = Registry([spec_from_object_info("Source", newer)])
    assert read_any(written, "w", registry).graph.nodes["1"].inputs == {"fresh": 5, "text": "x", "seed": 7}


def test_lists_and_odd_objects_are_wrapped_in_api_json() -> None:
    inputs = {"a": [1, 2], "b": ["1", 0], "c": {"__value__": 3}, "d": {"x": 1}, "e": Link("1", 0)}
    graph = Graph({"1": Node("1", "Lists", inputs)}, "w")
    written = as_json(to_api(graph))
    assert written["1"]["inputs"]["b"] == {"__value__": ["1", 0]}
    assert written["1"]["inputs"]["e"] == ["1", 0]
    assert read_api(written, "w") == graph


# One setting changed from outside


def value_after(pencil: Pencil, node: str, name: str, value: Any, read: str, setting: str) -> Any:
    """A setting of the runnable graph after another was set, read back from the written file."""
    workflow = read_workflow(pencil.document()).with_value(node, name, value, toys())
    loaded = read_any(as_json(to_ui(workflow, toys())), "w", toys())
    assert loaded.problems == []
    return loaded.graph.nodes[read].inputs[setting]


@pytest.mark.parametrize("node", ["1", "Sky", "Source"])
def test_a_setting_is_set_by_id_title_or_type(node: str) -> None:
    pencil = Pencil()
    pencil.node("Source", [7, "fixed", "x"], **({"title": "Sky"} if node == "Sky" else {}))
    assert value_after(pencil, node, "text", "y", "1", "text") == "y"


def test_a_setting_that_the_file_lacks_is_set_with_its_neighbours_defaults() -> None:
    pencil = Pencil()
    pencil.node("Mix")
    assert value_after(pencil, "1", "steps", 9, "1", "steps") == 9
    assert value_after(pencil, "1", "steps", 9, "1", "mode") == "add"


def test_a_setting_among_values_by_name_is_set() -> None:
    pencil = Pencil()
    pencil.node("Source", {"text": "x"})
    assert value_after(pencil, "1", "seed", 9, "1", "seed") == 9


def test_setting_an_input_takes_its_wire_off() -> None:
    pencil = Pencil()
    number, source = pencil.node("Number", [5]), pencil.node("Source", [1, "fixed", "x"])
    pencil.wire(number, 0, source, "seed", "INT")
    assert value_after(pencil, "2", "seed", 9, "2", "seed") == 9


def test_a_primitive_is_set_by_its_value() -> None:
    pencil = Pencil()
    primitive = pencil.node("PrimitiveNode", [11, "fixed"], inputs=[], outputs=[("INT", "INT")], title="seed")
    source = pencil.node("Source", [1, "fixed", "x"])
    pencil.wire(primitive, 0, source, "seed", "INT")
    assert value_after(pencil, "seed", "value", 12, "2", "seed") == 12


def test_settings_inside_a_subgraph_are_set_by_both_ids() -> None:
    pencil, _, _ = folded([0.75])
    assert value_after(pencil, "2:5", "steps", 9, "2:5", "steps") == 9


@pytest.mark.parametrize("node", ["2", "2:5"])
def test_a_setting_that_an_instance_shows_is_set_at_the_instance(node: str) -> None:
    pencil, _, _ = folded([0.75])
    other = pencil.node(UUID, [0.1], inputs=[("a", "A")], outputs=[("A", "A")])
    assert value_after(pencil, node, "amount", 0.2, "2:5", "amount") == 0.2
    assert value_after(pencil, node, "amount", 0.2, f"{other['id']}:5", "amount") == 0.1


def test_a_setting_shown_from_inside_is_set_inside() -> None:
    pencil, _, _ = folded([], properties={"proxyWidgets": [["5", "steps"]]})
    assert value_after(pencil, "2", "steps", 9, "2:5", "steps") == 9


def test_a_setting_shown_through_two_walls_is_set_at_the_outer_one() -> None:
    pencil, _, _ = folded()
    outer = pencil.subgraph(OTHER, [("level", "FLOAT")], [])
    inner = outer.node(UUID, [0.3], inputs=[("a", "A")], outputs=[("A", "A")], id=8)
    outer.input(0, inner, "amount", "FLOAT")
    pencil.node(OTHER, [0.4], inputs=[], outputs=[])
    assert value_after(pencil, "4:8:5", "amount", 0.6, "4:8:5", "amount") == 0.6


def test_settings_of_group_members_are_set_at_the_group() -> None:
    pencil = Pencil()
    members = Pencil()
    members.node("Source", [1, "fixed", "inner"])
    pencil.extra["groupNodes"] = {"One": {"nodes": members.nodes, "links": [], "external": []}}
    pencil.node("workflow>One", [9, "fixed", "outer"], inputs=[], outputs=[("A", "A")])
    assert value_after(pencil, "1:0", "text", "new", "1:0", "text") == "new"
    assert value_after(pencil, "1", "text", "new", "1:0", "text") == "new"


def test_values_can_be_set_while_reading_either_kind_of_file() -> None:
    pencil = Pencil()
    pencil.node("Source", [7, "fixed", "x"], title="Sky")
    api = {"1": {"class_type": "Source", "inputs": {"seed": 7, "text": "x"}, "_meta": {"title": "Sky"}}}
    for document in (pencil.document(), api):
        loaded = read_any(document, "w", toys(), values={("Sky", "seed"): 8, ("1", "text"): "y"})
        assert loaded.graph.nodes["1"].inputs == {"seed": 8, "text": "y"}
        if loaded.workflow is not None:
            assert loaded.workflow.document["nodes"][0]["widgets_values"] == [8, "fixed", "y"]
            assert loaded.workflow.with_value("1", "seed", 9).document["nodes"][0]["widgets_values"][0] == 9


@pytest.mark.parametrize(
    ("node", "name", "said"),
    [
        ("9", "seed", "no node has the id or title '9'"),
        ("Sourc", "seed", "use one of: Source"),
        ("Mix", "steps", "'Mix' is the name of nodes 2, 3 (input steps); use one of these ids"),
        ("1", "sead", "Source (node 1): it has no setting 'sead'; it has seed, control_after_generate, text"),
    ],
)
def test_a_setting_that_is_not_there_is_refused_with_what_is(node: str, name: str, said: str) -> None:
    pencil = Pencil()
    pencil.node("Source", [7, "fixed", "x"])
    pencil.node("Mix")
    pencil.node("Mix")
    with pytest.raises(WorkflowError, match="w: ") as caught:
        read_any(pencil.document(), "w", toys(), values={(node, name): 1})
    assert said in str(caught.value)


def test_a_value_of_the_runnable_graph_is_set_by_id_or_title() -> None:
    graph = Graph({"1": Node("1", "Source", {"seed": 1}, "Sky"), "2": Node("2", "Source", {"seed": 2})}, "w")
    assert with_graph_value(graph, "Sky", "seed", 5).nodes["1"].inputs == {"seed": 5}
    assert with_graph_value(graph, "2", "seed", 5).nodes["2"].inputs == {"seed": 5}
    with pytest.raises(WorkflowError, match="is the name of nodes 1, 2"):
        with_graph_value(graph, "Source", "seed", 5)
    assert graph.nodes["1"].inputs == {"seed": 1}


def test_nodes_are_found_by_id_title_and_type_also_inside_subgraphs() -> None:
    pencil, inside, _ = folded()
    inside.nodes[0]["title"] = "Inner"
    workflow = read_workflow(pencil.document())
    assert workflow.find("2:5") == workflow.find("Inner") == workflow.find("Mix") == ["2:5"]
    assert workflow.find("Show") == ["3"]
    assert workflow.find("nothing") == []


# Drawing API JSON


def test_a_drawing_of_api_json_stands_in_columns_without_overlap() -> None:
    graph = random_graph(Random(3))
    nodes = drawn(graph, toys()).document["nodes"]
    boxes = [(*node["pos"], *node["size"]) for node in nodes]
    for index, (x, y, width, height) in enumerate(boxes):
        for left, top, right, bottom in boxes[index + 1 :]:
            assert x + width <= left or left + right <= x or y + height <= top or top + bottom <= y
    place = {str(node["id"]): node["pos"][0] for node in nodes}
    for node in graph:
        assert all(place[link.source] < place[node.id] for _, link in node.links())


def test_unknown_nodes_odd_ids_and_extra_inputs_survive_being_drawn() -> None:
    document = {
        "5:1": {"class_type": "Mystery", "inputs": {"x": [1, 2] and {"__value__": [1, 2]}, "y": "z"}},
        "007": {"class_type": "Mystery", "inputs": {"a": ["5:1", 3]}},
        "8": {"class_type": "Source", "inputs": {"seed": 1, "text": "t", "late": ["5:1", 0]}},
    }
    graph = read_api(document, "w")
    again = runnable(read_workflow(as_json(drawn(graph, toys()).document)), toys()).graph
    assert {id: node.inputs for id, node in again.nodes.items()} == {
        id: node.inputs for id, node in graph.nodes.items()
    }


def test_settings_that_an_option_brings_survive_being_drawn_and_set() -> None:
    inputs = {"how": "to", "how.width": 640, "how.height": 480, "method": "nearest"}
    workflow = drawn(Graph({"1": Node("1", "Resize", inputs)}, "w"), toys())
    assert runnable(workflow, toys()).graph.nodes["1"].inputs == inputs
    changed = runnable(workflow.with_value("1", "how.width", 320), toys()).graph.nodes["1"].inputs
    assert changed == {**inputs, "how.width": 320}


def test_a_circle_can_be_drawn() -> None:
    graph = Graph({id: Node(id, "Mix", {"a": Link(other, 0)}) for id, other in (("1", "2"), ("2", "1"))}, "w")
    again = runnable(drawn(graph, toys()), toys()).graph
    assert again.nodes["1"].inputs["a"] == Link("2", 0)
    assert again.nodes["2"].inputs["a"] == Link("1", 0)
