"""Which part of a schedule a run takes: KSampler's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from darkroom.diffusion.sampling.names import unknown
from darkroom.diffusion.sampling.samplers import SAMPLERS
from darkroom.diffusion.sampling.schedules import sigmas_for

if TYPE_CHECKING:
    from torch import Tensor

    from darkroom.diffusion.sampling.model_sampling import ModelSampling


def run_sigmas(
    sampling: ModelSampling,
    sampler: str,
    scheduler: str,
    steps: int,
    *,
    denoise: float = 1.0,
    start_step: int | None = None,
    last_step: int | None = None,
    force_full_denoise: bool = False,
) -> Tensor:
    """The sigmas a run visits; fewer than two if there is nothing to do.

    denoise: the share of the schedule that is run, its low end, still in `steps` steps
    start_step, last_step: where the run begins and ends, counted in steps
    force_full_denoise: whether a run that ends early jumps to sigma 0 in its last step
    Raises ValueError for unknown names.
    """
    if denoise > 0.9999:
        sigmas = _whole(sampling, sampler, scheduler, steps)
    elif denoise <= 0:
        sigmas = _whole(sampling, sampler, scheduler, steps)[:0]
    else:
        sigmas = _whole(sampling, sampler, scheduler, int(steps / denoise))[-(steps + 1) :]
    if last_step is not None and last_step < len(sigmas) - 1:
        sigmas = sigmas[: last_step + 1].clone()
        if force_full_denoise:
            sigmas[-1] = 0
    return sigmas if start_step is None else sigmas[start_step:]


def _whole(sampling: ModelSampling, sampler: str, scheduler: str, steps: int) -> Tensor:
    if sampler not in SAMPLERS:
        raise unknown("sampler", sampler, SAMPLERS)
    if not SAMPLERS[sampler].drops_second_last:
        return sigmas_for(sampling, scheduler, steps)
    sigmas = sigmas_for(sampling, scheduler, steps + 1)
    return sigmas[[i for i in range(len(sigmas)) if i != len(sigmas) - 2]]
