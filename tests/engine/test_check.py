"""Every problem at once, each with node, input, what came, what was wanted and what to do."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import pytest

from darkroom.engine.check import check
from darkroom.engine.checking.coerce import coerced
from darkroom.engine.define import FileChoice, Int, Wire, node
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.problems import Problem
from darkroom.engine.registry import Registry, spec_from_object_info
from tests.engine.check_toys import ToyFiles, graph, picture, registry

DATA = Path(__file__).parent.parent / "data"


def problems(checked: Graph, files: ToyFiles | None = None, **more: Any) -> list[Problem]:
    return check(checked, registry(), files or ToyFiles(), **more)


def only(checked: Graph, files: ToyFiles | None = None) -> Problem:
    found = problems(checked, files)
    assert len(found) == 1, [str(each) for each in found]
    return found[0]


def test_a_right_graph_has_no_problems() -> None:
    assert problems(picture()) == []


def test_an_unknown_type_is_reported_wherever_it_is_with_the_nearest_right_one() -> None:
    problem = only(picture(stray=("Invrt", {"image": Link("decode", 0)})))
    assert (problem.type, problem.node, problem.details) == ("invalid_prompt", "stray", "Node ID '#stray'")
    assert str(problem) == (
        'Invrt (node stray): the node type "Invrt" is unknown; perhaps "Invert" is meant; '
        "otherwise install the pack that brings it, or remove the node."
    )


def test_what_feeds_an_unknown_node_is_checked_too() -> None:
    found = problems(graph(a=("SaveBetter", {"x": Link("b", 0)}), b=("Invert", {})))
    assert [(each.type, each.node) for each in found] == [("invalid_prompt", "a"), ("required_input_missing", "b")]


def test_a_graph_that_shows_nothing_is_a_problem_of_the_whole() -> None:
    problem = only(graph(a=("Five", {"value": 1})))
    assert (problem.type, problem.node, problem.input) == ("prompt_no_outputs", None, None)
    assert only(graph()).type == "prompt_no_outputs"


def test_a_missing_input_is_reported_with_what_could_be_connected() -> None:
    problem = only(picture(decode=("Decode", {"samples": Link("sample", 0)})))
    assert (problem.type, problem.input, problem.extra) == ("required_input_missing", "vae", {"input_name": "vae"})
    assert str(problem) == "VAE Decode (node decode), input vae: wants a VAE, but has none; connect Load Model to it."


def test_a_missing_setting_is_reported_with_its_default_or_the_name_that_was_mistyped() -> None:
    assert str(only(picture(empty=("Empty", {"width": 64})))).endswith(
        "input height: wants a whole number, but has none; set it, to 512 for example."
    )
    assert '"heigth", which it was given, is perhaps' in str(only(picture(empty=("Empty", {"width": 64, "heigth": 8}))))


def test_optional_inputs_may_be_missing_or_null() -> None:
    image = {"image": Link("draw", 0), "mask": Link("draw", 1), "amount": 0.5}
    checked = graph(
        draw=("Draw", {"text": "", "count": 1}),
        a=("Blend", image),
        b=("Blend", {**image, "other": None}),
        look=("Look", {"anything": Link("a", 0)}),
        see=("Look", {"anything": Link("b", 0)}),
    )
    assert problems(checked) == []


def test_a_link_to_a_node_that_is_not_there_is_reported_where_it_arrives() -> None:
    problem = only(picture(decode=("Decode", {"samples": Link("404", 0), "vae": Link("load", 1)})))
    assert (problem.type, problem.node, problem.input) == ("exception_during_inner_validation", "decode", "samples")
    assert problem.extra["exception_type"] == "KeyError" and problem.extra["linked_node"] == ["404", 0]
    assert "wants a LATENT, but it is linked to node 404, which is not there; connect it anew" in str(problem)
    assert only(picture(save=("Save", {"images": Link("404", 0), "prefix": ""}))).type == "exception_during_validation"


@pytest.mark.parametrize("slot", [1, 7, -1])
def test_a_link_to_a_slot_that_is_not_there_names_those_that_are(slot: int) -> None:
    problem = only(picture(save=("Save", {"images": Link("decode", slot), "prefix": ""})))
    assert (problem.type, problem.node, problem.input) == ("exception_during_validation", "save", "images")
    assert (
        f"output {slot} of VAE Decode (node decode), which has 1 output; connect one of its outputs: IMAGE (0)"
        in str(problem)
    )


def test_a_wrong_wire_is_reported_with_the_node_that_converts() -> None:
    problem = only(picture(save=("Save", {"images": Link("sample", 0), "prefix": ""})))
    assert problem.type == "return_type_mismatch"
    assert problem.details == "images, received_type(LATENT) mismatch input_type(IMAGE)"
    assert problem.extra == {
        "input_name": "images",
        "input_config": ["IMAGE", {}],
        "received_type": "LATENT",
        "linked_node": ["sample", 0],
    }
    assert str(problem) == (
        "Save Picture (node save), input images: wants an IMAGE, but Sample.LATENT (node sample) gives a LATENT; "
        "put VAE Decode between them."
    )


def test_a_wrong_output_of_the_right_node_is_reported_with_the_right_one() -> None:
    drawn = ("Draw", {"text": "", "count": 1})
    problem = only(picture(draw=drawn, save=("Save", {"images": Link("draw", 1), "prefix": ""})))
    assert problem.remedy == "take its output IMAGE"


def test_a_converter_is_found_among_comfyuis_nodes() -> None:
    entries = json.loads((DATA / "comfyui_object_info.json").read_text())
    known = Registry(spec_from_object_info(id, entry) for id, entry in entries.items())
    checked = graph(
        load=("LoadImage", {"image": "a.png"}),
        empty=("EmptyLatentImage", {"width": 64, "height": 64, "batch_size": 1}),
        save=("PreviewImage", {"images": Link("empty", 0)}),
        scale=("LatentUpscaleBy", {"samples": Link("load", 0)}),
        show=("PreviewImage", {"images": Link("scale", 0)}),
        mask=("InvertMask", {"mask": Link("load", 0)}),
        see=("PreviewImage", {"images": Link("mask", 0)}),
    )
    found = check(checked, known)
    remedies = {(each.node, each.input): each.remedy for each in found if each.type == "return_type_mismatch"}
    assert remedies == {
        ("save", "images"): "put VAE Decode between them",
        ("scale", "samples"): "put VAE Encode between them",
        ("show", "images"): "put VAE Decode between them",
        ("mask", "mask"): "put Convert Image to Mask between them, or take its output MASK",
        ("see", "images"): "put Convert Mask to Image between them",
    }


def test_a_union_takes_any_of_its_types_and_a_star_takes_all() -> None:
    half = ("Half", {"number": Link("five", 0)})
    assert problems(graph(five=("Five", {"value": 1}), half=half, look=("Look", {"anything": Link("half", 0)}))) == []
    problem = only(
        graph(five=("Draw", {"text": "", "count": 1}), half=half, look=("Look", {"anything": Link("half", 0)}))
    )
    assert "wants a FLOAT or INT, but Draw Picture.IMAGE (node five) gives an IMAGE" in str(problem)


@pytest.mark.parametrize(
    ("input", "value", "type", "said"),
    [
        (
            "steps",
            "many",
            "invalid_input_type",
            'wants a whole number, but "many" is given; write a whole number such as 20.',
        ),
        ("steps", None, "invalid_input_type", "wants a whole number, but None is given"),
        ("steps", [1], "invalid_input_type", "but [1] is given"),
        ("steps", float("inf"), "invalid_input_type", "but inf is given"),
        ("cfg", float("nan"), "invalid_input_type", "but nan is given"),
        ("cfg", {}, "invalid_input_type", "wants a number, but {} is given; write a number such as 8."),
        ("steps", 0, "value_smaller_than_min", "from 1 to 10000, but 0 is given; set it to 1 or more."),
        ("steps", "10001", "value_bigger_than_max", "but 10001 is given; set it to 10000 or less."),
        (
            "cfg",
            100.5,
            "value_bigger_than_max",
            "wants a number from 0 to 100, but 100.5 is given; set it to 100 or less.",
        ),
        ("method", "bilinaer", "value_not_in_list", '3 choices, but "bilinaer" is none of them; choose "bilinear".'),
        ("method", ["area"], "value_not_in_list", 'choose "nearest", "bilinear" or "area".'),
        ("method", 3, "value_not_in_list", "but 3 is none of them"),
        (
            "model",
            "sd15",
            "bad_linked_input",
            'a MODEL over a link, but the literal "sd15" is given; connect Load Model to it.',
        ),
        ("model", None, "bad_linked_input", "but the literal None is given"),
    ],
)
def test_a_wrong_value_is_reported_with_what_is_wanted(input: str, value: Any, type: str, said: str) -> None:
    right = picture().nodes["sample"].inputs
    problem = only(picture(sample=("Sample", {**right, input: value})))
    assert (problem.type, problem.node, problem.input, problem.warning) == (type, "sample", input, False)
    assert problem.extra["input_name"] == input and "input_config" in problem.extra
    assert said in str(problem)


@pytest.mark.parametrize(
    ("type", "value", "wanted"),
    [
        ("Five", "7", 7),
        ("Five", 3.7, 3),
        ("Five", True, 1),
        ("Half", "x", "x"),
        ("Save", 5, "5"),
        ("Save", None, "None"),
        ("Sample", "false", True),
        ("Sample", 0, False),
    ],
)
def test_looser_values_are_coerced_as_comfyuis_server_does(type: str, value: Any, wanted: Any) -> None:
    name = {"Five": "value", "Half": "number", "Save": "prefix", "Sample": "loud"}[type]
    given = graph(a=(type, {name: value, "x": Link("b", 0)}))
    found = coerced(given, registry())
    assert found.nodes["a"].inputs[name] == wanted and found.nodes["a"].inputs[name].__class__ is wanted.__class__
    assert given.nodes["a"].inputs[name] is value


def test_what_cannot_be_coerced_and_what_is_right_already_stays() -> None:
    given = graph(a=("Five", {"value": "many"}), b=("Five", {"value": 4}), c=("Unknown", {"value": "4"}))
    assert coerced(given, registry()) == given


def test_a_file_that_is_not_there_is_reported_with_the_nearest_and_where_to_put_it() -> None:
    problem = only(picture(load=("Load", {"name": "SD15.safetensor"})))
    assert problem.type == "value_not_in_list"
    assert str(problem) == (
        'Load Model (node load), input name: wants a file in models/checkpoints, but "SD15.safetensor" is not there; '
        'choose "sd15.safetensors", or put the file into models/checkpoints.'
    )
    assert "which has none yet" in str(only(picture(), ToyFiles(loras=())))


def test_a_file_name_written_on_windows_is_found() -> None:
    assert problems(picture(load=("Load", {"name": "sub\\juggernaut_xl.safetensors"}))) == []


def test_pictures_that_the_input_list_does_not_show_may_be_named() -> None:
    @node("Open", category="toy", final=True)
    def open_picture(*, image: Annotated[Path, FileChoice("input", upload=True)]) -> None: ...

    known, files = Registry([open_picture.spec]), ToyFiles(input=("a.png",))
    for name in ("a.png", "hidden/b.png", "a.png [output]"):
        assert check(graph(a=("Open", {"image": name})), known, files) == []
    problem = check(graph(a=("Open", {"image": "c.png"})), known, files)[0]
    assert problem.extra["input_config"] == [["a.png"], {"image_upload": True}]
    assert "put the file into the input folder" in problem.remedy


def test_without_files_their_names_are_not_checked() -> None:
    assert check(picture(load=("Load", {"name": "anything"})), registry()) == []


def test_a_folder_is_listed_once_in_a_check() -> None:
    loads = {f"load{number}": ("Load", {"name": "sd15.safetensors"}) for number in range(50)}
    looks = {f"look{number}": ("Look", {"anything": Link(f"load{number}", 0)}) for number in range(50)}
    files = ToyFiles()
    assert problems(graph(**loads, **looks), files) == []
    assert files.listings == {"checkpoints": 1}
    wrong = {id: (type, {"name": Link("load0", 0) if id == "load7" else f"{id}?"}) for id, (type, _) in loads.items()}
    files = ToyFiles()
    assert len(problems(graph(**wrong, **looks), files)) == 50
    assert files.listings == {"checkpoints": 1}


def test_long_lists_are_left_out_of_the_report() -> None:
    files = ToyFiles(checkpoints=[f"model{number}" for number in range(21)])
    problem = only(picture(), files)
    assert problem.extra["input_config"] is None
    assert problem.details == "name: 'sd15.safetensors' not in (list of length 21)"


def test_every_circle_is_reported_once_and_named_by_its_nodes() -> None:
    checked = graph(
        a=("Invert", {"image": Link("b", 0)}),
        b=("Invert", {"image": Link("a", 0)}),
        c=("Invert", {"image": Link("c", 0)}),
        one=("Save", {"images": Link("b", 0), "prefix": ""}),
        two=("Save", {"images": Link("c", 0), "prefix": ""}),
    )
    found = problems(checked)
    assert [(each.type, each.node, each.input, each.extra["cycle"]) for each in found] == [
        ("dependency_cycle", "a", "image", ["a", "b"]),
        ("dependency_cycle", "c", "image", ["c"]),
    ]
    assert str(found[0]) == (
        "Invert (node a), input image: its own result comes back to it: "
        "Invert (node a) -> Invert (node b) -> Invert (node a); remove one of these links."
    )


def test_a_link_to_an_input_that_the_node_does_not_have_is_a_warning() -> None:
    problem = only(picture(decode=("Decode", {**picture().nodes["decode"].inputs, "sample": Link("load", 0)})))
    assert (problem.type, problem.warning, problem.input) == ("unknown_input", True, "sample")


def test_links_of_any_name_are_followed_where_the_node_takes_them() -> None:
    @node("Gather", category="toy", final=True)
    def gather(**more: Any) -> None: ...

    known = Registry([*registry(), gather.spec])
    found = check(graph(a=("Gather", {"x": Link("b", 0), "y": 3}), b=("Invert", {})), known)
    assert [(each.type, each.node) for each in found] == [("required_input_missing", "b")]


def test_raw_links_are_no_dependency() -> None:
    @node("Jump", category="toy", final=True)
    def jump(back: Annotated[object, Wire("IMAGE", options={"rawLink": True})]) -> Annotated[object, Wire("IMAGE")]: ...

    assert check(graph(a=("Jump", {"back": Link("a", 0)})), Registry([jump.spec])) == []


def test_only_what_the_targets_need_is_checked() -> None:
    checked = picture(wrong=("Save", {}), unused=("Invert", {}))
    assert {each.node for each in problems(checked)} == {"wrong"}
    assert problems(checked, targets=["save"]) == []
    assert {each.node for each in problems(checked, targets=["unused"])} == {"unused"}
    assert [each.type for each in problems(checked, targets=["nobody"])] == ["prompt_no_outputs"]
    assert [each.type for each in problems(checked, targets=[])] == ["prompt_no_outputs"]


def test_all_problems_are_reported_at_once() -> None:
    checked = picture(
        load=("Load", {"name": "no.safetensors"}),
        empty=("Empty", {"width": 7, "height": "tall"}),
        sample=("Sampel", {}),
        decode=("Decode", {"samples": Link("empty", 1)}),
    )
    found = {(each.node, each.input, each.type) for each in problems(checked)}
    assert found == {
        ("sample", None, "invalid_prompt"),
        ("empty", "width", "value_smaller_than_min"),
        ("empty", "height", "invalid_input_type"),
        ("decode", "samples", "exception_during_inner_validation"),
        ("decode", "vae", "required_input_missing"),
    }
    assert all(each.remedy and each.came for each in problems(checked))


def test_a_node_is_called_by_its_title() -> None:
    titled = Graph({"a": Node("a", "Invert", {}, title="Negative"), "b": Node("b", "Save", {"images": Link("a", 0)})})
    assert str(problems(titled)[0]).startswith("Negative (node a), input image: ")


def test_a_chain_of_100_000_nodes_is_checked_in_a_few_seconds() -> None:
    nodes = {"0": Node("0", "Draw", {"text": "", "count": 1})}
    for number in range(1, 100_000):
        nodes[str(number)] = Node(str(number), "Invert", {"image": Link(str(number - 1), 0)})
    nodes["save"] = Node("save", "Save", {"images": Link("99999", 0), "prefix": ""})
    long = Graph(dict(reversed(nodes.items())))
    begun = time.process_time()
    assert problems(long) == []
    assert time.process_time() - begun < 20


def test_a_file_full_of_unknown_nodes_is_reported_in_little_time() -> None:
    wrong = {f"n{number}": (f"Sampl{number}", {"x": "y"}) for number in range(20_000)}
    begun = time.process_time()
    assert len(problems(graph(**wrong))) == 20_000
    assert time.process_time() - begun < 20


def test_a_setting_of_a_description_only_node_is_checked_like_any_other() -> None:
    entry = {
        "input": {
            "required": {
                "mode": ["COMBO", {"options": ["a"]}],
                "n": ["INT", {"max": 3}],
                "r": ["COMBO", {"remote": {}}],
            }
        },
        "output_node": True,
    }
    known = Registry([spec_from_object_info("Far", entry)])
    found = check(graph(a=("Far", {"mode": "b", "n": 4, "r": "x", "extra": Link("a", 0)})), known)
    assert {(each.input, each.type) for each in found} >= {
        ("mode", "value_not_in_list"),
        ("n", "value_bigger_than_max"),
    }


def test_a_wire_that_stands_for_several_may_be_absent_itself() -> None:
    entry = {"input": {"required": {"images": ["COMFY_AUTOGROW_V3", {}]}}, "output_node": True}
    known = Registry([*registry(), spec_from_object_info("Many", entry)])
    found = check(graph(a=("Many", {"images.image0": Link("b", 0)}), b=("Invert", {})), known)
    assert [(each.type, each.node) for each in found] == [("required_input_missing", "b")]


def test_an_int_wire_wants_no_widget_value_but_takes_one() -> None:
    @node("Add", category="toy", final=True)
    def add(a: Annotated[int, Wire("INT")], *, b: Annotated[int, Int(max=9)] = 0) -> Annotated[int, Int()]:
        return a + b

    known = Registry([add.spec])
    assert check(graph(a=("Add", {"a": 1, "b": 2})), known) == []
    assert [each.input for each in check(graph(a=("Add", {"a": "x", "b": 12})), known)] == ["a", "b"]
