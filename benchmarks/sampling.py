"""How much time sampling adds to the network calls, for a U-Net of Stable Diffusion 1.5's size with random weights.

python -m benchmarks.sampling                       512 x 512, 20 steps with guidance: what the goals are about
python -m benchmarks.sampling --steps 2 --size 256  a quick look

Each row compares two things that take turns, step by step, so that whatever else the machine does slows both alike.
On a CPU that is busy with other work, `OMP_NUM_THREADS=1 ... --cpu-time` counts this process's own seconds instead.
"""

from __future__ import annotations

import argparse
import copy
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from diffusers import EulerDiscreteScheduler, UNet2DConditionModel
from torch import Tensor, nn

from benchmarks.measure import Row, finish
from darkroom.diffusion import devices
from darkroom.diffusion.families import sd1
from darkroom.diffusion.families.shapes import UnetShape
from darkroom.diffusion.families.table import FAMILIES
from darkroom.diffusion.model import Model
from darkroom.diffusion.sampling.model_sampling import discrete
from darkroom.diffusion.sampling.sample import sample

Clock = Callable[[], float]

TOKENS, CONTEXT_WIDTH, GUIDANCE, SEED = 77, 768, 7.5, 0
TARGET_BARE, TARGET_DIFFUSERS = 1.03, 1.1


class TurnTaking:
    """A run whose progress reports are the other side's turns."""

    def __init__(self, turn: Callable[[], None], clock: Clock) -> None:
        self.turn, self.clock, self.seconds = turn, clock, 0.0

    def raise_if_cancelled(self) -> None:
        """Nobody cancels a benchmark."""

    def progress(self, value: float, maximum: float, preview: Callable[[], Any] | None = None) -> None:
        self.seconds += seconds(self.turn, self.clock)


def seconds(work: Callable[[], object], clock: Clock) -> float:
    """How long it takes until the device has done it, and only it."""
    wait()
    start = clock()
    work()
    wait()
    return clock() - start


def wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def random_model(base: int) -> Model:
    """A Stable Diffusion 1 model of that many channels on its first level (320 in the released ones)."""
    channels = (base, 2 * base, 4 * base, 4 * base)
    shape = UnetShape(4, 4, channels, (1, 1, 1, 0), 1, 2, CONTEXT_WIDTH, linear_projection=False)
    place = devices.placement("unet")
    torch.manual_seed(SEED)
    network = UNet2DConditionModel.from_config(sd1.unet_config(shape)).eval().requires_grad_(False)
    return Model(placed(network, place), FAMILIES["sd1"], place, discrete(), CONTEXT_WIDTH, Path("random"))


def placed(network: nn.Module, place: devices.Placement) -> nn.Module:
    for parameter in network.parameters():
        parameter.data = place.place(parameter.data)
    return network


def run(model: Model, size: int, steps: int, turn: Callable[[], None], clock: Clock) -> tuple[float, float]:
    """Seconds of `sample`, and of the turns it gave to the other side."""
    positive, negative = ([[torch.randn(1, TOKENS, CONTEXT_WIDTH), {}]] for _ in range(2))
    taking = TurnTaking(turn, clock)
    whole = seconds(
        lambda: sample(
            model,
            positive,
            negative,
            {"samples": torch.zeros(1, 4, size // 8, size // 8)},
            seed=SEED,
            steps=steps,
            cfg=GUIDANCE,
            sampler_name="euler",
            scheduler="normal",
            run=taking,
        ),
        clock,
    )
    return whole - taking.seconds, taking.seconds


def bare_call(model: Model, size: int) -> Callable[[], None]:
    """One call of the network for a step with guidance, all inputs ready on the device."""
    place = model.placement.place
    x, context = place(torch.randn(2, 4, size // 8, size // 8)), place(torch.randn(2, TOKENS, CONTEXT_WIDTH))
    timestep = torch.full((2,), 500.0, device=place(x).device)
    return torch.no_grad()(lambda: model.network(x, timestep, context, return_dict=False))


def diffusers_step(model: Model, size: int, steps: int) -> Callable[[], None]:
    """One step of the plain loop of diffusers' documentation, in channels_last, in the model's number format."""
    network = model.network
    if not model.placement.channels_last:
        network = placed(copy.deepcopy(network), replace(model.placement, channels_last=True))
    loop = diffusers_loop(network, model.placement, size, steps)
    return lambda: next(loop)


def diffusers_loop(network: nn.Module, place: devices.Placement, size: int, steps: int) -> Iterator[None]:
    scheduler = EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    scheduler.set_timesteps(steps, device=place.device)
    context = torch.randn(2, TOKENS, CONTEXT_WIDTH).to(place.device, place.dtype)
    x: Tensor = torch.randn(1, 4, size // 8, size // 8).to(place.device, place.dtype) * scheduler.init_noise_sigma
    for timestep in scheduler.timesteps:
        with torch.no_grad():
            shown = scheduler.scale_model_input(torch.cat([x, x]), timestep).to(memory_format=torch.channels_last)
            negative, positive = network(shown, timestep, context, return_dict=False)[0].chunk(2)
            x = scheduler.step(negative + GUIDANCE * (positive - negative), timestep, x).prev_sample
        yield


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=512, help="pixels on a side")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--channels", type=int, default=320, help="of the U-Net's first level")
    parser.add_argument("--format", choices=("auto", "fp32", "bf16", "fp16"), default="auto", help="of the U-Net")
    parser.add_argument("--cpu-time", action="store_true", help="count CPU seconds of this process")
    options = parser.parse_args()
    clock = time.process_time if options.cpu_time else time.perf_counter
    devices.prefer(devices.Precision(unet=options.format))
    model = random_model(options.channels)
    place, parameters = model.placement, sum(parameter.numel() for parameter in model.network.parameters())
    layout = "channels_last" if place.channels_last else "contiguous"
    size = f"{parameters / 1e6:.0f} M parameters"
    print(f"{size}, {place.dtype}, {layout}, {place.device}, {torch.get_num_threads()} threads")
    print(f"{options.size} x {options.size}, {options.steps} steps, guidance {GUIDANCE}")
    sides = (
        ("bare network calls", TARGET_BARE, bare_call(model, options.size)),
        ("a bare diffusers loop", TARGET_DIFFUSERS, diffusers_step(model, options.size, options.steps + 1)),
    )
    rows = []
    for name, target, turn in sides:
        run(model, options.size, 1, turn, clock)  # warm up both
        ours, others = run(model, options.size, options.steps, turn, clock)
        print(f"sample {ours:8.2f} s | {name} {others:8.2f} s")
        rows.append(Row(f"`sample` over {name}, {options.size} x {options.size}", target, ours / others))
    finish(rows, " ".join(["python -m benchmarks.sampling", *sys.argv[1:]]))


if __name__ == "__main__":
    main()
