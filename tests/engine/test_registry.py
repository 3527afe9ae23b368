"""The registry, and `/object_info` in both directions."""

import json
from pathlib import Path
from typing import Any

import pytest

from darkroom.engine.defining.errors import DefinitionError
from darkroom.engine.document import document
from darkroom.engine.nearest import either, nearest
from darkroom.engine.object_info import comparable, object_info, spec_from_object_info
from darkroom.engine.registry import Registry
from darkroom.engine.spec import FileChoice, InputSpec, NodeSpec, OutputSpec
from tests.engine.check_toys import ToyFiles, load, registry

DATA = Path(__file__).parent.parent / "data"
RECORDED = ("comfyui_object_info.json", "comfyui_object_info_0.3.64.json", "comfyui_cloud_object_info.json")


def recorded(name: str) -> dict[str, Any]:
    entries: dict[str, Any] = json.loads((DATA / name).read_text())
    return entries


def tidied(entry: dict[str, Any]) -> dict[str, Any]:
    """Eight entries say null for "no list", four have an empty section; both mean what leaving it out means."""
    sections = {kind: given for kind, given in entry["input"].items() if given or kind == "required"}
    return {
        **entry,
        "input": sections,
        "input_order": {kind: order for kind, order in entry["input_order"].items() if kind in sections},
        "output_is_list": [bool(each) for each in entry["output_is_list"]],
    }


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_description_survives_being_read_and_written(name: str) -> None:
    for id, entry in recorded(name).items():
        spec = spec_from_object_info(id, entry)
        written = object_info(spec)
        assert {key: written[key] for key in entry} == tidied(entry), id
        assert [key for key in written if key in entry] == list(entry), id
        assert written["input_order"] == {kind: list(given) for kind, given in written["input"].items()}, id
        assert set(written) - set(entry) <= {"name", "description"}, id
        assert spec_from_object_info(id, written) == spec, id


def test_an_entry_has_the_usual_keys_in_the_usual_order() -> None:
    entry = object_info(load.spec, ToyFiles())
    assert list(entry) == [
        *("input", "input_order", "output", "output_is_list", "output_name", "name", "display_name"),
        *("description", "python_module", "category", "output_node"),
    ]
    assert entry["input"] == {"required": {"name": [["sd15.safetensors", "sub/juggernaut_xl.safetensors"], {}]}}
    assert entry["output_name"] == ["MODEL", "VAE"]


def test_keys_that_are_seldom_needed_appear_only_when_declared() -> None:
    outputs = (OutputSpec("IMAGE", "IMAGE", tooltip="the picture"), OutputSpec("MASK", "MASK"))
    entry = object_info(NodeSpec("A", outputs=outputs, deprecated=True, experimental=True, api_node=True))
    assert list(entry)[-4:] == ["output_tooltips", "deprecated", "experimental", "api_node"]
    assert entry["output_tooltips"] == ["the picture", None]


def test_choices_of_files_are_listed_now_with_the_extra_ones_last() -> None:
    spec = NodeSpec("A", (InputSpec("name", "COMBO", choices=FileChoice("vae", upload=True, extra=("pixel_space",))),))
    assert object_info(spec, ToyFiles(vae=["b.pt"]))["input"]["required"]["name"] == [
        ["b.pt", "pixel_space"],
        {"image_upload": True},
    ]
    assert object_info(spec)["input"]["required"]["name"][0] == ["pixel_space"]


def test_a_new_combo_has_its_choices_in_the_options() -> None:
    now = ["a"]
    spec = NodeSpec("A", (InputSpec("name", "COMBO", choices=lambda: now, old_combo=False),))
    assert object_info(spec)["input"]["required"]["name"] == ["COMBO", {"options": ["a"]}]
    now.append("b")
    assert object_info(spec)["input"]["required"]["name"] == ["COMBO", {"options": ["a", "b"]}]


def test_comparable_leaves_out_what_two_right_definitions_may_differ_in() -> None:
    ours = {
        "input": {"required": {"x": [["a", "b"], {"default": "a", "tooltip": "!"}]}},
        "description": "words", "output_node": False, "category": "c",
    }  # fmt: skip
    theirs = {"input": {"required": {"x": [["a", "b"]]}, "hidden": {"p": "PROMPT"}}, "category": "c"}
    assert comparable(ours) == comparable(theirs)
    assert comparable(ours) != comparable({**theirs, "input": {"required": {"x": [["a", "c"]]}}})


def test_an_id_is_given_once() -> None:
    both = registry()
    with pytest.raises(DefinitionError, match=r'the node id "Load" is defined already in .*check_toys.py:\d+'):
        both.add(load.spec)


def test_a_registry_finds_and_lists_its_types() -> None:
    found = registry()
    assert found.get("Load") is load.spec and found.get("load") is None
    assert "Load" in found and "load" not in found
    assert len(found) == len(list(found)) == 11


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("KSamplr", "KSampler"), ("ksampler", "KSampler"), ("Load Checkpoint", "CheckpointLoaderSimple")],
)
def test_the_nearest_type_is_found_by_id_and_display_name(wrong: str, right: str) -> None:
    entries = recorded(RECORDED[0]).items()
    assert Registry(spec_from_object_info(id, entry) for id, entry in entries).nearest(wrong)[0] == right


def test_nearest_prefers_the_same_file_in_another_folder_and_knows_when_nothing_is_near() -> None:
    names = ["other/sd15.safetensors", "sd16.safetensors", "juggernaut.safetensors"]
    assert nearest("SD1.5\\sd15.safetensors", names)[0] == "other/sd15.safetensors"
    assert nearest("zzzz", names) == [] == nearest("", names)


def test_nearest_is_quick_among_many_names() -> None:
    names = [f"model_{number:05}.safetensors" for number in range(20_000)]
    assert nearest("modell_01234.safetensors", names)[0] == "model_01234.safetensors"


def test_names_are_listed_as_one_says_them() -> None:
    assert [either(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "", '"a"', '"a" or "b"', '"a", "b" or "c"',
    ]  # fmt: skip


@pytest.mark.parametrize("name", RECORDED)
def test_every_recorded_node_can_be_documented(name: str) -> None:
    for id, entry in recorded(name).items():
        text = document(spec_from_object_info(id, entry))
        assert id in text
        assert all(f"  {each}: " in text for kind in ("required", "optional") for each in entry["input"].get(kind, {}))


def test_a_document_tells_limits_default_and_files() -> None:
    assert document(registry().get("Empty") or load.spec).splitlines() == [
        "Empty Latent (Empty)", "menu: toy", "", "settings",
        "  width: whole number, 8..4096 in steps of 8, default 512",
        "  height: whole number, 8..4096 in steps of 8, default 512",
        "", "outputs", "  LATENT: LATENT",
    ]  # fmt: skip
    assert "a file of models/checkpoints: sd15.safetensors, sub/" in document(load.spec, ToyFiles())
