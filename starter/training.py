"""The resumable training loop: everything random follows from (seed, step), so a resumed run repeats bit by bit."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "starter"
WARM_UP_STEPS = 30

LossAt: TypeAlias = Callable[[int, int], Tensor]


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to train and how often to look up."""

    steps: int
    save_seconds: float = 180.0
    log_steps: int = 50
    cooldown: float = 0.5  # last part of the run over which the learning rate falls to 0
    average_decay: float = 0.995  # of the moving average of the weights
    parts: int = 1  # of a batch, computed side by side, each by one thread


@dataclass
class Run:
    """A training under way: networks, their moving average, optimisers, and where all of it is kept."""

    file: Path
    modules: Mapping[str, nn.Module]
    optimisers: tuple[torch.optim.Optimizer, ...]
    step: int = 0
    average: dict[str, Tensor] = field(default_factory=dict)
    stop_asked: bool = False

    def __post_init__(self) -> None:
        if not self.average:
            self.average = {name: value.detach().clone() for name, value in self.weights().items()}
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group.setdefault("peak", group["lr"])

    def weights(self) -> dict[str, Tensor]:
        """All parameters and buffers by `module.name`."""
        return {
            f"{label}.{name}": value
            for label, module in self.modules.items()
            for name, value in module.state_dict().items()
        }

    def save(self) -> None:
        """Write the whole state; a reader sees the old file or the new one, never half of one."""
        state = {
            "step": self.step,
            "weights": self.weights(),
            "average": self.average,
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
        }
        self.file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.file.with_suffix(".tmp")
        torch.save(state, temporary)
        temporary.replace(self.file)

    def resume(self) -> bool:
        """Take up the saved state; false where there is none."""
        if not self.file.exists():
            return False
        state: dict[str, Any] = torch.load(self.file, weights_only=True)
        for label, module in self.modules.items():
            module.load_state_dict(_of_module(state["weights"], label))
        self.average = state["average"]
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            peaks = [group["peak"] for group in optimiser.param_groups]
            optimiser.load_state_dict(saved)
            for group, peak in zip(optimiser.param_groups, peaks, strict=True):
                group["peak"] = peak  # the command line may ask for another rate than the saved run had
        self.step = state["step"]
        return True


def _of_module(weights: Mapping[str, Tensor], label: str) -> dict[str, Tensor]:
    prefix = f"{label}."
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


def averaged(file: Path, label: str) -> dict[str, Tensor]:
    """The averaged weights of one module of a saved run."""
    state: dict[str, Any] = torch.load(file, weights_only=True)
    return _of_module(state["average"], label)


def generator_at(seed: int, step: int, part: int = 0) -> np.random.Generator:
    """The random numbers of one step, or of one part of its batch."""
    return np.random.default_rng((seed, step, part))


def parts_on(device: torch.device) -> int:
    """Into how many parts to cut a batch: one for each core, and one on a GPU."""
    return torch.get_num_threads() if device.type == "cpu" else 1


def rate_at(plan: Plan, step: int) -> float:
    """Share of the peak learning rate: a short ramp, a plateau, then a straight line down to 0."""
    ramp = min(1.0, (step + 1) / WARM_UP_STEPS)
    return min(ramp, (plan.steps - step) / max(1.0, plan.cooldown * plan.steps), 1.0)


def _follow(average: dict[str, Tensor], weights: Mapping[str, Tensor], decay: float) -> None:
    for name, value in weights.items():
        if value.is_floating_point():
            average[name].lerp_(value, 1 - decay)
        else:
            average[name].copy_(value)


def _advance(run: Run, plan: Plan, loss_at: LossAt, pool: ThreadPoolExecutor) -> float:
    parameters = [value for module in run.modules.values() for value in module.parameters() if value.requires_grad]

    def learn(part: int) -> tuple[float, tuple[Tensor, ...]]:
        loss = loss_at(run.step, part)
        return float(loss.detach()), torch.autograd.grad(loss, parameters)

    losses, gradients = zip(*pool.map(learn, range(plan.parts)), strict=True)
    for parameter, *shares in zip(parameters, *gradients, strict=True):
        parameter.grad = shares[0] if plan.parts == 1 else torch.stack(shares).mean(dim=0)
    for optimiser in run.optimisers:
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * rate_at(plan, run.step)
    list(pool.map(lambda optimiser: optimiser.step(), run.optimisers))
    # Early on the average must forget the random start quickly.
    _follow(run.average, run.weights(), min(plan.average_decay, (1 + run.step) / (10 + run.step)))
    run.step += 1
    return float(np.mean(losses))


@contextmanager
def _asking_to_stop(run: Run) -> Iterator[None]:
    """SIGTERM and SIGINT ask the run to stop while this is open."""

    def ask(_signal: int, _frame: FrameType | None) -> None:
        run.stop_asked = True

    earlier = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def train(run: Run, plan: Plan, loss_at: LossAt, on_save: Callable[[], None] = lambda: None) -> None:
    """Train up to `plan.steps`, saving now and then; SIGTERM and SIGINT save and leave after the current step.

    loss_at: from the numbers of the step and of the part of its batch to the part's loss
    on_save: runs after every save, for sample sheets and trial exports

    With several parts every thread computes alone: threads that share each operation wait for one another thousands of
    times a step, which costs most of the speed as soon as other programs use the processor too.
    """
    started, saved, losses = time.monotonic(), time.monotonic(), []
    first_step, threads = run.step, torch.get_num_threads()
    alone = 1 if plan.parts > 1 else threads
    torch.set_num_threads(alone)
    with (
        _asking_to_stop(run),
        ThreadPoolExecutor(plan.parts, initializer=torch.set_num_threads, initargs=(alone,)) as pool,
    ):
        while run.step < plan.steps and not run.stop_asked:
            losses.append(_advance(run, plan, loss_at, pool))
            if run.step % plan.log_steps == 0:
                pace = (time.monotonic() - started) / (run.step - first_step)
                print(f"step {run.step}/{plan.steps}  loss {np.mean(losses):.5f}  {pace:.3f} s/step", flush=True)
                losses.clear()
            if time.monotonic() - saved > plan.save_seconds:
                run.save()
                on_save()
                saved = time.monotonic()
    torch.set_num_threads(threads)
    run.save()
    on_save()
