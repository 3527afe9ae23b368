"""The drawn graph becomes the runnable one: values, wires, modes, primitives."""

from typing import Any

import pytest

from darkroom.engine.graph import Link
from darkroom.engine.read import read_any
from darkroom.engine.registry import Registry, spec_from_object_info
from tests.engine.drawings import TOYS, Pencil, converted, graph_of, inputs_of, toys

# Values


def test_values_go_to_settings_by_position_and_the_control_stays_behind() -> None:
    pencil = Pencil()
    pencil.node("Source", [7, "randomize", "a tree"])
    assert inputs_of(pencil, 1) == {"seed": 7, "text": "a tree"}


def test_values_can_be_an_object() -> None:
    pencil = Pencil()
    pencil.node("Source", {"text": "a tree", "seed": 7, "videopreview": {}})
    assert inputs_of(pencil, 1) == {"seed": 7, "text": "a tree"}


def test_missing_values_are_the_defaults() -> None:
    pencil = Pencil()
    pencil.node("Source", [7])
    pencil.node("Mix")
    assert inputs_of(pencil, 1) == {"seed": 7, "text": "?"}
    assert inputs_of(pencil, 2) == {"amount": 0.5, "mode": "add", "steps": 3}


def test_names_in_the_file_count_before_positions() -> None:
    pencil = Pencil()
    names = {"widget_names": ["text", "gone", "seed"]}
    pencil.node("Source", ["a tree", 1, 7], properties=names)
    assert inputs_of(pencil, 1) == {"seed": 7, "text": "a tree"}


@pytest.mark.parametrize("names", [["text"], "text", [1, 2, 3], ["a"] * 9])
def test_names_that_do_not_fit_the_values_are_ignored(names: Any) -> None:
    pencil = Pencil()
    pencil.node("Source", [7, "fixed", "a tree"], properties={"widget_names": names})
    assert inputs_of(pencil, 1) == {"seed": 7, "text": "a tree"}


@pytest.mark.parametrize("control", ["fixed", "increment", "decrement", "randomize", True, False, None])
def test_every_control_value_is_skipped(control: Any) -> None:
    pencil = Pencil()
    pencil.node("Source", [7, control, "a tree"])
    assert inputs_of(pencil, 1) == {"seed": 7, "text": "a tree"}


def test_a_file_without_controls_is_read_all_the_same() -> None:
    pencil = Pencil()
    pencil.node("Source", [7, "a tree"])
    assert inputs_of(pencil, 1) == {"seed": 7, "text": "a tree"}


def test_a_control_that_its_input_has_lost_shifts_nothing() -> None:
    pencil = Pencil()
    pencil.node("Mix", [0.25, "randomize", "multiply", 5])
    pencil.nodes[0]["widgets_values"] = [0.25, "multiply", "fixed", 5]
    assert inputs_of(pencil, 1) == {"amount": 0.25, "mode": "multiply", "steps": 5}


def test_dummy_values_of_forced_sockets_are_dropped() -> None:
    pencil = Pencil()
    pencil.node("Forced", [1.5, 99, 2.5])
    pencil.node("Forced", [1.5, 2.5])
    assert inputs_of(pencil, 1) == {"x": 1.5, "y": 2.5}
    assert inputs_of(pencil, 2) == {"x": 1.5, "y": 2.5}


def test_the_upload_button_is_not_sent() -> None:
    pencil = Pencil()
    pencil.node("Picture", ["b.png", "image"])
    assert inputs_of(pencil, 1) == {"image": "b.png"}


def test_surplus_values_are_left_out_with_a_warning() -> None:
    pencil = Pencil()
    pencil.node("Number", [4, 5, 6])
    conversion = converted(pencil)
    assert conversion.graph.nodes["1"].inputs == {"value": 4}
    [problem] = conversion.problems
    assert (problem.type, problem.node, problem.warning) == ("surplus_widget_value", "1", True)
    assert "left out: [5, 6]" in str(problem)


def test_a_list_is_a_value() -> None:
    pencil = Pencil()
    pencil.node("Lists", [[["1", 0], [2, 3]]])
    assert inputs_of(pencil, 1) == {"points": [["1", 0], [2, 3]]}


