"""Each setting of a sampling or ControlNet node reaches the function behind it."""

from typing import Any

import pytest
import torch
from torch import Tensor

from darkroom.diffusion import images, latents
from nodes.control import apply_controlnet, apply_controlnet_advanced
from nodes.loaders import load_lora, load_lora_model_only
from nodes.sampling import ksampler, ksampler_advanced
from tests.diffusion.sampling.toys import ToyModel, text, wave
from tests.nodes.making import HandRun, image

EMPTY = {"samples": torch.zeros(2, 4, 8, 8)}


def advanced(tmp_path: Any, latent: dict[str, Any] = EMPTY, **settings: Any) -> dict[str, Any]:
    model: Any = ToyModel()
    usual: dict[str, Any] = {"noise_seed": 7, "steps": 6, "cfg": 3.0, "scheduler": "normal", "run": HandRun(tmp_path)}
    return ksampler_advanced(model, [text(0)], [text(1)], latent, **{**usual, **settings})


def test_two_advanced_samplers_one_after_the_other_are_one_sampler(tmp_path: Any) -> None:
    model: Any = ToyModel()
    common: dict[str, Any] = {"seed": 7, "steps": 6, "cfg": 3.0, "scheduler": "normal"}
    whole = ksampler(model, [text(0)], [text(1)], EMPTY, run=HandRun(tmp_path), **common)["samples"]
    first = advanced(tmp_path, end_at_step=3, return_with_leftover_noise="enable")
    second = advanced(tmp_path, first, add_noise="disable", noise_seed=8, start_at_step=3)["samples"]
    assert torch.allclose(second, whole, atol=1e-4)
    assert not torch.allclose(first["samples"], whole, atol=0.1)
    clean = advanced(tmp_path, end_at_step=3)["samples"]
    assert not torch.allclose(clean, first["samples"], atol=0.1)


def test_the_old_controlnet_node_steers_both_sides_and_the_new_one_a_part_of_the_run() -> None:
    net: Any = object()
    picture = image(1, 8, 8, 3)
    [(_, old)] = apply_controlnet([text(0)], net, picture, strength=0.5)
    assert (old["control"].strength, old["control_apply_to_uncond"]) == (0.5, True)
    guided = apply_controlnet_advanced(
        [text(0)], [text(1)], net, picture, strength=0.6, start_percent=0.2, end_percent=0.7
    )
    for [(_, new)] in guided:
        link = new["control"]
        assert (link.strength, link.start_percent, link.end_percent) == (0.6, 0.2, 0.7)
        assert new["control_apply_to_uncond"] is False


def test_a_latent_laid_at_the_left_edge_fades_at_its_other_edges_only() -> None:
    below, above = {"samples": torch.zeros(1, 4, 8, 8)}, {"samples": torch.ones(1, 4, 4, 4)}
    row: Tensor = latents.composite(below, above, 0, 0, 16)["samples"][0, 0, 0]
    assert row.tolist() == [1, 1, 1, 0.5, 0, 0, 0, 0]


def test_the_outpainting_mask_fades_from_each_new_border_and_not_in_small_pictures() -> None:
    _, right = images.pad_for_outpaint(wave(1, 12, 12, 3), 0, 0, 8, 0, 4)
    assert right[0, 5, :12].tolist() == [0] * 9 + [(1 / 4) ** 2, (2 / 4) ** 2, (3 / 4) ** 2]
    _, left = images.pad_for_outpaint(wave(1, 12, 12, 3), 8, 0, 0, 0, 4)
    assert left[0, 5, 8:12].tolist() == [1, (3 / 4) ** 2, (2 / 4) ** 2, (1 / 4) ** 2]
    _, small = images.pad_for_outpaint(wave(1, 8, 12, 3), 8, 0, 0, 0, 4)
    assert not small[0, :, 8:].any()


def test_each_lora_strength_reaches_its_own_network(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[Any] = []
    monkeypatch.setattr("darkroom.diffusion.lora.load_lora", lambda path, **_: path)
    monkeypatch.setattr("darkroom.diffusion.lora.apply_lora", lambda *given: handed.append(given) or given[:2])
    model: Any = "model"
    clip: Any = "clip"
    file = tmp_path / "style.safetensors"
    run = HandRun(tmp_path)
    load_lora(model, clip, lora_name=file, strength_model=0.25, strength_clip=0.75, run=run)
    load_lora_model_only(model, lora_name=file, strength_model=0.5, run=run)
    assert handed == [("model", "clip", file, 0.25, 0.75), ("model", None, file, 0.5, 0.0)]
