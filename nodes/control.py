"""Guide pictures for the sampler."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, NamedTuple

from darkroom import diffusion
from darkroom.engine.define import Float, node
from darkroom.engine.facts import Trouble
from nodes.known import Given, facts, family_troubles, passed
from nodes.wires import Conditioning, ControlNet, FineFraction, Image, Strength, Vae

Threshold = Annotated[float, Float(min=0.01, max=0.99, step=0.01)]


class Guided(NamedTuple):
    positive: Conditioning
    negative: Conditioning


def family_of_net(given: Given, *conditionings: str) -> Iterator[Trouble]:
    net = facts(given, "control_net")
    for name in conditionings:
        found = list(family_troubles(given, "control_net", "ControlNet", net, name))
        if found:
            yield found[0]
            return


@node(
    "ControlNetApply",
    category="conditioning/controlnet",
    display_name="Apply ControlNet (OLD)",
    deprecated=True,
    facts=passed("conditioning"),
    troubles=lambda given: family_of_net(given, "conditioning"),
)
def apply_controlnet(
    conditioning: Conditioning, control_net: ControlNet, image: Image, *, strength: Strength = 1.0
) -> Conditioning:
    """Let a guide picture steer the sampler wherever this prompt acts.

    image: the guide, in the form the ControlNet was trained on, such as edges
    strength: 0 ignores the guide
    """
    return diffusion.control.apply_control(conditioning, control_net, image, strength, 0.0, 1.0, to_uncond=True)


@node(
    "ControlNetApplyAdvanced",
    category="conditioning/controlnet",
    display_name="Apply ControlNet",
    order="positive negative control_net image strength start_percent end_percent vae",
    facts=lambda given: (facts(given, "positive"), facts(given, "negative")),
    troubles=lambda given: family_of_net(given, "positive", "negative"),
)
def apply_controlnet_advanced(
    positive: Conditioning,
    negative: Conditioning,
    control_net: ControlNet,
    image: Image,
    vae: Vae | None = None,
    *,
    strength: Strength = 1.0,
    start_percent: FineFraction = 0.0,
    end_percent: FineFraction = 1.0,
) -> Guided:
    """Let a guide picture steer the sampler, for a part of its steps if wished.

    image: the guide, in the form the ControlNet was trained on, such as edges
    vae: only for ControlNets that see the guide as a latent
    strength: 0 ignores the guide
    start_percent, end_percent: the part of the run in which it acts
    """
    return Guided(
        *(
            diffusion.control.apply_control(each, control_net, image, strength, start_percent, end_percent)
            for each in (positive, negative)
        )
    )


@node("Canny", category="image/preprocessors", facts=passed("image"))
def canny(image: Image, *, low_threshold: Threshold = 0.4, high_threshold: Threshold = 0.8) -> Image:
    """Draw the edges of a picture, white on black, as a guide for a ControlNet.

    low_threshold: contrast at which a line goes on once it has begun
    high_threshold: contrast at which a line begins
    """
    return diffusion.edges.canny(image, low_threshold, high_threshold)
