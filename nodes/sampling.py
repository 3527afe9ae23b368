"""Sampling: from noise to a latent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from darkroom import diffusion
from darkroom.diffusion.sampling.samplers import SAMPLERS
from darkroom.engine.define import Choice, node
from darkroom.engine.facts import Facts, Trouble
from darkroom.engine.run import Run
from nodes.known import Given, channel_troubles, context_troubles, facts, value
from nodes.sampler_names import SAMPLER_NAMES, SCHEDULER_NAMES, available, relative
from nodes.wires import Conditioning, Fraction, Guidance, Latent, Model, Seed, Step, Steps

SamplerName = Annotated[str, Choice(SAMPLER_NAMES)]
SchedulerName = Annotated[str, Choice(SCHEDULER_NAMES)]
Switch = Annotated[str, Choice(["enable", "disable"])]
SwitchOff = Annotated[str, Choice(["disable", "enable"])]


def sampled(given: Given) -> tuple[Facts, ...]:
    model, latent = facts(given, "model"), facts(given, "latent_image")
    return (
        Facts(
            "LATENT",
            family=model.family,
            channels=latent.channels or model.channels,
            width=latent.width,
            height=latent.height,
            batch=latent.batch,
            source=model.source,
        ),
    )


def sampling_troubles(given: Given) -> Iterator[Trouble]:
    yield from channel_troubles(given, "latent_image", "model")
    yield from context_troubles(given, "positive", "model")
    yield from context_troubles(given, "negative", "model")
    name = value(given, "sampler_name", str)
    if name in SAMPLER_NAMES and not available(name):
        yield Trouble(
            "sampler_name",
            f"{name} is not available yet",
            f"one of {', '.join(SAMPLERS)}",
            f"choose {relative(name)}, which works most alike",
            type="value_not_in_list",
        )


@node(
    "KSampler",
    category="sampling",
    display_name="KSampler",
    order="model seed steps cfg sampler_name scheduler positive negative latent_image denoise",
    facts=sampled,
    troubles=sampling_troubles,
)
def ksampler(
    model: Model,
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latent,
    *,
    seed: Seed = 0,
    steps: Steps = 20,
    cfg: Guidance = 8.0,
    sampler_name: SamplerName = "euler",
    scheduler: SchedulerName = "simple",
    denoise: Fraction = 1.0,
    run: Run,
) -> Latent:
    """Remove noise from a latent, step by step, towards what the prompts say.

    model: the network that removes the noise
    positive: what the picture should show
    negative: what it should not show
    latent_image: what to begin with; empty for a new picture
    seed: the noise it starts from; the same seed gives the same picture
    steps: more take longer and draw finer, up to a point
    cfg: guidance: how strongly to follow the prompts; 1 ignores the negative one
    sampler_name: the way from step to step
    scheduler: how much noise each step removes
    denoise: 1 starts from pure noise; less keeps that much of the input latent
    """
    result: Latent = diffusion.sampling.sample.sample(
        model,
        positive,
        negative,
        latent_image,
        seed=seed,
        steps=steps,
        cfg=cfg,
        sampler_name=sampler_name,
        scheduler=scheduler,
        denoise=denoise,
        run=run,
    )
    return result


@node(
    "KSamplerAdvanced",
    category="sampling",
    display_name="KSampler (Advanced)",
    order="model add_noise noise_seed steps cfg sampler_name scheduler positive negative latent_image",
    facts=sampled,
    troubles=sampling_troubles,
)
def ksampler_advanced(
    model: Model,
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latent,
    *,
    add_noise: Switch = "enable",
    noise_seed: Seed = 0,
    steps: Steps = 20,
    cfg: Guidance = 8.0,
    sampler_name: SamplerName = "euler",
    scheduler: SchedulerName = "simple",
    start_at_step: Step = 0,
    end_at_step: Step = 10000,
    return_with_leftover_noise: SwitchOff = "disable",
    run: Run,
) -> Latent:
    """Run a part of the sampling steps, so that several samplers can share one run.

    add_noise: disable it where the latent still has the noise that an earlier sampler left
    noise_seed: the noise it starts from
    steps: of the whole run, also those that this node leaves out
    cfg: guidance: how strongly to follow the prompts; 1 ignores the negative one
    start_at_step, end_at_step: the part that this node runs
    return_with_leftover_noise: enable it where another sampler goes on from end_at_step
    """
    result: Latent = diffusion.sampling.sample.sample(
        model,
        positive,
        negative,
        latent_image,
        seed=noise_seed,
        steps=steps,
        cfg=cfg,
        sampler_name=sampler_name,
        scheduler=scheduler,
        add_noise=add_noise != "disable",
        start_step=start_at_step,
        last_step=end_at_step,
        force_full_denoise=return_with_leftover_noise != "enable",
        run=run,
    )
    return result
