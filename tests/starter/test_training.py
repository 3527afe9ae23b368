"""A training that is killed and taken up again ends at the same weights, bit by bit."""

from pathlib import Path

import torch
from torch import Tensor, nn

from starter.latents import fold
from starter.networks import new_autoencoder
from starter.optimisers import optimisers_for, orthogonalised
from starter.training import Plan, Run, averaged, generator_at, rate_at, train

STEPS = 12


def _new_run(file: Path) -> tuple[Run, nn.Module]:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.SiLU(), nn.Conv2d(8, 3, 3, padding=1))
    return Run(file, {"network": network}, optimisers_for([network], 0.02, 1e-3)), network


def _train(file: Path, *, stop_after: int | None = None) -> Run:
    run, network = _new_run(file)
    run.resume()

    def loss_at(step: int, part: int) -> Tensor:
        x = torch.from_numpy(generator_at(7, step, part).standard_normal((4, 3, 8, 8)).astype("float32"))
        run.stop_asked = stop_after is not None and step + 1 >= stop_after
        loss: Tensor = (network(x) - x.flip(3)).square().mean()
        return loss

    train(run, Plan(STEPS, log_steps=STEPS, parts=2), loss_at)
    return run


def test_a_resumed_run_ends_at_bitwise_the_same_weights(tmp_path: Path) -> None:
    through = _train(tmp_path / "through.pt")
    assert _train(tmp_path / "broken.pt", stop_after=5).step == 5
    resumed = _train(tmp_path / "broken.pt")
    assert resumed.step == through.step == STEPS
    for name, value in through.weights().items():
        assert torch.equal(value, resumed.weights()[name])
        assert torch.equal(through.average[name], resumed.average[name])


def test_a_save_leaves_no_temporary_file_and_gives_the_average_back(tmp_path: Path) -> None:
    run = _train(tmp_path / "run.pt")
    assert [file.name for file in tmp_path.iterdir()] == ["run.pt"]
    for name, value in averaged(tmp_path / "run.pt", "network").items():
        assert torch.equal(value, run.average[f"network.{name}"])


def test_the_learning_rate_ramps_up_holds_and_falls_to_nothing() -> None:
    plan = Plan(1000)
    assert rate_at(plan, 0) < 0.1
    assert rate_at(plan, 400) == 1.0
    assert rate_at(plan, 750) == 0.5
    assert rate_at(plan, 999) < 0.01


def test_orthogonalised_matrices_have_singular_values_near_one() -> None:
    torch.manual_seed(0)
    for shape in ((16, 40), (40, 16)):
        values = torch.linalg.svdvals(orthogonalised(torch.randn(shape)))
        assert values.min() > 0.5
        assert values.max() < 1.5


def test_folding_standardises_latents_and_leaves_pictures_alone() -> None:
    torch.manual_seed(0)
    model = new_autoencoder((8, 8, 8, 8)).eval()
    pictures = torch.randn(6, 3, 64, 64)
    with torch.no_grad():
        before = model.encode(pictures).latent_dist
        picture = model.decode(before.mean).sample
        mean, spread = before.mean.mean(dim=(0, 2, 3)), before.mean.std(dim=(0, 2, 3))
        deviation = before.std
        fold(model, mean, spread)
        after = model.encode(pictures).latent_dist
        scaled = after.mean * model.config.scaling_factor
        assert torch.allclose(scaled.mean(dim=(0, 2, 3)), torch.zeros(4), atol=1e-3)
        assert torch.allclose(scaled.std(dim=(0, 2, 3)), torch.ones(4), atol=1e-3)
        gain = (1 / (spread * model.config.scaling_factor))[None, :, None, None]
        assert torch.allclose(after.std, deviation * gain, rtol=1e-3)
        assert torch.allclose(model.decode(after.mean).sample, picture, atol=1e-3)
