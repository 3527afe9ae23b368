"""Walking from sigma to sigma."""

import json
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor

from darkroom.diffusion.sampling.inpaint import masked
from darkroom.diffusion.sampling.model_sampling import PREDICTIONS, ModelSampling, discrete, flow
from darkroom.diffusion.sampling.noise import NOISES, independent, start_noise
from darkroom.diffusion.sampling.sample import follow
from darkroom.diffusion.sampling.samplers import SAMPLERS, Denoise
from darkroom.diffusion.sampling.schedules import sigmas_for
from tests.diffusion.sampling.toys import ToyModel, wave

GOLDEN = json.loads((Path(__file__).parents[2] / "data/golden/numerics.json").read_text())
RUNS = [key for key in GOLDEN["samplers"] if key.split(" | ")[0] in SAMPLERS]
SEED = 42  # the recorded runs' seed: the only one of 0..199 that gives their euler latents


def walks(name: str, x: Tensor, sigmas: Tensor) -> dict[str, Callable[..., Tensor]]:
    sampler = SAMPLERS[name]
    extra = {"noise": NOISES[sampler.noise](x, sigmas, SEED)} if sampler.noise else {}
    found: dict[str, Callable[..., Tensor]] = {"usual": partial(sampler.follow, **extra)}
    if sampler.flow:
        found["flow"] = partial(sampler.flow, **extra)
    return found


def recorded_toy(x: Tensor, sigma: Tensor) -> Tensor:
    positive = 0.8 * x / (1 + sigma * sigma) + 0.1 * torch.sin(x)
    negative = 0.6 * x / (1 + sigma * sigma)
    return negative + 3 * (positive - negative)


@pytest.mark.parametrize("run", RUNS)
def test_a_sampler_ends_where_the_recorded_run_ended(run: str) -> None:
    recorded = GOLDEN["samplers"][run]
    latent = (0.5 * torch.sin(torch.arange(64.0))).reshape(1, 4, 4, 4)
    final = follow(
        ToyModel(sampling=flow() if "flow" in run else discrete()),
        recorded_toy,
        latent if "img2img" in run or "inpaint" in run else torch.zeros_like(latent),
        start_noise(latent, SEED),
        torch.tensor(recorded["sigmas"]),
        run.split(" | ")[0],
        seed=SEED,
        noise_mask=torch.tensor([1, 1, 0.25, 0]).expand(1, 4, 4) if "inpaint" in run else None,
    )
    expected = torch.tensor(recorded["final"]).reshape(final.shape)
    assert (final - expected).abs().max() <= 1e-5 * expected.abs().max()


def test_every_sampler_has_five_recorded_runs() -> None:
    assert len(RUNS) == 5 * len(SAMPLERS)


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("model", [discrete(), flow()], ids=["sd", "flow"])
def test_a_denoiser_that_always_answers_target_ends_at_target(name: str, model: ModelSampling) -> None:
    target, sigmas = wave(2, 4, 8, 8), sigmas_for(model, "karras", 5)
    for walk in walks(name, target, sigmas).values():
        assert torch.equal(walk(lambda x, sigma: target, wave(2, 4, 8, 8, phase=1) * sigmas[0], sigmas), target)


@pytest.mark.parametrize("name", SAMPLERS)
def test_each_step_tells_its_first_guess(name: str) -> None:
    sigmas, seen, asked = sigmas_for(discrete(), "normal", 4), [], []

    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        asked.append(float(sigma))
        return torch.full_like(x, float(sigma))

    x = wave(1, 4, 4, 4)
    walks(name, x, sigmas)["usual"](denoise, x, sigmas, on_step=lambda step, x0: seen.append((step, float(x0.mean()))))
    assert [step for step, _ in seen] == [0, 1, 2, 3]
    assert [guess for _, guess in seen] == pytest.approx(sigmas[:-1].tolist())
    assert set(asked) == set(sigmas[:-1].tolist())


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_sampler_leaves_its_start_and_sigmas_alone(name: str) -> None:
    sigmas, x = sigmas_for(discrete(), "normal", 4), wave(1, 4, 4, 4)
    before = x.clone(), sigmas.clone()
    for walk in walks(name, x, sigmas).values():
        walk(recorded_toy, x, sigmas)
    assert torch.equal(x, before[0])
    assert torch.equal(sigmas, before[1])


