"""How to walk from noise to a latent: free functions of `denoise(x, sigma) -> x0`.

Needs no torch to import: nodes list the names of `SAMPLERS` without loading it. A new sampler is a function and a row.

Everywhere below: x is (batch, channels, height, width), noise of standard deviation sigmas[0] upon a latent; sigmas is
(steps + 1,), falling, on the CPU; the last one is 0 unless some noise is to stay. `on_step(step, x0)` is told each
step's first guess.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

Denoise = Callable[["Tensor", "Tensor"], "Tensor"]
"""(x, sigma without dimensions) -> x0, the clean latent the model sees in x."""

NoiseSource = Callable[["Tensor", "Tensor"], "Tensor"]
"""(sigma, next sigma) -> unit noise of x's shape for the step between them."""

OnStep = Callable[[int, "Tensor"], None]


def ignore(step: int, x0: Tensor) -> None:
    """Tell nobody."""


def euler(denoise: Denoise, x: Tensor, sigmas: Tensor, *, on_step: OnStep = ignore) -> Tensor:
    """Follow the probability-flow ODE in straight steps (arXiv:2206.00364, eqs. 1 and 3 with sigma(t) = t)."""
    for step, (sigma, next_sigma) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        x = x0 + (x - x0) * (next_sigma / sigma)
        on_step(step, x0)
    return x


def euler_ancestral(
    denoise: Denoise, x: Tensor, sigmas: Tensor, *, noise: NoiseSource, on_step: OnStep = ignore
) -> Tensor:
    """At each step go below the next sigma, then add noise up to it (arXiv:2010.02502, eq. 16 with eta = 1)."""
    for step, (sigma, next_sigma) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        if next_sigma > 0:
            up = (next_sigma**2 * (sigma**2 - next_sigma**2) / sigma**2).sqrt().clamp(max=next_sigma)
            down = (next_sigma**2 - up**2).sqrt()
            x = x0 + (x - x0) * (down / sigma) + noise(sigma, next_sigma) * up
        else:
            x = x0
        on_step(step, x0)
    return x


def euler_ancestral_flow(
    denoise: Denoise, x: Tensor, sigmas: Tensor, *, noise: NoiseSource, on_step: OnStep = ignore
) -> Tensor:
    """`euler_ancestral` where x = (1 - sigma) x0 + sigma noise: also the latent's share must grow."""
    for step, (sigma, next_sigma) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        if next_sigma > 0:
            down = next_sigma * (next_sigma / sigma)
            share = (1 - next_sigma) / (1 - down)
            up = (next_sigma**2 - (down * share) ** 2).sqrt()
            x = (x0 + (x - x0) * (down / sigma)) * share + noise(sigma, next_sigma) * up
        else:
            x = x0
        on_step(step, x0)
    return x


def heun(denoise: Denoise, x: Tensor, sigmas: Tensor, *, on_step: OnStep = ignore) -> Tensor:
    """Step along the mean of the slopes at both ends; the last step to 0 is Euler's (arXiv:2206.00364, algorithm 1)."""
    for step, (sigma, next_sigma) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        d = (x - x0) / sigma
        ahead = x0 + d * next_sigma
        if next_sigma > 0:
            d_ahead = (ahead - denoise(ahead, next_sigma)) / next_sigma
            ahead = x + (d + d_ahead) / 2 * (next_sigma - sigma)
        x = ahead
        on_step(step, x0)
    return x


def dpmpp_2m(denoise: Denoise, x: Tensor, sigmas: Tensor, *, on_step: OnStep = ignore) -> Tensor:
    """Solve the ODE exactly for an x0 on the line through its last two values (arXiv:2211.01095, algorithm 2).

    With lambda = -log sigma: h = log(sigma / next sigma) and exp(-h) = next sigma / sigma.
    """
    last_x0, last_h = None, None
    for step, (sigma, next_sigma) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        h = (sigma / next_sigma).log()
        if last_x0 is None or last_h is None or next_sigma == 0:
            d = x0
        else:
            r = last_h / h
            d = x0 + (x0 - last_x0) / (2 * r)
        x = d + (x - d) * (next_sigma / sigma)
        last_x0, last_h = x0, h
        on_step(step, x0)
    return x


@dataclass(frozen=True)
class Sampler:
    """A sampler and what a run must prepare for it.

    follow: the function for noise upon a latent; takes `noise=` too if the row names a kind
    flow: the function for flow models, where that is another one
    noise: a kind of `noise.NOISES`
    fresh_inpaint_noise: whether what lies outside the mask gets noise of its own
    drops_second_last: whether the sigmas of one step more are taken, without the last one before 0
    """

    follow: Callable[..., Tensor]
    flow: Callable[..., Tensor] | None = None
    noise: str | None = None
    fresh_inpaint_noise: bool = False
    drops_second_last: bool = False


SAMPLERS: dict[str, Sampler] = {
    "euler": Sampler(euler),
    "euler_ancestral": Sampler(euler_ancestral, flow=euler_ancestral_flow, noise="independent"),
    "heun": Sampler(heun),
    "dpmpp_2m": Sampler(dpmpp_2m),
    # With eta = 0 DDIM's step (arXiv:2010.02502, eq. 12) is Euler's, once x is divided by sqrt(alpha-bar).
    "ddim": Sampler(euler, fresh_inpaint_noise=True),
}
