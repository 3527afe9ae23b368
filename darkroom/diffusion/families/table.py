"""The families of models: names for people, and the numbers that all members of a family share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

Colours = tuple[tuple[float, float, float], ...]

SD1_COLOURS = (
    (0.3512, 0.2297, 0.3227),
    (0.3250, 0.4974, 0.2350),
    (-0.2829, 0.1762, 0.2721),
    (-0.2120, -0.2616, -0.7177),
)

COLOURS_KEY = "darkroom.latent_colours"
"""Metadata of a checkpoint whose latents have colours of their own: `Family.colours` as JSON."""


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of diffusion model.

    latent_scale, latent_shift: the network works on (latent - shift) * scale
    prediction: what the network of most members predicts; None where the family comes in several kinds
    loads: whether this version can load its networks (all others are recognised by name only)
    colours: for each latent channel its share of red, green and blue in -1..1, of scaled latents, for previews; a last
             row more than there are channels is added to all; empty where nobody has worked them out
    """

    name: str
    title: str
    latent_channels: int
    latent_scale: float
    latent_shift: float = 0.0
    prediction: str | None = "eps"
    loads: bool = False
    colours: Colours = ()


FAMILIES = {
    family.name: family
    for family in (
        Family("sd1", "Stable Diffusion 1", 4, 0.18215, loads=True, colours=SD1_COLOURS),
        Family("sd2", "Stable Diffusion 2", 4, 0.18215, prediction=None),
        Family("sdxl", "Stable Diffusion XL", 4, 0.13025),
        Family("sdxl_refiner", "Stable Diffusion XL refiner", 4, 0.13025),
        Family("sd3", "Stable Diffusion 3", 16, 1.5305, 0.0609, prediction="flow"),
        Family("flux", "Flux", 16, 0.3611, 0.1159, prediction="flow"),
    )
}
"""Scales as the families' own autoencoder configurations give them."""


def colours_in(metadata: Mapping[str, str], channels: int) -> Colours | None:
    """The colours that a checkpoint brings; None where it brings none, or none of the right form."""
    try:
        rows = json.loads(metadata.get(COLOURS_KEY, ""))
        colours = tuple((float(red), float(green), float(blue)) for red, green, blue in rows)
    except (ValueError, TypeError):
        return None
    return colours if len(colours) in (channels, channels + 1) else None


def loadable() -> str:
    """The titles of the families that can be loaded, for messages."""
    return ", ".join(family.title for family in FAMILIES.values() if family.loads)
