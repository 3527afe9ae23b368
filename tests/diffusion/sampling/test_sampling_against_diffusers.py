"""Our samplers and diffusers' schedulers, on the same weights, start noise and sigmas, end at the same latent.

Diffusers' schedulers step through timesteps; ours through sigmas. Where a scheduler lets itself be told, it is given
our sigmas, and for each the whole timestep that we tell the network.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
    UNet2DConditionModel,
)
from torch import Tensor

from darkroom.diffusion.sampling.model_sampling import discrete
from darkroom.diffusion.sampling.noise import start_noise
from darkroom.diffusion.sampling.sample import sample
from darkroom.diffusion.sampling.schedules import sigmas_for
from tests.diffusion.sampling.toys import ToyModel, wave

BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
SEED, CFG, STEPS, SHAPE = 11, 4.0, 8, (2, 4, 8, 8)
POSITIVE, NEGATIVE = wave(1, 5, 16), wave(1, 5, 16, phase=2)


@pytest.fixture(scope="module")
def unet() -> Callable[..., Tensor]:
    torch.manual_seed(0)
    network = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(32, 64),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=16,
        attention_head_dim=2,
        norm_num_groups=8,
    ).eval()

    @torch.no_grad()
    def call(x: Tensor, timestep: Tensor, context: Tensor, control: Any = None) -> Tensor:
        answer: Tensor = network(x, timestep, context).sample
        return answer

    return call


def ours(unet: Callable[..., Tensor], sampler: str, scheduler: str, prediction: str = "eps") -> Tensor:
    result = sample(
        ToyModel(unet, sampling=discrete(prediction)),
        [[POSITIVE, {}]],
        [[NEGATIVE, {}]],
        {"samples": torch.zeros(SHAPE)},
        seed=SEED,
        steps=STEPS,
        cfg=CFG,
        sampler_name=sampler,
        scheduler=scheduler,
    )
    latent: Tensor = result["samples"]
    return latent


def guided_answer(unet: Callable[..., Tensor], x: Tensor, timestep: Tensor) -> Tensor:
    """The usual loop of a diffusers pipeline: guidance on the raw answers."""
    rows = torch.cat([NEGATIVE.expand(2, -1, -1), POSITIVE.expand(2, -1, -1)])
    negative, positive = unet(torch.cat([x, x]), timestep.expand(4), rows).chunk(2)
    return negative + CFG * (positive - negative)


def theirs(unet: Callable[..., Tensor], scheduler: Any, x: Tensor, **extra: Any) -> Tensor:
    for timestep in scheduler.timesteps:
        answer = guided_answer(unet, scheduler.scale_model_input(x, timestep), timestep)
        x = scheduler.step(answer, timestep, x, **extra).prev_sample
    return x


def told(scheduler: Any, schedule: str, twice: bool = False) -> Any:
    """The scheduler with our sigmas. twice: in its list each sigma but the ends stands for both calls of a step."""
    scheduler.set_timesteps(STEPS)
    sigmas = sigmas_for(discrete(), schedule, STEPS)
    timesteps = discrete().timestep(sigmas[:-1])
    if twice:
        sigmas = torch.cat([sigmas[:1], sigmas[1:-1].repeat_interleave(2), sigmas[-1:]])
        timesteps = torch.cat([timesteps[:1], timesteps[1:].repeat_interleave(2)])
    scheduler.sigmas, scheduler.timesteps = sigmas, timesteps
    scheduler.set_begin_index(0)
    return scheduler


def start() -> Tensor:
    """Noise upon an empty latent at the highest sigma."""
    return start_noise(torch.zeros(SHAPE), SEED) * math.sqrt(1 + discrete().sigma_max ** 2)


def agree(a: Tensor, b: Tensor) -> bool:
    assert a.std() > 0.1  # a latent that is all 0 would agree with anything
    return bool((a - b).abs().max() <= 1e-3)


@pytest.mark.parametrize("schedule", ["normal", "karras"])
@pytest.mark.parametrize(("prediction", "name"), [("eps", "epsilon"), ("v", "v_prediction")])
def test_euler(unet: Callable[..., Tensor], schedule: str, prediction: str, name: str) -> None:
    scheduler = told(EulerDiscreteScheduler(**BETAS, prediction_type=name), schedule)
    assert agree(ours(unet, "euler", schedule, prediction), theirs(unet, scheduler, start()))


@pytest.mark.parametrize("schedule", ["normal", "karras"])
def test_euler_ancestral(unet: Callable[..., Tensor], schedule: str) -> None:
    # On the CPU our steps draw from a generator of seed + 1 (see `noise.independent`).
    generator = torch.Generator().manual_seed(SEED + 1)
    scheduler = told(EulerAncestralDiscreteScheduler(**BETAS), schedule)
    assert agree(ours(unet, "euler_ancestral", schedule), theirs(unet, scheduler, start(), generator=generator))


@pytest.mark.parametrize("schedule", ["normal", "karras"])
def test_heun(unet: Callable[..., Tensor], schedule: str) -> None:
    scheduler = told(HeunDiscreteScheduler(**BETAS), schedule, twice=True)
    assert agree(ours(unet, "heun", schedule), theirs(unet, scheduler, start()))


@pytest.mark.parametrize("schedule", ["normal", "karras"])
def test_dpmpp_2m(unet: Callable[..., Tensor], schedule: str) -> None:
    scheduler = told(DPMSolverMultistepScheduler(**BETAS, final_sigmas_type="zero"), schedule)
    # Its x keeps unit variance (arXiv:2206.00927): it is ours over sqrt(1 + sigma^2), and the same at sigma 0.
    x = start() / math.sqrt(1 + discrete().sigma_max ** 2)
    assert agree(ours(unet, "dpmpp_2m", schedule), theirs(unet, scheduler, x))


def test_ddim(unet: Callable[..., Tensor]) -> None:
    """DDIM cannot be told sigmas, but with "leading" timesteps from 1 it visits those of ddim_uniform by itself."""
    scheduler = DDIMScheduler(**BETAS, clip_sample=False, set_alpha_to_one=True, steps_offset=1)
    scheduler.set_timesteps(STEPS)
    sigmas = sigmas_for(discrete(), "ddim_uniform", STEPS)
    assert torch.equal(discrete().timestep(sigmas[:-1]), scheduler.timesteps.float())
    # Its x keeps unit variance, as above. These sigmas start below the highest, where ours is noise * sigma.
    x = start_noise(torch.zeros(SHAPE), SEED) * sigmas[0] / (1 + sigmas[0] ** 2).sqrt()
    assert agree(ours(unet, "ddim", "ddim_uniform"), theirs(unet, scheduler, x, eta=0.0))
