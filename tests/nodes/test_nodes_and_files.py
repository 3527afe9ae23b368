"""Loading and saving pictures through the nodes."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from darkroom.files.metadata import read_metadata
from darkroom.files.names import BadName
from nodes.image import load_image, preview_image, save_image, save_image_websocket
from nodes.mask import load_mask
from nodes.primitives import preview_any
from tests.nodes.making import HandRun, image


def test_a_saved_picture_carries_prompt_and_workflow(tmp_path: Path) -> None:
    prompt = {"1": {"class_type": "SaveImage", "inputs": {"text": "Grüße, 世界"}}}
    run = HandRun(tmp_path, prompt, {"workflow": {"nodes": [1, 2]}, "other": [3]})
    shown = save_image(image(2, 8, 12, 3), filename_prefix="day/%width%x%height%", run=run)
    assert [dict(each) for each in shown.ui["images"]] == [
        {"filename": "12x8_00001_.png", "subfolder": "day", "type": "output"},
        {"filename": "12x8_00002_.png", "subfolder": "day", "type": "output"},
    ]
    texts = read_metadata((tmp_path / "output" / "day" / "12x8_00002_.png").read_bytes())
    assert {name: json.loads(text) for name, text in texts.items()} == {"prompt": prompt, **run.extra_pnginfo}


def test_pixels_are_clipped_and_cut_off_not_rounded(tmp_path: Path) -> None:
    values = torch.tensor([-0.5, 0.0, 0.5, 0.999, 1.0, 7.0, float("nan")]).reshape(1, 1, 7, 1).repeat(1, 1, 1, 3)
    save_image(values, run=HandRun(tmp_path))
    with Image.open(tmp_path / "output" / "ComfyUI_00001_.png") as saved:
        assert np.asarray(saved)[0, :, 0].tolist() == [0, 0, 127, 254, 255, 255, 0]


def test_saving_again_counts_on(tmp_path: Path) -> None:
    for _ in range(3):
        save_image(image(1, 8, 8, 3), run=HandRun(tmp_path))
    assert sorted(path.name for path in (tmp_path / "output").iterdir()) == [
        f"ComfyUI_0000{number}_.png" for number in (1, 2, 3)
    ]


def test_a_preview_goes_to_the_temp_folder(tmp_path: Path) -> None:
    shown = preview_image(image(1, 8, 8, 3), run=HandRun(tmp_path))
    (item,) = shown.ui["images"]
    assert item["type"] == "temp"
    assert item["filename"].startswith("ComfyUI_temp_")
    assert (tmp_path / "temp" / item["filename"]).is_file()
    assert not (tmp_path / "output").exists()


def test_pictures_for_the_socket_are_sent_whole_and_saved_nowhere(tmp_path: Path) -> None:
    run = HandRun(tmp_path)
    shown = save_image_websocket(image(3, 8, 6, 3), run=run)
    assert dict(shown.ui) == {}
    assert [each.size for each in run.pictures] == [(6, 8)] * 3
    assert run.steps == [0, 1, 2]
    assert not list(tmp_path.rglob("*.png"))


@pytest.mark.parametrize("prefix", ["../out", "/etc/out", "a/../../out", "..\\out", "C:\\out"])
def test_nothing_is_saved_outside_the_output_folder(prefix: str, tmp_path: Path) -> None:
    base = tmp_path / "base"
    with pytest.raises(BadName):
        save_image(image(1, 8, 8, 3), filename_prefix=prefix, run=HandRun(base))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_picture_with_transparency_gives_its_colours_and_a_mask(tmp_path: Path) -> None:
    path = tmp_path / "clear.png"
    Image.new("RGBA", (3, 2), (255, 0, 51, 51)).save(path)
    loaded = load_image(image=path)
    assert loaded.image.shape == (1, 2, 3, 3)
    assert loaded.image[0, 0, 0].tolist() == pytest.approx([1, 0, 0.2])
    assert loaded.mask.shape == (1, 2, 3)
    assert loaded.mask[0, 0, 0].item() == pytest.approx(0.8)
    assert load_mask(image=path, channel="alpha").equal(loaded.mask)
    assert load_mask(image=path, channel="blue")[0, 0, 0].item() == pytest.approx(0.2)


def test_a_loaded_picture_can_be_written_to_without_harm(tmp_path: Path) -> None:
    path = tmp_path / "plain.png"
    Image.new("RGB", (3, 2)).save(path)
    load_image(image=path).image.add_(1)
    assert load_image(image=path).image.max().item() == 0
    assert load_image(image=path).mask.shape == (1, 64, 64)


@pytest.mark.parametrize(
    ("value", "shown"), [("a", "a"), (3, "3"), (True, "True"), (None, "None"), ([1, {"b": 2}], '[1, {"b": 2}]')]
)
def test_any_value_can_be_shown_as_text(value: object, shown: str) -> None:
    assert preview_any(value).ui == {"text": [shown]}


def test_a_value_that_json_cannot_say_is_shown_as_python_does() -> None:
    assert preview_any({1, 2}).ui == {"text": ["{1, 2}"]}
