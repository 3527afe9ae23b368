"""Saving a batch as one moving file, through the nodes and the executor."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from darkroom.engine.check import check
from darkroom.engine.read import read_api
from darkroom.engine.run import Cancelled
from darkroom.files.folders import Folders
from darkroom.files.metadata import read_metadata
from darkroom.files.names import BadName
from nodes.animation import save_animated_png, save_animated_webp
from nodes.library import library
from tests.nodes.making import HandRun, image

PROMPT = {"1": {"class_type": "SaveAnimatedPNG", "inputs": {"text": "Grüße, 世界 😀"}}}
SAVERS = [(save_animated_png, "png"), (save_animated_webp, "webp")]


class Stopped(HandRun):
    """Cancelled while the second picture is written."""

    def progress(self, value: float, maximum: float, preview: Any = None) -> None:
        super().progress(value, maximum)
        if value == 1:
            raise Cancelled


@pytest.mark.parametrize(("save", "extension"), SAVERS)
def test_a_batch_becomes_one_file_with_prompt_and_workflow(save: Any, extension: str, tmp_path: Path) -> None:
    run = HandRun(tmp_path, PROMPT, {"workflow": {"nodes": ["é"]}})
    batch = image(4, 8, 12, 3)
    shown = save(batch, filename_prefix="day/%width%", fps=8.0, run=run)
    item = {"filename": f"12_00001_.{extension}", "subfolder": "day", "type": "output"}
    assert shown.ui == {"images": [item], "animated": (True,)}
    data = (tmp_path / "output" / "day" / item["filename"]).read_bytes()
    texts = {name: json.loads(text) for name, text in read_metadata(data).items()}
    assert texts == {"prompt": PROMPT, **run.extra_pnginfo}
    with Image.open(io.BytesIO(data)) as file:
        assert (file.n_frames, file.size, run.steps) == (4, (12, 8), [0, 1, 2, 3])
        for number in range(4):
            file.seek(number)
            pixels = np.asarray(file.convert("RGB"))
            assert np.array_equal(pixels, (batch[number].numpy() * np.float32(255)).astype(np.uint8))
            assert file.info["duration"] == 125


@pytest.mark.parametrize(("save", "extension"), SAVERS)
def test_saving_again_counts_on_and_one_picture_is_enough(save: Any, extension: str, tmp_path: Path) -> None:
    for _ in range(2):
        save(image(1, 8, 8, 3), run=HandRun(tmp_path))
    names = sorted(path.name for path in (tmp_path / "output").iterdir())
    assert names == [f"ComfyUI_0000{number}_.{extension}" for number in (1, 2)]
    data = (tmp_path / "output" / names[0]).read_bytes()
    assert read_metadata(data) == {}
    with Image.open(io.BytesIO(data)) as file:
        assert getattr(file, "n_frames", 1) == 1
        assert np.array_equal(np.asarray(file.convert("RGB")), (image(1, 8, 8, 3)[0].numpy() * 255).astype(np.uint8))


@pytest.mark.parametrize(("save", "extension"), SAVERS)
def test_a_job_that_is_cancelled_between_pictures_leaves_no_file(save: Any, extension: str, tmp_path: Path) -> None:
    run = Stopped(tmp_path)
    with pytest.raises(Cancelled):
        save(image(3, 8, 8, 3), run=run)
    assert run.steps == [0, 1]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(("save", "extension"), SAVERS)
def test_nothing_is_saved_outside_the_output_folder(save: Any, extension: str, tmp_path: Path) -> None:
    with pytest.raises(BadName):
        save(image(2, 8, 8, 3), filename_prefix="../out", run=HandRun(tmp_path / "base"))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_quality_and_method_reach_the_file(tmp_path: Path) -> None:
    batch = torch.nn.functional.interpolate(image(2, 8, 8, 3).movedim(3, 1), size=(64, 64), mode="bicubic")
    sizes = {}
    for given in ((True, 80, "default"), (False, 90, "default"), (False, 5, "default"), (False, 5, "fastest")):
        lossless, quality, method = given
        run = HandRun(tmp_path)
        shown = save_animated_webp(batch.movedim(1, 3), lossless=lossless, quality=quality, method=method, run=run)
        sizes[given] = (tmp_path / "output" / shown.ui["images"][0]["filename"]).stat().st_size
    assert sizes[False, 5, "default"] < sizes[False, 90, "default"]
    assert len(set(sizes.values())) == 4


def problems(inputs: dict[str, Any], node: str, side: int = 64) -> list[Any]:
    made = {"class_type": "EmptyImage", "inputs": {"width": side, "height": 8, "batch_size": 2, "color": 0}}
    saved = {"class_type": node, "inputs": {"images": ["1", 0], "filename_prefix": "a", "fps": 6.0, **inputs}}
    return check(read_api({"1": made, "2": saved}), library(), Folders(Path("nowhere")))


WEBP = {"lossless": True, "quality": 80, "method": "default"}


def test_a_check_finds_what_cannot_be_saved() -> None:
    png = {"compress_level": 4}
    assert not problems(png, "SaveAnimatedPNG")
    assert not problems(WEBP, "SaveAnimatedWEBP")
    for node, given in (("SaveAnimatedPNG", png), ("SaveAnimatedWEBP", WEBP)):
        assert [each.input for each in problems({**given, "filename_prefix": "../a"}, node)] == ["filename_prefix"]
        assert [each.input for each in problems({**given, "fps": 0.0}, node)] == ["fps"]
    assert [each.input for each in problems(WEBP, "SaveAnimatedWEBP", 16384)] == ["images"]
    assert not problems(png, "SaveAnimatedPNG", 16384)