@pytest.mark.parametrize(("name", "order"), [("euler", 1), ("ddim", 1), ("heun", 2), ("dpmpp_2m", 2)])
def test_twice_the_steps_halve_the_error_as_often_as_the_order_says(name: str, order: int) -> None:
    """For data of standard deviation d around 0 the best denoiser is known, and so is the ODE's solution."""
    d = 0.5
    start = wave(1, 4, 4, 4).double() * discrete().sigma_max
    exact = start * ((d**2 + 0.05**2) / (d**2 + discrete().sigma_max ** 2)) ** 0.5

    def error(steps: int) -> float:
        sigmas = torch.linspace(math.log(discrete().sigma_max), math.log(0.05), steps + 1, dtype=torch.float64).exp()
        final = SAMPLERS[name].follow(lambda x, sigma: x * (d**2 / (d**2 + sigma**2)), start, sigmas)
        return float((final - exact).abs().max())

    assert math.log2(error(80) / error(160)) == pytest.approx(order, abs=0.15)


def test_ancestral_noise_keeps_the_level_of_noise() -> None:
    """With a denoiser that always answers 0, x is pure noise and must have each sigma's deviation on the way."""
    for model, kind in ((discrete(), "usual"), (flow(), "flow")):
        x = torch.randn(1, 4, 128, 128, generator=torch.Generator().manual_seed(1))
        sigmas = sigmas_for(model, "normal", 6)[:4]
        final = walks("euler_ancestral", x, sigmas)[kind](lambda x, sigma: torch.zeros_like(x), x * sigmas[0], sigmas)
        assert float(final.std()) == pytest.approx(float(sigmas[-1]), rel=0.02)


@pytest.mark.parametrize("prediction", PREDICTIONS)
def test_a_perfect_network_gives_the_clean_latent_back(prediction: str) -> None:
    model = flow() if prediction == "flow" else discrete(prediction)
    latent, noise = wave(1, 4, 4, 4), wave(1, 4, 4, 4, phase=2)
    for sigma in model.table[[10, 500, 990]]:
        x = model.noise_start(noise, latent, sigma)
        alpha = 1 / (1 + sigma**2).sqrt()
        answer = {"eps": noise, "v": alpha * noise - sigma * alpha * latent, "flow": noise - latent}[prediction]
        assert torch.allclose(model.denoised(answer, x, sigma), latent, atol=2e-5)


def test_the_network_is_shown_unit_variance() -> None:
    model, noise = discrete(), torch.randn(1, 4, 128, 128, generator=torch.Generator().manual_seed(1))
    top = model.table[-1]
    assert torch.allclose(
        model.scale_input(model.noise_start(noise, torch.zeros_like(noise), top, True), top), noise, atol=1e-5
    )
    assert model.is_max(top)
    assert not model.is_max(top * 0.999)


def test_a_mask_shows_the_model_the_noised_latent_outside_and_answers_the_latent() -> None:
    latent, noise, x = wave(1, 4, 4, 4), wave(1, 4, 4, 4, phase=1), wave(1, 4, 4, 4, phase=2)
    mask = torch.tensor([1, 0.5, 0.5, 0]).expand(1, 1, 4, 4)
    seen: list[Tensor] = []

    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        seen.append(x)
        return torch.full_like(x, 7.0)

    wrapped: Denoise = masked(denoise, discrete(), latent, noise, mask)
    answer = wrapped(x, torch.tensor(2.0))
    assert torch.allclose(seen[0], x * mask + (latent + 2 * noise) * (1 - mask))
    assert torch.allclose(answer, 7 * mask + latent * (1 - mask))
    assert torch.equal(answer[..., 3], latent[..., 3])


def test_a_seed_gives_the_same_noise_and_another_seed_another() -> None:
    latent = torch.zeros(3, 4, 8, 8)
    assert torch.equal(start_noise(latent, 5), torch.randn(3, 4, 8, 8, generator=torch.Generator().manual_seed(5)))
    assert not torch.equal(start_noise(latent, 5), start_noise(latent, 6))
    assert start_noise(latent, 2**64 - 1).shape == latent.shape


def test_drawing_noise_leaves_the_global_generator_alone() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    start_noise(torch.zeros(1, 4, 8, 8), 5)
    independent(torch.zeros(1, 4, 8, 8), torch.zeros(2), 5)(torch.tensor(1.0), torch.tensor(0.5))
    assert torch.equal(torch.get_rng_state(), before)


def test_batch_index_gives_each_image_the_noise_of_its_place() -> None:
    def noise(*places: int) -> Tensor:
        return start_noise(torch.zeros(len(places), 4, 5, 5), 9, places)

    many = noise(0, 1, 2, 3, 4)
    assert torch.equal(noise(3), many[3:4])
    assert torch.equal(noise(4, 1, 4), many[[4, 1, 4]])
    generator = torch.Generator().manual_seed(9)
    assert torch.equal(many, torch.cat([torch.randn(1, 4, 5, 5, generator=generator) for _ in range(5)]))


def test_a_batch_index_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"batch_index is \[0, 1\], but the latent holds 3 images"):
        start_noise(torch.zeros(3, 4, 8, 8), 5, [0, 1])
