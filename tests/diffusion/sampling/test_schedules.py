"""Which sigmas a run visits."""

import json
import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from darkroom.diffusion.sampling.model_sampling import Discrete, ModelSampling, discrete, flow
from darkroom.diffusion.sampling.schedules import SCHEDULES, sigmas_for, symmetric_beta_quantile
from darkroom.diffusion.sampling.steps import run_sigmas

GOLDEN = json.loads((Path(__file__).parents[2] / "data/golden/numerics.json").read_text())
MODELS: dict[str, ModelSampling] = {"sd": discrete(), "flow": flow()}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_gives_the_recorded_sigmas(name: str, model: str) -> None:
    recorded = {key: value for key, value in GOLDEN[f"sigmas_{model}"].items() if key.startswith(f"{name}/")}
    assert len(recorded) == 6
    for key, sigmas in recorded.items():
        if key == "kl_optimal/1":  # recorded as 0 / 0; ours is one step from the highest sigma
            sigmas = [MODELS[model].sigma_max, 0.0]
        ours = sigmas_for(MODELS[model], name, int(key.split("/")[1]))
        assert ours.dtype == torch.float32
        assert ours.tolist() == pytest.approx(sigmas, abs=1e-5 * max(sigmas))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", SCHEDULES)
def test_sigmas_fall_to_zero(name: str, model: str) -> None:
    for steps in (1, 2, 3, 7, 50, 999):
        sigmas = sigmas_for(MODELS[model], name, steps).tolist()
        assert sigmas[-1] == 0
        assert all(a > b for a, b in pairwise(sigmas))


@pytest.mark.parametrize("name", SCHEDULES)
def test_no_steps_are_no_sigmas(name: str) -> None:
    assert len(sigmas_for(MODELS["sd"], name, 0)) == 0


def test_a_table_that_starts_at_zero_needs_no_extra_zero() -> None:
    table = torch.linspace(0, 10, 101)
    sampling = Discrete("eps", table, table.clamp(min=1e-6).log())
    assert sigmas_for(sampling, "normal", 5).tolist() == pytest.approx([10, 8, 6, 4, 2, 0], abs=1e-4)
    ends_near_zero = Discrete("eps", table / 1e6, (table / 1e6).clamp(min=1e-12).log())
    assert len(sigmas_for(ends_near_zero, "ddim_uniform", 4)) == 5


@pytest.mark.parametrize("model", MODELS)
def test_a_share_of_the_schedule_has_the_recorded_sigma(model: str) -> None:
    table = GOLDEN[f"table_{model}"]
    assert MODELS[model].sigma_min == pytest.approx(table["min"], rel=1e-7)
    assert MODELS[model].sigma_max == pytest.approx(table["max"], rel=1e-7)
    for percent, sigma in table["percent_to_sigma"].items():
        assert MODELS[model].percent_to_sigma(float(percent)) == pytest.approx(sigma, rel=1e-6)


def test_timestep_and_sigma_are_inverse() -> None:
    sampling = discrete()
    steps = torch.arange(1000)
    assert torch.equal(sampling.timestep(sampling.table), steps.float())
    assert torch.allclose(sampling.sigma(steps), sampling.table, rtol=1e-5)
    halfway = sampling.sigma(torch.tensor(10.5))
    assert float(halfway) == pytest.approx(math.sqrt(sampling.table[10] * sampling.table[11]), rel=1e-5)
    sigma = torch.tensor(0.4)
    assert float(flow().sigma(flow().timestep(sigma))) == pytest.approx(3 * 0.4 / 1.8)


def test_the_beta_quantile_of_one_half_squared_sine_is_the_arcsine_law() -> None:
    for share in (0.01, 0.2, 0.5, 0.77, 0.999):
        assert symmetric_beta_quantile(share, 0.5) == pytest.approx(math.sin(math.pi * share / 2) ** 2, abs=1e-12)


def test_denoise_takes_the_low_end_of_a_longer_schedule() -> None:
    sampling = discrete()
    whole = sigmas_for(sampling, "normal", 20)
    assert torch.equal(run_sigmas(sampling, "euler", "normal", 20, denoise=1.0), whole)
    assert torch.equal(run_sigmas(sampling, "euler", "normal", 10, denoise=0.5), whole[-11:])
    assert torch.equal(
        run_sigmas(sampling, "euler", "normal", 6, denoise=0.35), sigmas_for(sampling, "normal", 17)[-7:]
    )
    assert len(run_sigmas(sampling, "euler", "normal", 20, denoise=0.0)) == 0


def test_start_and_last_step_cut_the_schedule() -> None:
    sampling = discrete()
    whole = sigmas_for(sampling, "karras", 10)
    assert torch.equal(run_sigmas(sampling, "euler", "karras", 10, start_step=3, last_step=7), whole[3:8])
    assert torch.equal(run_sigmas(sampling, "euler", "karras", 10, start_step=0, last_step=10000), whole)
    forced = run_sigmas(sampling, "euler", "karras", 10, last_step=4, force_full_denoise=True)
    assert torch.equal(forced, torch.cat([whole[:4], torch.zeros(1)]))
    assert len(run_sigmas(sampling, "euler", "karras", 10, start_step=10)) < 2
    assert len(run_sigmas(sampling, "euler", "karras", 10, start_step=7, last_step=5)) < 2


def test_an_unknown_name_is_an_error_with_the_nearest_right_one() -> None:
    with pytest.raises(ValueError, match=r"no scheduler named 'karas'. Did you mean 'karras'\?"):
        sigmas_for(discrete(), "karas", 5)
    with pytest.raises(ValueError, match=r"no sampler named 'Euler'. Did you mean 'euler'\?"):
        run_sigmas(discrete(), "Euler", "karras", 5)
    with pytest.raises(ValueError, match="'epsilon'; a network can predict eps, v, flow"):
        discrete("epsilon")


def test_the_names_are_known_without_torch() -> None:
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "from darkroom.diffusion.sampling.samplers import SAMPLERS\n"
        "from darkroom.diffusion.sampling.schedules import SCHEDULES\n"
        "print(len(SAMPLERS), len(SCHEDULES))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[0]) >= 5
    assert int(done.stdout.split()[1]) == len(SCHEDULES)


def test_a_share_of_the_schedule_counts_whole_steps_downwards() -> None:
    """4 steps at 0.6 are the last 4 of 6, not of 7: 6.67 is cut, as the recorded server does it."""
    sampling = discrete()
    share = run_sigmas(sampling, "euler", "normal", 4, denoise=0.6)
    assert torch.equal(share, run_sigmas(sampling, "euler", "normal", 6)[-5:])