def test_the_settings_that_a_chosen_option_brings_stand_right_after_it() -> None:
    pencil = Pencil()
    pencil.node("Resize", ["to", 640, 480, "nearest"])
    pencil.node("Resize", ["by", 1.5, "nearest"])
    pencil.node("Resize")
    source = pencil.node("Source", [1, "fixed", ""])
    pencil.nodes[0]["inputs"].append({"name": "how.like", "type": "A", "link": None})
    pencil.wire(source, 0, pencil.nodes[0], "how.like")
    expected = {"how": "to", "how.width": 640, "how.height": 480, "method": "nearest", "how.like": Link("4", 0)}
    assert inputs_of(pencil, 1) == expected
    assert inputs_of(pencil, 2) == {"how": "by", "how.factor": 1.5, "method": "nearest"}
    assert inputs_of(pencil, 3) == {"how": "by", "how.factor": 2.0, "method": "area"}


def test_old_type_names_are_read_as_the_new_ones() -> None:
    registry = Registry(spec_from_object_info(id, TOYS["Show"]) for id in ("ControlNetLoader", "KSampler"))
    document = {"nodes": [{"id": 1, "type": "T2IAdapterLoader", "widgets_values": ["x"]}], "links": []}
    assert read_any(document, "w", registry).graph.nodes["1"].type == "ControlNetLoader"


def test_old_sampler_names_lose_their_prefix() -> None:
    info = {"input": {"required": {"sampler_name": [["euler"], {}]}}, "output": []}
    registry = Registry([spec_from_object_info("KSampler", info)])
    document = {"nodes": [{"id": 1, "type": "KSampler", "widgets_values": ["sample_euler"]}], "links": []}
    assert read_any(document, "w", registry).graph.nodes["1"].inputs == {"sampler_name": "euler"}


def test_unknown_nodes_stay_in_the_graph_with_what_their_sockets_tell() -> None:
    pencil = Pencil()
    source = pencil.node("Source", [7, "fixed", ""])
    unknown = pencil.node("Mystery", [3, "randomize", 20], inputs=[("a", "A")], outputs=[("A", "A")])
    pencil.wire(source, 0, unknown, "a")
    unknown["inputs"] += [{"name": name, "type": "INT", "widget": {"name": name}} for name in ("seed", "steps")]
    conversion = converted(pencil)
    assert conversion.unknown == ("2",)
    values = {"a": Link("1", 0), "seed": 3, "control_after_generate": "randomize", "steps": 20}
    assert conversion.graph.nodes["2"].inputs == values


def test_titles_come_from_the_file_then_the_definition_then_the_type() -> None:
    pencil = Pencil()
    pencil.node("Show", title="Mine")
    pencil.node("Show")
    pencil.node("Mix")
    assert [node.title for node in graph_of(pencil)] == ["Mine", "Show It", "Mix"]


# Wires and modes


def test_notes_and_decoration_do_not_run() -> None:
    pencil = Pencil()
    for type in ("Note", "MarkdownNote", "Label (rgthree)"):
        pencil.node(type, ["text"], inputs=[], outputs=[])
    pencil.node("Number", [1])
    assert list(graph_of(pencil).nodes) == ["4"]


def test_a_reroute_passes_its_wire_on() -> None:
    pencil = Pencil()
    source = pencil.node("Source", [1, "fixed", ""])
    relays = [pencil.node("Reroute", inputs=[("", "*")], outputs=[("", "A")]) for _ in range(3)]
    show = pencil.node("Show")
    for one, next in zip([source, *relays], relays, strict=False):
        pencil.wire(one, 0, next, "")
    pencil.wire(relays[-1], 0, show, "a")
    assert inputs_of(pencil, show["id"])["a"] == Link("1", 0)
    assert len(graph_of(pencil)) == 2


def test_native_reroutes_are_only_a_way_of_drawing() -> None:
    pencil = Pencil()
    source, show = pencil.node("Source", [1, "fixed", ""]), pencil.node("Show")
    pencil.wire(source, 0, show, "a")
    pencil.extra |= {
        "reroutes": [{"id": 1, "pos": [0, 0], "linkIds": [1]}],
        "linkExtensions": [{"id": 1, "parentId": 1}],
    }
    assert inputs_of(pencil, 2)["a"] == Link("1", 0)


def test_the_schema_of_version_1_is_read() -> None:
    pencil = Pencil()
    source, show = pencil.node("Source", [1, "fixed", ""]), pencil.node("Show")
    pencil.wire(source, 0, show, "a")
    keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    links = [dict(zip(keys, link, strict=True)) | {"parentId": 1} for link in pencil.links]
    document = pencil.document(links=links, version=1, state={"lastNodeId": 2}, reroutes=[{"id": 1}])
    assert read_any(document, "w", toys()).graph.nodes["2"].inputs["a"] == Link("1", 0)


