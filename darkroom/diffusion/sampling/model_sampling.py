"""What a network predicts and which noise levels it knows.

Everything here works in "sigma": the standard deviation of the noise in a latent (for flow models the share of noise,
0..1). Sigmas are float32 tensors on the CPU, even when the latent is on a GPU: a tensor without dimensions enters GPU
arithmetic as a number, so nothing waits for the device.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Prediction:
    """What the network's answer means; all functions keep the shape of x, sigma has no dimensions.

    scale_input: (x, sigma) -> what the network was trained to see
    denoised: (raw answer, x, sigma) -> x0
    noise_start: (noise, latent, sigma, max_denoise) -> the x a run starts from
    inverse_end: (x, sigma) -> the latent after the last sigma
    """

    scale_input: Callable[[Tensor, Tensor], Tensor]
    denoised: Callable[[Tensor, Tensor, Tensor], Tensor]
    noise_start: Callable[[Tensor, Tensor, Tensor, bool], Tensor]
    inverse_end: Callable[[Tensor, Tensor], Tensor]


def _preserve_variance(x: Tensor, sigma: Tensor) -> Tensor:
    """x / sqrt(1 + sigma^2): from "latent plus noise" to the unit-variance x_t of arXiv:2006.11239, eq. 4."""
    return x / (sigma**2 + 1).sqrt()


def _add_noise(noise: Tensor, latent: Tensor, sigma: Tensor, max_denoise: bool) -> Tensor:
    """Latent plus noise; at the top of the table noise of the variance that `_preserve_variance` makes exactly 1."""
    return latent + noise * ((1 + sigma**2).sqrt() if max_denoise else sigma)


def _mix_noise(noise: Tensor, latent: Tensor, sigma: Tensor, max_denoise: bool) -> Tensor:
    """The straight line from latent to noise (arXiv:2209.03003, eq. 1, with sigma = 1 - t)."""
    return sigma * noise + (1 - sigma) * latent


def _same(x: Tensor, sigma: Tensor) -> Tensor:
    return x


def _denoised_eps(eps: Tensor, x: Tensor, sigma: Tensor) -> Tensor:
    return x - sigma * eps


def _denoised_v(v: Tensor, x: Tensor, sigma: Tensor) -> Tensor:
    """x0 = alpha x_t - sigma_t v (arXiv:2202.00512, appendix D), with alpha = 1 / sqrt(1 + sigma^2)."""
    variance = sigma**2 + 1
    return x / variance - v * (sigma / variance.sqrt())


PREDICTIONS: dict[str, Prediction] = {
    "eps": Prediction(_preserve_variance, _denoised_eps, _add_noise, _same),
    "v": Prediction(_preserve_variance, _denoised_v, _add_noise, _same),
    "flow": Prediction(_same, _denoised_eps, _mix_noise, lambda x, sigma: x / (1 - sigma)),
}


class ModelSampling(ABC):
    """The noise levels of a model and the meaning of its answer; a value, shared freely."""

    prediction: str
    table: Tensor  # (levels,) rising sigmas, one for each timestep the network was trained on

    @abstractmethod
    def timestep(self, sigma: Tensor) -> Tensor:
        """The timestep the network is told at a sigma; same shape."""

    @abstractmethod
    def sigma(self, timestep: Tensor) -> Tensor:
        """The sigma at a timestep, fractions allowed; same shape."""

    @abstractmethod
    def percent_to_sigma(self, percent: float) -> float:
        """The sigma reached after a share (0..1) of the timesteps; above every sigma at 0, and 0 at 1."""

    @property
    def sigma_min(self) -> float:
        return float(self.table[0])

    @property
    def sigma_max(self) -> float:
        return float(self.table[-1])

    def is_max(self, sigma: Tensor) -> bool:
        """Whether a run that starts at sigma starts from pure noise."""
        return math.isclose(float(sigma), self.sigma_max, rel_tol=1e-5) or float(sigma) > self.sigma_max

    def scale_input(self, x: Tensor, sigma: Tensor) -> Tensor:
        """What the network is shown for the noisy latent x."""
        return PREDICTIONS[self.prediction].scale_input(x, sigma)

    def denoised(self, raw: Tensor, x: Tensor, sigma: Tensor) -> Tensor:
        """The x0 that a network's raw answer at (x, sigma) stands for."""
        return PREDICTIONS[self.prediction].denoised(raw, x, sigma)

    def noise_start(self, noise: Tensor, latent: Tensor, sigma: Tensor, max_denoise: bool = False) -> Tensor:
        """The noisy latent at sigma, from unit noise and a clean latent."""
        return PREDICTIONS[self.prediction].noise_start(noise, latent, sigma, max_denoise)

    def inverse_end(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Undo what `noise_start` did to the latent's size, at the sigma where a run ends."""
        return PREDICTIONS[self.prediction].inverse_end(x, sigma)


@dataclass(frozen=True, eq=False)
class Discrete(ModelSampling):
    """A table of sigmas, one for each whole timestep (Stable Diffusion)."""

    prediction: str
    table: Tensor
    log_table: Tensor

    def timestep(self, sigma: Tensor) -> Tensor:
        """The index of the nearest log sigma: such networks have only seen whole timesteps."""
        distance = (sigma.log() - self.log_table.reshape(-1, *(1 for _ in sigma.shape))).abs()
        return distance.argmin(dim=0).to(torch.float32)

    def sigma(self, timestep: Tensor) -> Tensor:
        """Between two whole timesteps log sigma is a straight line."""
        t = timestep.to(torch.float32).clamp(0, len(self.table) - 1)
        low, high = t.floor().long(), t.ceil().long()
        share = t - low
        return ((1 - share) * self.log_table[low] + share * self.log_table[high]).exp()

    def percent_to_sigma(self, percent: float) -> float:
        if percent <= 0:
            return 999999999.9
        if percent >= 1:
            return 0.0
        return float(self.sigma(torch.tensor((1 - percent) * 999.0)))


@dataclass(frozen=True, eq=False)
class Flow(ModelSampling):
    """Rectified flow: sigma is the share of noise, the timestep follows from it (SD3: arXiv:2403.03206, eq. 23)."""

    shift: float
    table: Tensor
    multiplier: float
    prediction: str = "flow"

    def timestep(self, sigma: Tensor) -> Tensor:
        return sigma * self.multiplier

    def sigma(self, timestep: Tensor) -> Tensor:
        return shifted(timestep / self.multiplier, self.shift)

    def percent_to_sigma(self, percent: float) -> float:
        if percent <= 0:
            return 1.0
        if percent >= 1:
            return 0.0
        t = 1 - percent
        return self.shift * t / (1 + (self.shift - 1) * t)


def shifted(t: Tensor, shift: float) -> Tensor:
    """Spend more of the timesteps at high noise, as larger pictures need (arXiv:2403.03206, eq. 23)."""
    return shift * t / (1 + (shift - 1) * t)


def discrete(
    prediction: str = "eps", *, beta_start: float = 0.00085, beta_end: float = 0.012, levels: int = 1000
) -> Discrete:
    """The scaled-linear betas of Stable Diffusion.

    prediction: "eps" or "v"
    """
    betas = torch.linspace(beta_start**0.5, beta_end**0.5, levels, dtype=torch.float64) ** 2
    kept = torch.cumprod(1 - betas, dim=0)  # alpha-bar of arXiv:2006.11239, eq. 4
    table = ((1 - kept) / kept).sqrt().to(torch.float32)
    return Discrete(_known(prediction), table, table.log())


def flow(shift: float = 3.0, *, multiplier: float = 1000.0, levels: int = 1000) -> Flow:
    """Rectified flow with a constant shift (SD3: shift 3, timesteps 0..1000)."""
    t = torch.arange(1, levels + 1, dtype=torch.float32) / levels
    return Flow(shift, shifted(t, shift), multiplier)


def _known(prediction: str) -> str:
    if prediction not in PREDICTIONS:
        raise ValueError(f"prediction is {prediction!r}; a network can predict {', '.join(PREDICTIONS)}.")
    return prediction
