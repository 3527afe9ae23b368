"""Which sigmas a run visits: one function a schedule, `(sampling, steps) -> falling sigmas, the last one 0`.

Plain numbers, no torch: nodes list the names of `SCHEDULES` without loading it. N is the number of the model's sigmas.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from darkroom.diffusion.sampling.names import unknown

if TYPE_CHECKING:
    from torch import Tensor

    from darkroom.diffusion.sampling.model_sampling import ModelSampling

Schedule = Callable[["ModelSampling", int], list[float]]


def sigmas_for(sampling: ModelSampling, scheduler: str, steps: int) -> Tensor:
    """The sigmas of a whole run: float32, falling, usually steps + 1 of them, the last one 0.

    Raises ValueError for a name that is not in SCHEDULES.
    """
    if scheduler not in SCHEDULES:
        raise unknown("scheduler", scheduler, SCHEDULES)
    return sampling.table.new_tensor(SCHEDULES[scheduler](sampling, steps) if steps > 0 else [])


def spaced(start: float, end: float, count: int) -> list[float]:
    """`count` numbers from start to end in equal steps; one number is the start."""
    return [start + (end - start) * i / max(count - 1, 1) for i in range(count)]


def simple(sampling: ModelSampling, steps: int) -> list[float]:
    """Every (N / steps)-th sigma of the model, from the top."""
    table = sampling.table.tolist()
    return [table[-(1 + int(i * len(table) / steps))] for i in range(steps)] + [0.0]


def sgm_uniform(sampling: ModelSampling, steps: int) -> list[float]:
    """Equal steps in time that would reach the lowest sigma one step after the last."""
    return [*_at(sampling, spaced(*_time_range(sampling), steps + 1)[:-1]), 0.0]


def karras(sampling: ModelSampling, steps: int) -> list[float]:
    """Equal steps in sigma^(1/rho): short steps where little noise is left (arXiv:2206.00364, eq. 5)."""
    rho = 7.0
    roots = spaced(sampling.sigma_max ** (1 / rho), sampling.sigma_min ** (1 / rho), steps)
    return [root**rho for root in roots] + [0.0]


def exponential(sampling: ModelSampling, steps: int) -> list[float]:
    """Equal steps in log sigma."""
    logs = spaced(math.log(sampling.sigma_max), math.log(sampling.sigma_min), steps)
    return [math.exp(log) for log in logs] + [0.0]


def ddim_uniform(sampling: ModelSampling, steps: int) -> list[float]:
    """Every whole-numbered stride of timesteps, from the second lowest up (arXiv:2010.02502, appendix D.2)."""
    table = sampling.table.tolist()
    starts_at_zero = math.isclose(table[1], 0, abs_tol=1e-5)
    stride = max(len(table) // (steps + starts_at_zero), 1)
    rising = [table[i] for i in range(1, len(table), stride)]
    return rising[::-1] + ([] if starts_at_zero else [0.0])


def beta(sampling: ModelSampling, steps: int) -> list[float]:
    """Timesteps by the quantiles of the Beta(0.6, 0.6) distribution: denser at both ends (arXiv:2407.12173)."""
    table = sampling.table.tolist()
    quantiles = (symmetric_beta_quantile(1 - i / steps, 0.6) for i in range(steps))
    indices = [round(quantile * (len(table) - 1)) for quantile in quantiles]
    return [table[indices[0]], *(table[new] for old, new in pairwise(indices) if new != old), 0.0]


def normal(sampling: ModelSampling, steps: int) -> list[float]:
    """Equal steps in time from the highest to the lowest sigma."""
    start, end = _time_range(sampling)
    if math.isclose(_at(sampling, [end])[0], 0, abs_tol=1e-5):  # the model's own lowest sigma serves as the final 0
        return _at(sampling, spaced(start, end, steps + 1))
    return [*_at(sampling, spaced(start, end, steps)), 0.0]


def linear_quadratic(sampling: ModelSampling, steps: int) -> list[float]:
    """Half of the steps creep linearly through the first 2.5 %, the rest falls as a parabola (arXiv:2410.13720)."""
    if steps == 1:
        return [sampling.sigma_max, 0.0]
    threshold, linear = 0.025, steps // 2
    quadratic = steps - linear
    difference = linear - threshold * steps
    a = difference / (linear * quadratic**2)
    b = threshold / linear - 2 * difference / quadratic**2
    c = a * linear**2
    done = [i * threshold / linear if i < linear else a * i**2 + b * i + c for i in range(steps)]
    return [(1 - share) * sampling.sigma_max for share in done] + [0.0]


def kl_optimal(sampling: ModelSampling, steps: int) -> list[float]:
    """Equal steps in arctan sigma (arXiv:2404.14507)."""
    angles = spaced(math.atan(sampling.sigma_max), math.atan(sampling.sigma_min), steps)
    return [math.tan(angle) for angle in angles] + [0.0]


def symmetric_beta_quantile(share: float, a: float) -> float:
    """Where the distribution Beta(a, a) has the given share of its mass on the left; by bisection.

    The mass is the incomplete beta function's series (DLMF 8.17.7), fast up to 1/2; the other half mirrors.
    """
    if share == 0.5:
        return 0.5
    if share > 0.5:
        return 1 - symmetric_beta_quantile(1 - share, a)
    target = share * math.gamma(a) ** 2 / math.gamma(2 * a)
    low, high = 0.0, 0.5
    for _ in range(50):
        middle = (low + high) / 2
        term, mass = 1.0, 1 / a
        for n in range(1, 60):
            term *= (n - a) / n * middle
            mass += term / (a + n)
        low, high = (middle, high) if mass * middle**a < target else (low, middle)
    return (low + high) / 2


def _time_range(sampling: ModelSampling) -> tuple[float, float]:
    start, end = sampling.timestep(sampling.table[[-1, 0]]).tolist()
    return start, end


def _at(sampling: ModelSampling, timesteps: list[float]) -> list[float]:
    sigmas: list[float] = sampling.sigma(sampling.table.new_tensor(timesteps)).tolist()
    return sigmas


SCHEDULES: dict[str, Schedule] = {
    "simple": simple,
    "sgm_uniform": sgm_uniform,
    "karras": karras,
    "exponential": exponential,
    "ddim_uniform": ddim_uniform,
    "beta": beta,
    "normal": normal,
    "linear_quadratic": linear_quadratic,
    "kl_optimal": kl_optimal,
}
