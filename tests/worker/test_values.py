"""What flowed over a wire of the last jobs can be looked at, and memory can be given back."""

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from darkroom.engine.spec import NodeSpec, OutputSpec
from darkroom.frames.messages import FreeMemory
from darkroom.worker.recent import JOBS_REMEMBERED
from tests.engine.toys import setting, toy
from tests.worker.talking import api, worker


def picture() -> torch.Tensor:
    pixels = torch.zeros(2, 40, 80, 3)
    pixels[..., 0] = 1
    return pixels


def giving(id: str, type: str, function: Callable[..., Any], **more: Any) -> NodeSpec:
    return dataclasses.replace(toy(id, function, **more), outputs=(OutputSpec("out", type),))


SPECS = (
    giving("Picture", "IMAGE", picture),
    giving("Latent", "LATENT", lambda: {"samples": torch.zeros(1, 4, 8, 16)}),
    giving("Mask", "MASK", lambda: torch.ones(40, 80)),
    giving("Condition", "CONDITIONING", lambda: [[torch.zeros(1, 77, 8), {"pooled_output": None}]]),
    giving("Text", "STRING", lambda text: text, inputs=[setting("text", "STRING")]),
    giving("Net", "MODEL", lambda: {"net": torch.nn.Linear(2, 2)}),
)


def one(kind: str, **inputs: Any) -> dict[str, Any]:
    return api(_1=(kind, inputs), _2=("Show", {"value": "@1"}))


def test_a_picture_is_described_by_its_numbers_and_shown_small(tmp_path: Path) -> None:
    with worker(tmp_path, *SPECS) as talk:
        talk.run(one("Picture"), "1")
        answer = talk.ask("value", job="job", node="1", slot=0, thumbnail=20)
    known = answer.data
    assert (known["type"], known["shape"], known["dtype"]) == ("IMAGE", [2, 40, 80, 3], "float32")
    assert (known["minimum"], known["maximum"]) == (0, 1) and round(known["mean"], 3) == 0.333
    assert known["size_bytes"] >= 2 * 40 * 80 * 3 * 4
    shown = Image.open(io.BytesIO(answer.blob))
    assert (shown.format, shown.size, shown.getpixel((3, 3))) == ("PNG", (20, 10), (255, 0, 0))


@pytest.mark.parametrize(("kind", "text"), [("Latent", "samples: tensor 1 x 4 x 8 x 16"), ("Mask", "tensor 40 x 80")])
def test_latents_and_masks_are_shown_too(kind: str, text: str, tmp_path: Path) -> None:
    with worker(tmp_path, *SPECS) as talk:
        talk.run(one(kind), "1")
        answer = talk.ask("value", job="job", node="1", slot=0)
    assert text in answer.data["text"]
    assert " x ".join(map(str, answer.data["shape"])) in text and answer.data["dtype"] == "float32"
    assert answer.blob.startswith(b"\x89PNG")


def test_text_is_shown_as_it_is_and_conditioning_by_its_tensors(tmp_path: Path) -> None:
    with worker(tmp_path, *SPECS) as talk:
        talk.run(one("Text", text="a fox"), "1", "a")
        talk.run(one("Condition"), "1", "b")
        text = talk.ask("value", job="a", node="1", slot=0)
        conditioning = talk.ask("value", job="b", node="1", slot=0)
    assert (text.data["type"], text.data["text"], text.blob) == ("STRING", "a fox", b"")
    assert conditioning.data["shape"] == [1, 77, 8]
    assert conditioning.data["text"].startswith("[[tensor 1 x 77 x 8 float32, 0 to 0, mean 0, {pooled_output: None}]]")


def test_a_value_that_is_not_there_says_why(tmp_path: Path) -> None:
    with worker(tmp_path, *SPECS) as talk:
        talk.run(one("Text", text="a fox"), "1", "old")
        for number in range(JOBS_REMEMBERED):
            talk.run(one("Text", text=str(number)), "1", str(number))
        errors = [
            talk.ask("value", job="old", node="1", slot=0).error,
            talk.ask("value", job="3", node="2", slot=0).error,
            talk.ask("value", job="3", node="1", slot=4).error,
        ]
        talk.send(FreeMemory(free_memory=True))
        talk.run(one("Text", text="later"), "1", "later")
        errors.append(talk.ask("value", job="3", node="1", slot=0).error)
    assert ["run it again" in str(errors[0]), "had no part" in str(errors[1])] == [True, True]
    assert ["number 4" in str(errors[2]), "was dropped" in str(errors[3])] == [True, True]


def test_unloading_models_drops_results_that_hold_networks_and_keeps_others(tmp_path: Path) -> None:
    with worker(tmp_path, *SPECS) as talk:
        talk.run(one("Net"), "1", "a")
        talk.run(one("Text", text="a fox"), "1", "b")
        talk.send(FreeMemory(unload_models=True))
        assert not talk.run(one("Text", text="a fox"), "1", "c").ran
        assert list(talk.run(one("Net"), "1", "d").ran) == ["1"]


def test_freeing_memory_drops_every_result(tmp_path: Path) -> None:
    with worker(tmp_path, *SPECS) as talk:
        talk.run(one("Text", text="a fox"), "1", "a")
        talk.send(FreeMemory(free_memory=True))
        assert list(talk.run(one("Text", text="a fox"), "1", "b").ran) == ["1"]
