"""The families of models: names for people, and the numbers that all members of a family share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of diffusion model.

    latent_scale, latent_shift: the network works on (latent - shift) * scale
    prediction: what the network of most members predicts; None where the family comes in several kinds
    loads: whether this version can load its networks (all others are recognised by name only)
    """

    name: str
    title: str
    latent_channels: int
    latent_scale: float
    latent_shift: float = 0.0
    prediction: str | None = "eps"
    loads: bool = False


FAMILIES = {
    family.name: family
    for family in (
        Family("sd1", "Stable Diffusion 1", 4, 0.18215, loads=True),
        Family("sd2", "Stable Diffusion 2", 4, 0.18215, prediction=None),
        Family("sdxl", "Stable Diffusion XL", 4, 0.13025),
        Family("sdxl_refiner", "Stable Diffusion XL refiner", 4, 0.13025),
        Family("sd3", "Stable Diffusion 3", 16, 1.5305, 0.0609, prediction="flow"),
        Family("flux", "Flux", 16, 0.3611, 0.1159, prediction="flow"),
    )
}
"""Scales as the families' own autoencoder configurations give them."""


def loadable() -> str:
    """The titles of the families that can be loaded, for messages."""
    return ", ".join(family.title for family in FAMILIES.values() if family.loads)
