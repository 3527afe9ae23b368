"""A latent on a wire goes in, a latent comes out."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from darkroom.diffusion.families.table import COLOURS_KEY, SD1_COLOURS, colours_in
from darkroom.diffusion.preview import fitted, picture
from darkroom.diffusion.sampling.model_sampling import discrete, flow
from darkroom.diffusion.sampling.sample import sample
from darkroom.diffusion.sampling.samplers import SAMPLERS
from tests.diffusion.sampling.toys import Stopped, ToyControlNet, ToyFamily, ToyLink, ToyModel, ToyRun, text, wave

EMPTY = {"samples": torch.zeros(2, 4, 8, 8)}
DRAWN = {"samples": wave(2, 4, 8, 8)}


def drawn(latent: dict[str, Any] = EMPTY, model: ToyModel | None = None, **settings: Any) -> dict[str, Any]:
    usual = {"seed": 7, "steps": 4, "cfg": 3.0, "sampler_name": "euler", "scheduler": "normal"}
    return sample(model or ToyModel(), [text(0)], [text(1)], latent, **{**usual, **settings})


@pytest.mark.parametrize("name", SAMPLERS)
def test_the_same_seed_gives_the_same_latent_and_another_seed_another(name: str) -> None:
    first, again, other = (drawn(sampler_name=name, seed=seed)["samples"] for seed in (7, 7, 8))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other, atol=1e-2)
    assert first.isfinite().all()


def test_the_result_is_float32_without_gradient_and_can_be_changed_by_others() -> None:
    result = drawn({"samples": torch.zeros(1, 4, 8, 8, dtype=torch.float16)})["samples"]
    assert result.dtype == torch.float32
    assert not result.requires_grad
    assert not result.is_inference()


def test_image_of_a_batch_can_be_drawn_alone_by_its_index() -> None:
    both = drawn({**EMPTY, "batch_index": [0, 1]})["samples"]
    second = drawn({"samples": EMPTY["samples"][:1], "batch_index": [1]})
    assert torch.allclose(second["samples"], both[1:], atol=1e-5)
    assert second["batch_index"] == [1]


@pytest.mark.parametrize("name", SAMPLERS)
def test_what_lies_outside_the_mask_is_bitwise_the_input(name: str) -> None:
    mask = torch.zeros(1, 64, 64)
    mask[:, :, 32:] = 1
    latent = {"samples": wave(2, 4, 8, 8, phase=1) * 3, "noise_mask": mask}
    model = ToyModel(family=ToyFamily(latent_scale=0.18215))
    result = drawn(latent, model, sampler_name=name, denoise=0.6)
    assert torch.equal(result["samples"][..., :4], latent["samples"][..., :4])
    assert not torch.allclose(result["samples"][..., 4:], latent["samples"][..., 4:], atol=0.1)
    assert result["noise_mask"] is mask


@pytest.mark.parametrize("shape", [(8, 8), (1, 8, 8), (2, 8, 8), (1, 1, 8, 8), (2, 1, 8, 8), (1, 64, 64)])
def test_a_mask_of_ones_in_any_shape_changes_nothing(shape: tuple[int, ...]) -> None:
    plain = drawn(DRAWN)["samples"]
    assert torch.allclose(drawn({**DRAWN, "noise_mask": torch.ones(shape)})["samples"], plain, atol=1e-5)


def test_nothing_that_is_handed_in_is_changed() -> None:
    link = ToyLink(ToyControlNet(), wave(1, 64, 64, 3))
    options: dict[str, Any] = {"area": (4, 4, 2, 2), "mask": torch.ones(1, 8, 8), "control": link}
    positive, negative = [text(0), text(2, **options)], [text(1)]
    latent: dict[str, Any] = {
        "samples": wave(2, 4, 8, 8),
        "noise_mask": torch.rand(2, 8, 8),
        "batch_index": [1, 3],
    }
    before = copy.deepcopy([latent, [tensor for tensor, _ in positive + negative], options["mask"], link.image])
    for name in SAMPLERS:
        sample(ToyModel(), positive, negative, latent, seed=1, steps=3, cfg=4, sampler_name=name, scheduler="karras")
    after = [latent, [tensor for tensor, _ in positive + negative], options["mask"], link.image]
    assert str(before) == str(after)
    assert all(torch.equal(old, new) for old, new in zip(before[1], after[1], strict=True))
    assert torch.equal(before[0]["samples"], latent["samples"])
    assert torch.equal(before[0]["noise_mask"], latent["noise_mask"])
    assert list(options) == ["area", "mask", "control"]
    assert len(negative) == 1


def test_other_entries_of_the_latent_travel_on() -> None:
    result = drawn({**EMPTY, "batch_index": [4, 5], "type": "toy"})
    assert result.keys() == {"samples", "batch_index", "type"}
    assert result["batch_index"] == [4, 5]


def test_two_runs_one_after_the_other_are_one_run() -> None:
    whole = drawn(steps=6)["samples"]
    first = drawn(steps=6, last_step=3)
    second = drawn(first, steps=6, start_step=3, add_noise=False, force_full_denoise=True)["samples"]
    assert torch.allclose(second, whole, atol=1e-4)


def test_no_denoise_and_a_start_behind_the_end_give_the_latent_back() -> None:
    for settings in ({"denoise": 0.0}, {"start_step": 4}, {"start_step": 9}, {"last_step": 0}):
        result = drawn(DRAWN, **settings)
        assert torch.equal(result["samples"], DRAWN["samples"])
        assert result is not DRAWN


def test_the_family_scales_and_shifts_but_an_empty_latent_stays_empty() -> None:
    seen: list[Tensor] = []

    def network(x: Tensor, timestep: Tensor, context: Tensor, control: Any = None) -> Tensor:
        seen.append(x)
        return torch.zeros_like(x)

    model = ToyModel(network, family=ToyFamily(latent_scale=0.5, latent_shift=0.25), sampling=flow())
    quiet = {"add_noise": False, "cfg": 1.0, "steps": 1, "scheduler": "simple", "denoise": 0.5}
    result = drawn(DRAWN, model, **quiet)["samples"]
    share = 1 - float(flow().table[-501])  # of the latent in x, at the sigma where half of the schedule is done
    assert torch.allclose(seen[0], (DRAWN["samples"] - 0.25) * 0.5 * share, atol=1e-6)
    assert torch.allclose(result, (DRAWN["samples"] - 0.25) * share + 0.25, atol=1e-5)
    drawn(EMPTY, model, **quiet)
    assert not seen[1].any()


def test_an_empty_latent_gets_the_channels_of_the_model_and_a_drawn_one_is_refused() -> None:
    def network(x: Tensor, timestep: Tensor, context: Tensor, control: Any = None) -> Tensor:
        return x * 0.5

    model = ToyModel(network, family=ToyFamily(latent_channels=16))
    assert drawn(EMPTY, model)["samples"].shape == (2, 16, 8, 8)
    with pytest.raises(ValueError, match="The latent has 4 channels, but the model wants 16"):
        drawn(DRAWN, model)


def test_each_step_reports_progress_and_a_preview() -> None:
    run = ToyRun()
    drawn(run=run, steps=3)
    assert run.seen == [(1, 3), (2, 3), (3, 3)]
    assert [image.size for image in run.previews] == [(8, 8)] * 3


@pytest.mark.parametrize(("stop", "calls"), [(0, 0), (1, 1), (2, 2)])
def test_a_cancelled_run_stops_within_one_step_and_lets_the_model_go(stop: int, calls: int) -> None:
    model = ToyModel()
    with pytest.raises(Stopped):
        drawn(model=model, run=ToyRun(stop_at=stop), steps=10)
    assert len(model.calls) == calls
    assert model.bound == 0


def test_a_step_needs_one_network_call_and_heun_two() -> None:
    for name, calls in {"euler": 5, "euler_ancestral": 5, "heun": 9, "dpmpp_2m": 5, "ddim": 5}.items():
        model = ToyModel()
        drawn(model=model, sampler_name=name, steps=5)
        assert model.calls == [(4, 3)] * calls


def test_networks_that_answer_eps_or_v_draw_the_same_picture() -> None:
    eps = ToyModel()

    def as_v(x: Tensor, timestep: Tensor, context: Tensor, control: Any = None) -> Tensor:
        """With alpha = 1 / sqrt(1 + sigma^2), x0 = (x - sigma alpha eps) / alpha and v = alpha eps - sigma alpha x0."""
        sigma = eps.sampling.sigma(timestep)[:, None, None, None]
        return eps.network(x, timestep, context, control) * (1 + sigma**2).sqrt() - sigma * x

    v = ToyModel(as_v, sampling=discrete("v"))
    for_both: dict[str, Any] = {"scheduler": "simple", "steps": 5}  # whose sigmas have whole timesteps
    assert torch.allclose(drawn(model=v, **for_both)["samples"], drawn(model=eps, **for_both)["samples"], atol=1e-3)


def test_a_preview_of_sd1_has_the_colours_of_its_matrix() -> None:
    image = picture(torch.tensor([0.5, 0.0, 1.0, -0.5]).reshape(1, 4, 1, 1).expand(1, 4, 5, 7), SD1_COLOURS)
    assert isinstance(image, Image.Image)
    assert (image.size, image.mode) == ((7, 5), "RGB")
    colour = [0.5 * 0.3512 - 0.2829 + 0.5 * 0.2120, 0.5 * 0.2297 + 0.1762 + 0.5 * 0.2616]
    assert np.asarray(image)[3, 3, :2].tolist() == [round((c + 1) / 2 * 255) for c in colour]


def test_a_preview_of_any_other_latent_is_a_picture_too() -> None:
    for channels in (1, 4, 16):
        pixels = np.asarray(picture(wave(2, channels, 6, 9), ()))
        assert (pixels.shape, pixels.min(), pixels.max()) == ((6, 9, 3), 0, 255)
    assert (np.asarray(picture(torch.full((1, 4, 2, 2), float("nan")), SD1_COLOURS)) == 128).all()


def test_fitted_colours_show_latents_as_the_pictures_they_came_from() -> None:
    latents = wave(3, 4, 6, 6)
    mix = torch.tensor([[0.3, -0.1, 0.2], [0.0, 0.2, 0.1], [-0.2, 0.1, 0.0], [0.1, 0.1, -0.3]])
    pictures = torch.einsum("nchw,cr->nrhw", latents, mix) + 0.1
    colours = fitted(latents, pictures)
    assert torch.allclose(torch.tensor(colours), torch.cat((mix, torch.full((1, 3), 0.1))), atol=1e-3)
    shown = np.asarray(picture(latents, colours), dtype=np.float32) / 127.5 - 1
    assert np.abs(shown - pictures[0].movedim(0, -1).numpy()).max() < 0.01


def test_a_checkpoint_may_bring_the_colours_of_its_latents() -> None:
    rows = [[0.1, 0.2, 0.3]] * 5
    assert colours_in({COLOURS_KEY: json.dumps(rows)}, 4) == ((0.1, 0.2, 0.3),) * 5
    for nonsense in ("", "[]", "[[1]]", '["abc"]', "{}", "null", json.dumps(rows[:2])):
        assert colours_in({COLOURS_KEY: nonsense}, 4) is None
    assert colours_in({}, 4) is None
