"""`latent_preview`: pictures of a run under way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PIL import Image
from torch import Tensor

from darkroom.diffusion import preview
from darkroom.packs import current
from darkroom.packs.lacking import lacking

MAX_PREVIEW_RESOLUTION = 512


class LatentPreviewer:
    """Makes a picture of a latent, scaled as the network sees it."""

    def decode_latent_to_preview(self, x0: Tensor) -> Image.Image:
        raise NotImplementedError("a previewer of a pack says how itself")

    def decode_latent_to_preview_image(self, preview_format: str, x0: Tensor) -> tuple[str, Image.Image, int]:
        """(format, picture, longest side to show it with), as ProgressBar takes it."""
        return "JPEG", self.decode_latent_to_preview(x0), MAX_PREVIEW_RESOLUTION


class Latent2RGBPreviewer(LatentPreviewer):
    """A linear map from channels to colours. latent_rgb_factors: a row of red, green, blue for each channel"""

    def __init__(self, latent_rgb_factors: Any, latent_rgb_factors_bias: Any = None, *args: Any) -> None:
        rows = [tuple(row) for row in latent_rgb_factors or ()]
        self.colours = (*rows, tuple(latent_rgb_factors_bias)) if latent_rgb_factors_bias else tuple(rows)

    def decode_latent_to_preview(self, x0: Tensor) -> Image.Image:
        return preview.picture(x0, self.colours)


def get_previewer(device: Any, latent_format: Any) -> LatentPreviewer:
    """The previewer for a latent format."""
    return Latent2RGBPreviewer(
        getattr(latent_format, "latent_rgb_factors", None), getattr(latent_format, "latent_rgb_factors_bias", None)
    )


def prepare_callback(
    model: Any, steps: int, x0_output_dict: dict[str, Any] | None = None, *args: Any
) -> Callable[[int, Tensor, Tensor, int], None]:
    """A function for each step of a sampler, called as (step, x0, x, steps), which reports progress with a preview."""
    colours = model.family.colours

    def report(step: int, x0: Tensor, x: Tensor, total_steps: int) -> None:
        if x0_output_dict is not None:
            x0_output_dict["x0"] = x0
        current.report(step + 1, total_steps, preview.picture(x0, colours))

    return report


__getattr__ = lacking("latent_preview")
