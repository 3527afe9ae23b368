"""Guidance: what several lists of conditionings answer becomes one `denoise`."""

from __future__ import annotations

import math

from torch import Tensor

from darkroom.diffusion.sampling.batching import Answers
from darkroom.diffusion.sampling.samplers import Denoise


def classifier_free(answers: Answers, scale: float) -> Denoise:
    """Away from the negative answer, through the positive one (arXiv:2207.12598, eq. 6, with w = scale - 1).

    answers: to [positive, negative]; to [positive] alone where `needs_negative(scale)` is false
    """
    if not needs_negative(scale):
        return lambda x, sigma: answers(x, sigma)[0]

    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        positive, negative = answers(x, sigma)
        return negative + (positive - negative) * scale

    return denoise


def needs_negative(scale: float) -> bool:
    """At scale 1 the negative answer cancels out, so half of the network's work is spared."""
    return not math.isclose(scale, 1.0)
