"""`comfy.samplers`: the names of samplers and schedulers, and sigmas."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from darkroom import diffusion
from darkroom.diffusion.sampling.schedules import SCHEDULES, sigmas_for
from darkroom.packs.lacking import lacking
from nodes.sampler_names import SAMPLER_NAMES as _SAMPLERS
from nodes.sampler_names import SCHEDULER_NAMES as _SCHEDULERS

SAMPLER_NAMES = list(_SAMPLERS)
SCHEDULER_NAMES = list(_SCHEDULERS)
KSAMPLER_NAMES = [name for name in SAMPLER_NAMES if name not in ("ddim", "uni_pc", "uni_pc_bh2")]


class SchedulerHandler(NamedTuple):
    """handler(model_sampling, steps) gives sigmas; use_ms: it wants the model's sampling, not the ends of its range."""

    handler: Any
    use_ms: bool = True


def calculate_sigmas(model_sampling: Any, scheduler_name: str, steps: int) -> Any:
    """The sigmas of a whole run: float32, falling, the last one 0. model_sampling: of one of our models"""
    added = SCHEDULER_HANDLERS.get(scheduler_name)
    if added is not None and scheduler_name not in SCHEDULES:
        if added.use_ms:
            return added.handler(model_sampling, steps)
        ends = {"sigma_min": float(model_sampling.sigma_min), "sigma_max": float(model_sampling.sigma_max)}
        return added.handler(n=steps, **ends)
    return sigmas_for(model_sampling, scheduler_name, steps)


SCHEDULER_HANDLERS: dict[str, SchedulerHandler] = {
    name: SchedulerHandler(partial(lambda name, sampling, steps: sigmas_for(sampling, name, steps), name))
    for name in SCHEDULER_NAMES
}


class KSampler:
    """A sampler with its settings."""

    SAMPLERS = SAMPLER_NAMES
    SCHEDULERS = SCHEDULER_NAMES

    def __init__(
        self,
        model: Any,
        steps: int,
        device: Any = None,
        sampler: str | None = None,
        scheduler: str | None = None,
        denoise: float | None = None,
        model_options: Any = None,
    ) -> None:
        self.model = model
        self.steps = steps
        self.device = device
        self.sampler = sampler if sampler in SAMPLER_NAMES else SAMPLER_NAMES[0]
        self.scheduler = scheduler if scheduler in SCHEDULER_NAMES else SCHEDULER_NAMES[0]
        self.denoise = denoise
        self.sigmas = diffusion.sampling.steps.run_sigmas(
            model.sampling, self.sampler, self.scheduler, steps, denoise=1.0 if denoise is None else denoise
        )


__getattr__ = lacking("comfy.samplers", "sampling is done by the node KSampler and nodes.common_ksampler here")
