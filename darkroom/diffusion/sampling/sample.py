"""From a latent on a wire, with noise on it or not, to a latent with a picture in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor

from darkroom.diffusion import preview
from darkroom.diffusion.conditioning import Conditioning
from darkroom.diffusion.sampling.areas import Cond, ready, with_counterparts, with_shared_control
from darkroom.diffusion.sampling.batching import Answers
from darkroom.diffusion.sampling.contracts import ControlNetwork, Family, Model, Progress
from darkroom.diffusion.sampling.guidance import classifier_free, needs_negative
from darkroom.diffusion.sampling.inpaint import latent_mask, masked
from darkroom.diffusion.sampling.noise import NOISES, start_noise
from darkroom.diffusion.sampling.samplers import SAMPLERS, Denoise, OnStep, ignore
from darkroom.diffusion.sampling.steps import run_sigmas


@torch.no_grad()
def sample(
    model: Model,
    positive: Conditioning,
    negative: Conditioning,
    latent: Mapping[str, Any],
    *,
    seed: int,
    steps: int,
    cfg: float,
    sampler_name: str,
    scheduler: str,
    denoise: float = 1.0,
    add_noise: bool = True,
    start_step: int | None = None,
    last_step: int | None = None,
    force_full_denoise: bool = False,
    run: Progress | None = None,
) -> dict[str, Any]:
    """Remove noise from a latent, step by step, towards what the conditionings say.

    latent: "samples" (batch, channels, height, width), unscaled; perhaps "noise_mask" and "batch_index"
    denoise, start_step, last_step, force_full_denoise: see `run_sigmas`
    add_noise: False if the latent carries the noise of an earlier run
    run: is told each step with a preview, and may raise to stop the run there
    Returns a copy of `latent` with new samples, float32 on the CPU; all other entries travel on.
    Raises ValueError for unknown names, channels the model does not have, and areas outside the picture.
    """
    sigmas = run_sigmas(
        model.sampling,
        sampler_name,
        scheduler,
        steps,
        denoise=denoise,
        start_step=start_step,
        last_step=last_step,
        force_full_denoise=force_full_denoise,
    )
    samples = fitted(latent["samples"].to("cpu", torch.float32), model.family.latent_channels)
    if len(sigmas) < 2:
        return {**latent, "samples": samples}
    noise = start_noise(samples, seed, latent.get("batch_index")) if add_noise else torch.zeros_like(samples)
    inside = latent.get("noise_mask")
    if run is not None:
        run.raise_if_cancelled()
    with guided(model, positive, negative, cfg, samples.to(model.device)) as denoise_all:
        drawn = follow(
            model,
            denoise_all,
            samples,
            noise,
            sigmas,
            sampler_name,
            seed=seed,
            noise_mask=inside,
            on_step=ignore if run is None else partial(_report, run, len(sigmas) - 1, model.family),
        )
    if inside is not None and sigmas[-1] == 0:  # scaling there and back is not exact, and outside it should be
        drawn = torch.where(latent_mask(inside, samples) == 0, samples, drawn)
    return {**latent, "samples": drawn}


@contextmanager
def guided(
    model: Model, positive: Conditioning, negative: Conditioning, cfg: float, latent: Tensor
) -> Iterator[Denoise]:
    """A `denoise` for latents of this batch, size and device, as long as the networks are bound."""
    conds = ready(positive, model.sampling, latent)
    lists = with_counterparts([conds, with_shared_control(conds, ready(negative, model.sampling, latent))])
    if not needs_negative(cfg):
        lists = lists[:1]
    with ExitStack() as bound:
        network = bound.enter_context(model.bind())
        nets = _bind_nets(lists, bound)
        size = (latent.shape[2], latent.shape[3])
        yield classifier_free(Answers(network, model.sampling, lists, size, nets), cfg)


def _bind_nets(lists: Sequence[Sequence[Cond]], bound: ExitStack) -> dict[int, ControlNetwork]:
    nets = {id(link.net): link.net for conds in lists for cond in conds for link, _, _ in cond.control}
    return {key: bound.enter_context(net.bind()) for key, net in nets.items()}


def follow(
    model: Model,
    denoise: Denoise,
    samples: Tensor,
    noise: Tensor,
    sigmas: Tensor,
    sampler_name: str,
    *,
    seed: int,
    noise_mask: Tensor | None = None,
    on_step: OnStep = ignore,
) -> Tensor:
    """Start at sigmas[0], walk down with a sampler, and give the latent back: unscaled, float32, on the CPU.

    samples: unscaled latent under the noise; noise: unit noise of its shape
    seed: of the noise a sampler adds on its way
    """
    sampling, sampler = model.sampling, SAMPLERS[sampler_name]
    latent = scaled(samples, model.family).to(model.device)
    noise = noise.to(model.device)
    x = sampling.noise_start(noise, latent, sigmas[0], sampling.is_max(sigmas[0]))
    if noise_mask is not None:
        around = start_noise(samples, seed + 1).to(model.device) if sampler.fresh_inpaint_noise else noise
        denoise = masked(denoise, sampling, latent, around, latent_mask(noise_mask, latent))
    walk = sampler.flow if sampler.flow and sampling.prediction == "flow" else sampler.follow
    if sampler.noise:
        walk = partial(walk, noise=NOISES[sampler.noise](x, sigmas, seed))
    x = sampling.inverse_end(walk(denoise, x, sigmas, on_step=on_step), sigmas[-1])
    return x.to("cpu", torch.float32) / model.family.latent_scale + model.family.latent_shift


def scaled(samples: Tensor, family: Family) -> Tensor:
    """A latent as the network knows it; an empty one (all 0) stays 0 even where the family shifts."""
    return (samples - family.latent_shift) * family.latent_scale if samples.any() else samples


def fitted(samples: Tensor, channels: int) -> Tensor:
    """The latent itself; an empty one with as many channels as the model wants.

    Raises ValueError if a latent that is not empty has other channels.
    """
    if samples.shape[1] == channels:
        return samples
    if samples.any():
        raise ValueError(
            f"The latent has {samples.shape[1]} channels, but the model wants {channels}; "
            "encode the picture with the VAE that belongs to the model."
        )
    return samples.new_zeros((len(samples), channels, *samples.shape[2:]))


def _report(run: Progress, steps: int, family: Family, step: int, x0: Tensor) -> None:
    run.progress(step + 1, steps, lambda: preview.picture(x0, family.colours))
