"""Sizes of pictures and latents, worked out beforehand; torch is not needed."""

from __future__ import annotations

LATENT_FACTOR = 8
"""Pixels per latent pixel, on each side."""

SMALLEST = 64
"""A size in pixels below this is raised to it when a latent is scaled to a given size."""


def fit(width: int, height: int, of: tuple[int, int]) -> tuple[int, int]:
    """Fill in a side given as 0 so that the aspect ratio of `of` (width, height) stays; both 0 give `of`."""
    if width == 0 and height == 0:
        return of
    if width == 0:
        return max(1, round(of[0] * height / of[1])), height
    if height == 0:
        return width, max(1, round(of[1] * width / of[0]))
    return width, height


def fit_latent(width: int, height: int, of: tuple[int, int]) -> tuple[int, int]:
    """The same for a latent that stands for `of` pixels: whole latent pixels, and not too few of them."""
    if width == 0 and height == 0:
        return of
    width, height = (side and max(SMALLEST, side) for side in (width, height))
    width, height = fit(width, height, of)
    return whole(max(SMALLEST, width)), whole(max(SMALLEST, height))


def times(side: int, factor: float) -> int:
    """A side multiplied, in whole pixels; at least one stays."""
    return max(1, round(side * factor))


def whole(side: int) -> int:
    """Pixels, of those on a side, that a latent can hold."""
    return side // LATENT_FACTOR * LATENT_FACTOR