def test_a_primitive_gives_its_value_and_does_not_run() -> None:
    pencil = Pencil()
    primitive = pencil.node("PrimitiveNode", [11, "fixed"], inputs=[], outputs=[("INT", "INT")])
    relay = pencil.node("Reroute", inputs=[("", "*")], outputs=[("", "INT")])
    source, other = pencil.node("Source", [1, "fixed", "x"]), pencil.node("Source", [2, "fixed", "y"])
    pencil.wire(primitive, 0, source, "seed", "INT")
    pencil.wire(primitive, 0, relay, "", "INT")
    pencil.wire(relay, 0, other, "seed", "INT")
    assert inputs_of(pencil, 3) == {"seed": 11, "text": "x"}
    assert inputs_of(pencil, 4) == {"seed": 11, "text": "y"}


def test_a_setting_turned_into_a_socket_keeps_its_place_among_the_values() -> None:
    pencil = Pencil()
    number, source = pencil.node("Number", [5]), pencil.node("Source", [1, "fixed", "x"])
    pencil.wire(number, 0, source, "seed", "INT")
    assert inputs_of(pencil, 2) == {"seed": Link("1", 0), "text": "x"}


def test_a_muted_node_does_not_run_and_its_readers_lose_their_input() -> None:
    pencil = Pencil()
    number = pencil.node("Number", [5], mode=2)
    source, show = pencil.node("Source", [1, "fixed", "x"]), pencil.node("Show")
    pencil.wire(number, 0, source, "seed", "INT")
    pencil.wire(source, 0, show, "a")
    assert list(graph_of(pencil).nodes) == ["2", "3"]
    assert inputs_of(pencil, 2) == {"text": "x"}


@pytest.mark.parametrize("mode", [1, 3])
def test_the_unused_modes_count_as_always(mode: int) -> None:
    pencil = Pencil()
    pencil.node("Number", [5], mode=mode)
    assert inputs_of(pencil, 1) == {"value": 5}


def bypassing(output: int, wired: dict[str, int], target: str = "Show", name: str = "a") -> dict[str, Any]:
    """What reaches a reader of a bypassed Mix, whose inputs are wired to the outputs of nodes by number."""
    pencil = Pencil()
    sources = {1: pencil.node("Source", [1, "fixed", ""]), 2: pencil.node("Mix")}
    middle = pencil.node("Mix", mode=4)
    reader = pencil.node(target)
    for socket, origin in wired.items():
        pencil.wire(sources[origin], 1 if socket == "c" else 0, middle, socket)
    pencil.wire(middle, output, reader, name)
    return inputs_of(pencil, 4)


def test_a_bypassed_node_passes_the_input_of_the_same_number_if_the_types_fit() -> None:
    assert bypassing(0, {"a": 1, "b": 2})["a"] == Link("1", 0)


def test_a_bypassed_node_passes_else_the_first_input_of_the_type() -> None:
    assert bypassing(1, {"a": 1, "b": 2, "c": 2}, "Mix", "c")["c"] == Link("2", 1)


def test_a_bypassed_node_without_a_fitting_wire_passes_nothing() -> None:
    assert "a" not in bypassing(0, {"b": 1})
    assert "c" not in bypassing(1, {"a": 1}, "Mix", "c")


def test_where_anything_is_wanted_the_number_of_the_output_counts() -> None:
    assert bypassing(1, {"a": 1, "b": 2}, "Any", "source")["source"] == Link("2", 0)


def test_a_circle_of_reroutes_brings_nothing() -> None:
    pencil = Pencil()
    one = pencil.node("Reroute", inputs=[("", "*")], outputs=[("", "A")])
    two = pencil.node("Reroute", inputs=[("", "*")], outputs=[("", "A")])
    show = pencil.node("Show")
    pencil.wire(one, 0, two, "")
    pencil.wire(two, 0, one, "")
    pencil.wire(two, 0, show, "a")
    assert "a" not in inputs_of(pencil, 3)


def test_a_getter_stands_for_what_its_setter_is_wired_to() -> None:
    pencil = Pencil()
    source = pencil.node("Source", [1, "fixed", ""])
    setter = pencil.node("SetNode", ["sky"], inputs=[("A", "A")], outputs=[("A", "A")])
    getter = pencil.node("GetNode", ["sky"], inputs=[], outputs=[("A", "A")])
    nobody = pencil.node("GetNode", ["sea"], inputs=[], outputs=[("A", "A")])
    show, empty = pencil.node("Show"), pencil.node("Show")
    pencil.wire(source, 0, setter, "A")
    pencil.wire(getter, 0, show, "a")
    pencil.wire(nobody, 0, empty, "a")
    assert inputs_of(pencil, 5)["a"] == Link("1", 0)
    assert "a" not in inputs_of(pencil, 6)
